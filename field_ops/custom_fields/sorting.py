"""Records in the order of a field of a company's own: `shop_area`, or `-shop_area` from the top.

Numbers and dates go by their size, texts as they are compared, choices in the order of their
options (of several by the first). Records without a value come last, whichever way it goes; so do
those whose value the asker does not see, for their place would tell it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ..access.fields import STATES
from ..access.roles import FieldLevel
from ..texts import Text
from .errors import FilterWrong
from .fields import Field
from .filters import UNKNOWN
from .models import FieldValue
from .sight import OwnEyes

FALLING = "-"
LARGEST = 1 << 63
NOT_SORTABLE = Text("这种字段不能排序", "its type has no order")
NO_ORDER = frozenset({"long_text", "member", "department", "customer"})
BY_NUMBER = frozenset({"number", "integer", "score", "yes_no"})
# A row of its own: filters ask for other fields of the same records.
sorted_by = aliased(FieldValue, name="sorted_by")


@dataclass(frozen=True, slots=True)
class Order:
    """`there` joins `sorted_by` to the records that have a value; `keys` are what they go by."""

    there: ColumnElement[bool]
    keys: tuple[Any, ...]
    falls: bool

    def knows(self, values: object) -> bool:
        """Whether a record could stand there."""
        return (
            isinstance(values, list)
            and [type(one) for one in values] == [key.type.python_type for key in self.keys]
            and not any("\0" in one if type(one) is str else abs(one) >= LARGEST for one in values)
        )

    def by(self, record_id: InstrumentedAttribute[str]) -> list[ColumnElement[Any]]:
        columns = (*self.keys, record_id)
        return [one.desc() if self.falls else one.asc() for one in columns]

    def behind(
        self, record_id: InstrumentedAttribute[str], values: Sequence[Any], last: str
    ) -> ColumnElement[bool]:
        """Those that come after the record `last` with these values."""
        place, reached = tuple_(*self.keys, record_id), (*values, last)
        return place < reached if self.falls else place > reached


def order_of(
    eyes: OwnEyes,
    written: str,
    tenant_id: int,
    record_id: InstrumentedAttribute[str],
    owner_id: InstrumentedAttribute[str | None],
) -> Order:
    """Raises FilterWrong."""
    key = written.removeprefix(FALLING)
    field = eyes.fields.by_key.get(key)
    if field is None or field.is_archived:
        raise FilterWrong(field=key, why=UNKNOWN)
    seen = [state for state in STATES if eyes.levels[key, state] >= FieldLevel.READ]
    if not seen:
        raise FilterWrong(field=key, why=UNKNOWN)
    if field.type in NO_ORDER:
        raise FilterWrong(field=key, why=NOT_SORTABLE)
    there = and_(
        sorted_by.tenant_id == tenant_id,
        sorted_by.field == field.number,
        sorted_by.record_id == record_id,
        sorted_by.place == 0,
    )
    if len(seen) < len(STATES):
        there = and_(there, owner_id.is_(None) if "pool" in seen else owner_id.is_not(None))
    return Order(there, _keys(field), written.startswith(FALLING))


def _keys(field: Field) -> tuple[Any, ...]:
    if field.type in BY_NUMBER:
        return (sorted_by.number,)
    if field.type == "money":  # amounts of one currency beside each other
        return (sorted_by.text, sorted_by.number)
    if field.type in ("choice", "choices"):
        places = {one.key: at for at, one in enumerate(field.spec.options)}
        return (case(places, value=sorted_by.text, else_=len(places)),)
    return (sorted_by.text,)
