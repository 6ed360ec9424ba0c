"""What fits what, before any database."""

import pytest

from field_ops.customers.matching import BEGINS, WITHIN, match, read_at
from field_ops.customers.questions import read_question
from field_ops.customers.terms import Document, terms_of

NUMBER = 123
HUALIAN = Document(
    name="武汉华联超市重庆路店",
    contacts=("王经理", "solomon"),
    phones=("13800138000", "02785551234"),
    owner_id="01member",
)

FITS = [
    ("华", "name"),
    ("联超", "name"),
    ("重庆路", "name"),
    ("hlcs", "pinyin"),
    ("whhl", "pinyin"),
    ("hualian", "pinyin"),
    ("hualianch", "pinyin"),
    ("hl超市", "pinyin"),
    ("华lian", "pinyin"),
    ("chongqing", "pinyin"),
    ("zhongqing", "pinyin"),
    ("8000", "phone"),
    ("138 0013", "phone"),
    ("+86 138-0013-8000", "phone"),
    ("027-8555", "phone"),
    ("王经理", "contact"),
    ("wjl", "contact"),
    ("solo", "contact"),
    ("c-000123", "number"),
    ("C123", "number"),
    ("123", "number"),
    ("华联 王", "name"),
    ("HLCS 8000", "phone"),
]


@pytest.mark.parametrize(("typed", "on"), FITS)
def test_a_customer_is_found_by(typed: str, on: str) -> None:
    found = match(read_question(typed), *_row(HUALIAN))
    assert found is not None and found.on == on


@pytest.mark.parametrize(("typed", "on"), FITS)
def test_whatever_fits_is_proposed_by_the_index(typed: str, on: str) -> None:
    terms = terms_of(HUALIAN)
    assert all(
        word.number == NUMBER
        or any(
            all(any(term in terms for term in group) for group in alternative)
            for alternative in word.alternatives
        )
        for word in read_question(typed)
    )


@pytest.mark.parametrize("typed", ["联华", "hlsc", "9000", "124", "lianhua", "华联 李", "w王"])
def test_a_customer_is_not_found_by(typed: str) -> None:
    assert match(read_question(typed), *_row(HUALIAN)) is None


@pytest.mark.parametrize("typed", ["", "  ", "（）", "--"])
def test_punctuation_is_no_question(typed: str) -> None:
    assert read_question(typed) == ()


def test_a_name_that_begins_so_says_so() -> None:
    beginning = match(read_question("whhl"), *_row(HUALIAN))
    middle = match(read_question("hlcs"), *_row(HUALIAN))
    assert beginning is not None and beginning.how == BEGINS
    assert middle is not None and middle.how == WITHIN


def test_green_is_typed_with_v_or_u() -> None:
    assert read_at("lvdi", "绿地集团") == read_at("ludi", "绿地集团") == (0, 2)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("a" * 100, True),
        ("ha" * 50, False),
        ("zhuang" * 16, False),
        ("啊" * 100, True),
        ("x" * 99 + "i", False),
    ],
)
def test_a_hostile_question_costs_little(typed: str, fits: bool) -> None:
    words = read_question(typed)
    assert all(len(word.alternatives) < 50 for word in words)
    found = match(words, (1,), "啊" * 200, "\n".join(["无" * 100] * 20), "")
    assert (found is not None) == fits


def _row(document: Document) -> tuple[tuple[int, ...], str, str, str]:
    contacts, phones = "\n".join(document.contacts), " ".join(document.phones)
    return (NUMBER,), document.name, contacts, phones
