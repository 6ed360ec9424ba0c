"""Filters over fields of a company's own, as conditions for the database.

    [{"field": "shop_area", "op": "gte", "value": "100"}, {"field": "brand", "op": "any_of",
      "value": ["nike", "puma"]}]

All of them must hold. What somebody does not see of a field he cannot ask for either: a filter on
it holds only where he sees the value, such as for owned customers.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Select, and_, exists, not_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from ..access.fields import STATES
from ..access.roles import FieldLevel
from ..http.schemas import In
from ..texts import Text
from .errors import FilterWrong
from .fields import Field as OwnField
from .models import FieldValue
from .sight import OwnEyes
from .spec import FieldValueIn, Key
from .types import KINDS, MOST_TEXT, NOT_OFFERED, NOT_TEXT, Operator, Value, Wrong, folded

BEHIND = "\U0010ffff"  # behind everything that begins alike
MOST_VALUES = 100
OF_WHAT_IS_NOT_THERE = frozenset({"empty", "none_of"})

UNREADABLE = Text("要用 JSON 列表来写", "it must be a list in JSON")
UNKNOWN = Text("没有这个字段", "there is no such field")
NOT_FOR_TYPE = Text("这种字段不能这样筛选", "its type cannot be asked for so")
TOO_MANY = Text("值太多", "it has too many values")


class Condition(In):
    """One filter. `value` is as the field has it; a list for `any_of`, `all_of`, `none_of`."""

    field: Key
    op: Operator
    value: FieldValueIn = None


READER = TypeAdapter(list[Condition])
Conditions = Sequence[Condition]


def read_conditions(written: str) -> Conditions:
    """From the query of a request. Raises FilterWrong."""
    if not written:
        return ()
    try:
        return READER.validate_json(written)[:20]
    except ValidationError as failure:
        raise FilterWrong(field="custom", why=UNREADABLE) from failure


def conditions_for(
    eyes: OwnEyes,
    wanted: Conditions,
    tenant_id: int,
    record_id: InstrumentedAttribute[str],
    owner_id: InstrumentedAttribute[str | None],
) -> Iterator[ColumnElement[bool]]:
    """For a query of the records. Raises FilterWrong."""
    for one in wanted:
        field = eyes.fields.by_key.get(one.field)
        if field is None or field.is_archived:
            raise FilterWrong(field=one.field, why=UNKNOWN)
        seen = [state for state in STATES if eyes.levels[field.key, state] >= FieldLevel.READ]
        if not seen:
            raise FilterWrong(field=one.field, why=UNKNOWN)
        if one.op not in field.kind.operators:
            raise FilterWrong(field=one.field, why=NOT_FOR_TYPE)
        try:
            holds = _Asked(field, tenant_id).holds(record_id, one.op, one.value)
        except Wrong as failure:
            raise FilterWrong(field=one.field, why=failure.why) from failure
        if len(seen) == len(STATES):
            yield holds
        else:
            yield and_(owner_id.is_(None) if "pool" in seen else owner_id.is_not(None), holds)


def records_for(eyes: OwnEyes, wanted: Conditions, tenant_id: int) -> Iterator[Select[str]]:
    """For each condition that asks for something that is there, the records that have it, whoever
    may see it. For conditions that `conditions_for` took."""
    for one in wanted:
        if one.op not in OF_WHAT_IS_NOT_THERE:
            yield _Asked(eyes.fields.by_key[one.field], tenant_id).records(one.op, one.value)


class _Asked:
    """One field that is asked for."""

    def __init__(self, field: OwnField, tenant_id: int) -> None:
        self._field = field
        self._its_rows = (FieldValue.tenant_id == tenant_id, FieldValue.field == field.number)

    def holds(
        self, record_id: InstrumentedAttribute[str], op: Operator, value: Value
    ) -> ColumnElement[bool]:
        def there(how: ColumnElement[bool]) -> ColumnElement[bool]:
            return exists().where(*self._its_rows, FieldValue.record_id == record_id, how)

        match op:
            case "empty":
                return not_(there(true()))
            case "none_of":
                return not_(there(self._any(value)))
            case "all_of":
                return and_(*(there(self._is(one)) for one in _several(value)))
        return there(self._row(op, value))

    def records(self, op: Operator, value: Value) -> Select[str]:
        """Of every one of several values: those that have the first of them."""
        how = self._is(_several(value)[0]) if op == "all_of" else self._row(op, value)
        return select(FieldValue.record_id).where(*self._its_rows, how)

    def _row(self, op: Operator, value: Value) -> ColumnElement[bool]:
        """What the row is like of a record for which this holds."""
        match op:
            case "is":
                return self._is(value)
            case "any_of":
                return self._any(value)
            case "contains" | "begins":
                return self._like(op, value)
            case "gte" | "lte":
                return self._beyond(op, value)
        return true()

    def _is(self, value: Value) -> ColumnElement[bool]:
        """Of a choice of several: that it is among them."""
        if self._field.type == "choices":
            if not isinstance(value, str) or self._field.spec.option(value) is None:
                raise Wrong(NOT_OFFERED)
            return FieldValue.text == value
        text, number = self._compared(value)
        same = [FieldValue.text == text] if text is not None else []
        if number is not None:
            same.append(FieldValue.number == number)
        return and_(*same)

    def _any(self, value: Value) -> ColumnElement[bool]:
        """All types that are asked for so are found by a text."""
        if self._field.type == "choices":
            keys = [option.key for option in self._field.spec.options]
            texts = _several(value)
            if not set(texts) <= set(keys):
                raise Wrong(NOT_OFFERED)
        else:
            texts = [self._compared(one)[0] for one in _several(value)]
        return FieldValue.text.in_(texts)

    def _beyond(self, op: Operator, value: Value) -> ColumnElement[bool]:
        text, number = self._compared(value)
        if number is None:
            column: Any = FieldValue.text
            return column >= text if op == "gte" else column <= text  # type: ignore[no-any-return]
        column = FieldValue.number
        same = [FieldValue.text == text] if text is not None else []
        return and_(*same, column >= number if op == "gte" else column <= number)

    def _like(self, op: Operator, value: Value) -> ColumnElement[bool]:
        if self._field.type == "region":
            begin = next(iter(self._field.kind.rows(self._read(value))))[0] or ""
        elif not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
            raise Wrong(NOT_TEXT)
        elif self._field.type == "phone":
            begin = "".join(filter(str.isdecimal, value))
        else:
            begin = folded(value)
        if op == "contains":
            return FieldValue.text.contains(begin, autoescape=True)
        return and_(FieldValue.text >= begin, FieldValue.text < begin + BEHIND)

    def _compared(self, value: Value) -> tuple[str | None, int | None]:
        return next(iter(self._field.kind.rows(self._read(value))))

    def _read(self, value: Value) -> Value:
        """As it would be kept, whatever the rules for new values are."""
        spec = self._field.spec
        free = spec.model_copy(
            update={
                "min": None, "max": None, "decimals": None, "pattern": "",
                "min_length": None, "max_length": None,
            }
        )  # fmt: skip
        if self._field.type == "yes_no" and value in ("yes", "no"):
            return value == "yes"
        if self._field.type == "score":
            return int(Decimal(KINDS["integer"].read(free, value)))
        return self._field.kind.read(free, value)


def _several(value: Value) -> list[Value]:
    values = value if isinstance(value, list) else [value]
    if not values or len(values) > MOST_VALUES:
        raise Wrong(TOO_MANY)
    return values
