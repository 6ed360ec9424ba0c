"""Values of a company's own fields as cells of a spreadsheet: written, and read again.

columns = columns_of(eyes)                      what there is, in its order
cell = cell_of(field, value, language, names)   for an export
value = value_from_text(field, "120.5㎡", named, work.zone)   for an import
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..access.roles import FieldLevel
from ..people.models import Department, Member
from ..texts import Text
from ..work import Work
from .errors import FieldValueWrong
from .fields import Field
from .sight import OwnEyes
from .types import Value, Wrong, folded
from .values import read_one

YES, NO = Text("是", "yes"), Text("否", "no")
BETWEEN = Text("、", ", ")
SEVERAL = re.compile(r"[、，,;；|\n]+")
DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?")
MOMENT = re.compile(DAY.pattern + r"[\sT]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
AMOUNT = re.compile(
    r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<number>[-+0-9.,]+)\s*(?P<after>[A-Za-z]{3})?"
)
SIGNS = str.maketrans("", "", "¥￥$€")
YESES = frozenset({"是", "有", "对", "yes", "y", "true", "1", "√"})
NOES = frozenset({"否", "无", "没有", "不", "no", "n", "false", "0", "×"})

UNKNOWN_NAME = Text("「{name}」没有找到", "has a name that was not found: {name}")
NAMESAKES = Text("「{name}」有 {count} 个同名", "has a name that {count} have: {name}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a company's own field brings. `names` are all its titles, as people write."""

    field: Field
    title: Text
    names: tuple[str, ...]
    is_required: bool
    may_be_filled: bool

    @property
    def is_written(self) -> bool:
        """Somebody types it freely: there may be anything in it."""
        return self.field.type in ("text", "long_text")


def columns_of(eyes: OwnEyes) -> list[Column]:
    """One for each field that the actor sees of owned customers, in their order."""
    return [
        Column(
            one,
            one.label,
            tuple(dict.fromkeys((one.label.zh, one.label.en, one.key))),
            one.spec.required,
            eyes.levels[one.key, "owned"] is FieldLevel.EDIT,
        )
        for one in eyes.fields.present
        if eyes.levels[one.key, "owned"] is not FieldLevel.HIDDEN
    ]


def cell_of(field: Field, value: Value, language: str, names: Mapping[str, str]) -> str:
    """A value as it is shown (`OwnEyes.shown_value`) in a cell; `names` of the ids in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return (YES if value else NO).say(language)
    if isinstance(value, dict):
        usual = value["currency"] == field.spec.currencies[0]
        return value["amount"] if usual else f"{value['amount']} {value['currency']}"
    if isinstance(value, list):
        if field.type == "region":
            return "/".join(value)
        return BETWEEN.say(language).join(_label(field, one, language) for one in value)
    if field.kind.is_reference:
        return names.get(value, "")
    return _label(field, value, language) if field.type == "choice" else str(value)


def value_from_text(
    field: Field, text: str, named: Mapping[str, Sequence[str]], zone: ZoneInfo
) -> Value:
    """What people meant by a cell that is not empty. `named` has the ids of what the field may
    name, by name; `zone` is where a clock without one hangs. Raises FieldValueWrong."""
    written = text.strip()
    if field.kind.is_reference:
        return _by_name(field, written, named)
    return read_one(field, _meant(field, written, zone))


async def ids_by_name(work: Work, type_: str, names: Iterable[str]) -> dict[str, list[str]]:
    """The active members, or the departments, that are called so."""
    table: Any = Member if type_ == "member" else Department
    present = Member.state == "active" if type_ == "member" else Department.removed_at.is_(None)
    found: dict[str, list[str]] = {}
    rows = await work.session.execute(
        select(table.name, table.id).where(
            table.tenant_id == work.tenant_id, table.name.in_(sorted(names)), present
        )
    )
    for name, id_ in rows:
        found.setdefault(name, []).append(id_)
    return found


def _label(field: Field, key: Any, language: str) -> str:
    option = field.spec.option(str(key))
    return option.label.text.say(language) if option else str(key)


def _meant(field: Field, text: str, zone: ZoneInfo) -> Value:
    match field.type:
        case "yes_no":
            word = folded(text)
            return True if word in YESES else False if word in NOES else text
        case "choice":
            return _option(field, text)
        case "choices":
            return [_option(field, one.strip()) for one in SEVERAL.split(text) if one.strip()]
        case "number" | "integer" | "score":
            return folded(text).removesuffix(folded(field.spec.unit)).strip()
        case "money":
            return _amount(text)
        case "date":
            return _day(text)
        case "moment":
            return _moment(text, zone)
        case "region":
            return [one for one in re.split(r"[/／\s>·-]+", text) if one]
    return text


def _option(field: Field, text: str) -> str:
    """By its label in either language, else by its key."""
    wanted = folded(text)
    for option in field.spec.options:
        if wanted in (folded(option.label.zh), folded(option.label.en or option.label.zh)):
            return option.key
    return text


def _amount(text: str) -> Value:
    """1,200.50, ¥1200, 1200 USD."""
    found = AMOUNT.fullmatch(text.translate(SIGNS).strip())
    if found is None:
        return text
    currency = found["before"] or found["after"]
    return {"amount": found["number"], **({"currency": currency.upper()} if currency else {})}


def _day(text: str) -> str:
    """2026-03-10, 2026/3/10, 2026年3月10日, 2026-03-10 00:00:00."""
    found = DAY.fullmatch(text.split(" ")[0].split("T")[0])
    if found is None:
        return text
    year, month, day = found.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _moment(text: str, zone: ZoneInfo) -> str:
    """2026-03-10 9:30, 2026/3/10 09:30:00, 2026-03-10T01:30:00Z: a day alone is no moment."""
    found = MOMENT.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return text
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone).isoformat()  # type: ignore[misc,arg-type]
    except ValueError:
        return text


def _by_name(field: Field, name: str, named: Mapping[str, Sequence[str]]) -> str:
    ids = named.get(name, ())
    if len(ids) != 1:
        reason = NAMESAKES if ids else UNKNOWN_NAME
        why = Wrong(reason, name=name[:40], count=len(ids)).why
        raise FieldValueWrong(field=field.label, key=field.key, why=why)
    return ids[0]
