"""A refusal is a sentence for a person, in both languages, whose facts are there."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from field_ops.errors import Conflict, Invalid, Refusal
from field_ops.texts import Text
from tests.architecture.repository import import_everything, our_sources

ONLY_KINDS = (Conflict, Invalid)  # nobody raises these; their subclasses have the sentences
WORD = re.compile(r"[a-z][a-z0-9_]*")
NOT_FOR_PEOPLE = re.compile(r"异常|错误码|\b(4\d\d|5\d\d)\b|Exception|Error\b|null\b|None\b")


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal that exists, `kind` itself too."""
    import_everything()
    yield kind
    for further in kind.__subclasses__():
        yield from refusals(further)


REFUSALS = sorted({r for r in refusals() if r not in ONLY_KINDS}, key=lambda r: r.__name__)


def facts_in(sentence: Text) -> set[str]:
    both = (sentence.zh, sentence.en)
    return {name for side in both for _, name, _, _ in Formatter().parse(side) if name is not None}


def raised() -> dict[str, list[set[str | None]]]:
    """With which facts each refusal is made, wherever our code makes one; None stands for `**`."""
    found: dict[str, list[set[str | None]]] = {refusal.__name__: [] for refusal in REFUSALS}
    for _, module in our_sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found.get(name, []).append({keyword.arg for keyword in node.keywords})
    return found


RAISED = raised()


@pytest.fixture(params=REFUSALS, ids=lambda refusal: refusal.__name__)
def refusal(request: pytest.FixtureRequest) -> type[Refusal]:
    found: type[Refusal] = request.param
    return found


def test_a_refusal_has_its_own_sentence_in_both_languages(refusal: type[Refusal]) -> None:
    assert "sentence" in vars(refusal)
    assert isinstance(refusal.sentence, Text), 'write Text("…", "…") of field_ops/texts.py'
    assert refusal.sentence.zh.endswith(("。", "}"))
    assert refusal.sentence.en.endswith((".", "?", "}"))


def test_its_sentences_can_be_said(refusal: type[Refusal]) -> None:
    facts = facts_in(refusal.sentence)
    assert all(WORD.fullmatch(fact) for fact in facts), facts
    made = refusal(**dict.fromkeys(facts, 7))
    for said in (made.say("zh"), made.say("en")):
        assert "{" not in said and "}" not in said
        assert not NOT_FOR_PEOPLE.search(said)


def test_somebody_raises_it(refusal: type[Refusal]) -> None:
    assert RAISED[refusal.__name__] or refusal is Refusal, "nobody can ever read this sentence"


def test_whoever_raises_it_gives_the_facts(refusal: type[Refusal]) -> None:
    facts = facts_in(refusal.sentence)
    places = RAISED[refusal.__name__]
    assert [given for given in places if not facts <= given and None not in given] == []


def test_no_two_refusals_have_one_code() -> None:
    codes = [refusal().code for refusal in REFUSALS]
    assert len(codes) == len(set(codes))
