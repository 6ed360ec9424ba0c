"""What a reader may know of a change: the values that his eyes would show him on the page."""

from collections.abc import Mapping
from typing import Any, cast

from ..access.fields import Eyes
from ..access.roles import FieldLevel
from ..customers.models import Customer
from .kinds import GUARD_OF, MEMBERS
from .own import OwnWords
from .schemas import ChangeOut, Guard, Value


class Teller:
    """Tells changes of one customer's fields to one reader.

    What guards a field today guards what it once held: the customer's present owner decides whether
    it is in the pool, as on its page. Phones are those of a list: masked unless it is close.
    """

    def __init__(
        self,
        eyes: Eyes,
        own: OwnWords,
        customer: Customer,
        name_of: Mapping[str, str],
        *,
        is_close: bool,
    ) -> None:
        self._eyes, self._own, self._customer, self._name_of = eyes, own, customer, name_of
        self._is_close = is_close

    def changes(self, change: Mapping[str, Any]) -> list[ChangeOut]:
        """What may be told of an audit entry's `change`; fields that nobody listed are left out."""
        told = []
        for name, pair in change.items():
            if self.knows(name) and isinstance(pair, list) and len(pair) == 2:
                before, after = (self.value(name, one) for one in pair)
                label, level = self.label(name), self.level(name)
                told.append(
                    ChangeOut(field=name, label=label, before=before, after=after, level=level)
                )
        return told

    def knows(self, name: str) -> bool:
        """Whether anything may be told of a field of this name."""
        return name in GUARD_OF or self._own.field(name) is not None

    def label(self, name: str) -> str:
        """What the company calls a field of its own; "" for the others."""
        own = self._own.field(name)
        return self._own.label(own) if own else ""

    def level(self, name: str) -> Guard:
        return cast(Guard, self._level(name).name.lower())

    def value(self, name: str, value: Any) -> Value:
        """One value of a field, as it is shown to this reader."""
        if own := self._own.field(name):
            return self._own.value(own, self._customer.owner_id, value)
        if name in MEMBERS:
            return None if value is None else self._name_of.get(str(value), "")
        guard = GUARD_OF[name]
        if isinstance(value, list):
            return ", ".join(str(one) for one in value) or None
        if not guard:
            return value if isinstance(value, str | int | float | bool) else None
        if value is None or self._level(name) is FieldLevel.HIDDEN:
            return None
        text = str(value)
        if guard == "phone":
            return self._eyes.phone_in_list(self._customer, text, is_close=self._is_close)
        return self._eyes.text(guard, self._customer, text)

    def _level(self, name: str) -> FieldLevel:
        if own := self._own.field(name):
            return self._own.level(own, self._customer.owner_id)
        guard = GUARD_OF[name]
        if not guard:
            return FieldLevel.READ
        level = self._eyes.level(guard, self._customer)
        is_listed = guard == "phone" and not self._is_close and level > FieldLevel.MASKED
        return FieldLevel.MASKED if is_listed else level
