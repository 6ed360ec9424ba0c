"""What was typed is marked in the name as it is written."""

import pytest

from field_ops.customers.highlights import written_span
from field_ops.customers.matching import match
from field_ops.customers.names import matching_form
from field_ops.customers.questions import read_question


@pytest.mark.parametrize(
    ("name", "typed", "marked"),
    [
        ("武汉华联超市", "华联", "华联"),
        ("華聯（光谷）超市", "华联光", "華聯（光"),
        ("ＫＦＣ 餐厅", "kfc餐", "ＫＦＣ 餐"),
        ("武汉华联超市", "hlcs", "华联超市"),
        ("武汉华联超市", "hualianch", "华联超"),
        ("🍺华联", "华联", "华联"),
    ],
)
def test_what_was_typed_is_marked(name: str, typed: str, marked: str) -> None:
    found = match(read_question(typed), (), matching_form(name), "", "")
    assert found is not None
    span = written_span(name, found.span)
    assert span is not None and name[slice(*span)] == marked


def test_a_name_whose_characters_melt_together_is_not_marked() -> None:
    assert written_span("e\u0301clair", (0, 2)) is None


def test_a_contact_is_not_in_the_name() -> None:
    assert written_span("华联", None) is None
