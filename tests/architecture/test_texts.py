"""Whatever we say to people is said in two languages, and there is one way to write that down."""

import ast
import re
from collections.abc import Iterator, Set
from string import Formatter

import pytest

from tests.architecture.repository import ROOT, our_sources

CHINESE = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]")
WORD = re.compile(r"[^\W\d_]{2,}")
# Chinese that is heard, read or kept, not said: in these lists and functions of a file.
NOT_SAID: dict[str, Set[str]] = {
    "field_ops/http/examples.py": {"BY_NAME"},  # examples for developers
    "bot/phrases.py": {"said"},  # how people end a sentence
    "field_ops/calendar/work_days.py": {"SUBSTITUTE"},  # what the package writes
    "field_ops/custom_fields/columns.py": {  # how cells are filled in
        "SEVERAL", "SIGNS", "YESES", "NOES", "_meant",
    },
    "field_ops/custom_fields/types.py": {"PHONE"},  # how people write phones
    "field_ops/calendar/spoken_days.py": {
        "DIGITS", "WEEKDAYS", "NAMED", "NUMBER", "IN_DAYS", "OF_A_WEEK", "OF_A_MONTH",
        "OF_THIS_MONTH", "NEXT_MONTH", "END_OF_MONTH", "_in_days", "_of_a_week",
    },  # how people name a day
    "field_ops/follow_ups/reading.py": {
        "CALLED", "CHATTED", "WROTE", "MET", "LASTED", "CLAUSES", "read", "_lasted",
    },  # heard
    "field_ops/contacts/birthdays.py": {"LUNAR_MONTHS", "LUNAR_DAYS"},  # one side of a date
    "field_ops/customers/phones.py": {"EXTENSION", "SEVERAL"},  # how people write phones
    "field_ops/exchange/columns.py": {"NAMES", "ADDED"},  # how people head a column
    "field_ops/exchange/customer_rows.py": {
        "LEVELS", "TYPES", "PLACE_CLASSES", "DATUMS", "KINDS", "BRANCH",  # how cells are filled in
        "LETTER_FIRST", "REGION", "REGION_PARTS",
        "UNNAMED",  # a contact without a name is kept with this one
    },
    "field_ops/exchange/presets.py": {"PRESETS"},  # how programs head their columns
    "field_ops/exchange/tables.py": {"cell_text"},  # yes and no of a cell, as they are kept
    "field_ops/territories/areas.py": {"CITY"},  # the end of the name of a city
    "field_ops/http/pages.py": {"NOT_BUILT"},  # one page in both languages
    "field_ops/plans/messages.py": {"WEEKDAYS", "_named"},  # one side of a date
    "field_ops/tenants/models.py": {"UNNAMED_COMPANY"},  # kept as the company's name
    "field_ops/visits/photos.py": {"_watermark"},  # evidence has one language
    "integrations/wecom/attendance.py": {"OUTSIDE_KIND", "NOT_PUNCHED", "ABNORMAL"},  # read
    "integrations/wecom/payloads.py": {"_text"},  # the wide twin of a mark
}  # fmt: skip
NAMES_OF_THINGS = ("field_ops/customers/names.py", "field_ops/customers/places.py")
PLAYED = ("field_ops/demo/", "integrations/sandbox/")
FOR_DEVELOPERS_OR_HEARD = {"examples", "description", "phrases"}
MESSAGES = {"Notice", "Article", "Card", "Field", "Button"}
LEADS_SOMEWHERE = {"url"}
QUOTES_MENUS = "self_check"  # the hosts' consoles for administrators are in Chinese only


SOURCES = {
    name: module
    for name, module in ((str(p.relative_to(ROOT)), module) for p, module in our_sources())
    if not name.startswith((*PLAYED, *NAMES_OF_THINGS)) and "/simulator/" not in name
}
BUILD_MESSAGES = [
    name
    for name, module in SOURCES.items()
    if not name.startswith("integrations/")  # they take messages apart
    and any(
        isinstance(node, ast.ImportFrom) and (node.module or "").endswith("host.messages")
        for node in module.body
    )
]


def is_call_of(node: ast.AST, names: Set[str]) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in names


TEXTS = {
    f"{name}:{node.lineno}": node
    for name, module in SOURCES.items()
    for node in ast.walk(module)
    if isinstance(node, ast.Call) and is_call_of(node, {"Text"})
    if len(node.args) == 2 and all(isinstance(side, ast.Constant) for side in node.args)
}


def strings(node: ast.AST, leave_out: Set[str]) -> Iterator[ast.Constant]:
    """The strings in the code below this node: no docstrings, nothing in a `Text`, and nothing that
    is given to an argument of these names."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_left_out = isinstance(child, ast.keyword) and child.arg in leave_out
        if is_docstring or is_left_out or is_call_of(child, {"Text"}):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child
        yield from strings(child, leave_out)


def named(node: ast.AST) -> Set[str]:
    """What a function is called, or a list."""
    targets = [getattr(target, "id", "") for target in getattr(node, "targets", [])]
    return {getattr(node, "name", ""), *targets}


def chinese_in(node: ast.AST) -> list[str]:
    found = strings(ast.Module([node], []), FOR_DEVELOPERS_OR_HEARD)
    return [f"line {one.lineno}: {one.value}" for one in found if CHINESE.search(str(one.value))]


@pytest.mark.parametrize("name", SOURCES)
def test_chinese_stands_beside_its_english(name: str) -> None:
    exempt = NOT_SAID.get(name, set())
    said = [node for node in SOURCES[name].body if not named(node) & exempt]
    found = [chinese for node in said for chinese in chinese_in(node)]
    assert found == [], 'say it by Text("…", "…") of field_ops/texts.py'


@pytest.mark.parametrize(("name", "exempt"), NOT_SAID.items())
def test_what_is_exempt_is_there_and_needs_it(name: str, exempt: Set[str]) -> None:
    needing = [node for node in SOURCES[name].body if chinese_in(node)]
    assert exempt <= {called for node in needing for called in named(node)}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_says_the_same_in_both_languages(text: str) -> None:
    chinese, english = (str(ast.literal_eval(side)) for side in TEXTS[text].args)
    assert not CHINESE.search(english) or QUOTES_MENUS in text
    assert CHINESE.search(chinese) or "{" in chinese or not WORD.search(chinese)
    filled = [{name for _, name, _, _ in Formatter().parse(side)} for side in (chinese, english)]
    assert filled[0] - {None} == filled[1] - {None}


@pytest.mark.parametrize("name", BUILD_MESSAGES)
def test_the_words_of_a_message_come_from_a_text(name: str) -> None:
    """A literal in a card would be one language for everybody."""
    messages = [node for node in ast.walk(SOURCES[name]) if is_call_of(node, MESSAGES)]
    words = [word for message in messages for word in strings(message, LEADS_SOMEWHERE)]
    literal = {f"line {word.lineno}: {word.value}" for word in words if WORD.search(word.value)}
    assert literal == set()
