"""How far the actor sees the fields of a company's own: computed once for an answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..access.fields import STATES, State, masked, roles_that_look
from ..access.roles import FieldLevel
from ..work import Work
from .fields import Field, Fields, fields_for
from .types import Value

STARS = "***"
WRITTEN = frozenset({"text", "long_text", "phone", "email", "url", "barcode"})


@dataclass(frozen=True, slots=True)
class OwnEyes:
    """As `access.fields.Eyes`, for fields that a company made."""

    fields: Fields
    levels: Mapping[tuple[str, State], FieldLevel]

    def level(self, key: str, owner_id: str | None) -> FieldLevel:
        return self.levels.get((key, state_of(owner_id)), FieldLevel.HIDDEN)

    def shown_value(self, field: Field, owner_id: str | None, value: Value) -> Value:
        """The value as this person sees it; None for one that is empty or hidden."""
        level = self.level(field.key, owner_id)
        if level is FieldLevel.HIDDEN or value is None:
            return None
        if level is not FieldLevel.MASKED:
            return value
        return masked(value) if field.type in WRITTEN else STARS

    def shown(self, owner_id: str | None, values: Mapping[str, Value]) -> dict[str, Value]:
        """What this person sees of a record's values; what is empty or archived is left out."""
        shown = {
            one.key: self.shown_value(one, owner_id, values.get(one.key))
            for one in self.fields.present
        }
        return {key: value for key, value in shown.items() if value is not None}

    def guarded(self, owner_id: str | None) -> dict[str, str]:
        """Which fields are not open, and how far they are, as `custom.…`."""
        levels = {one.key: self.level(one.key, owner_id) for one in self.fields.present}
        return {
            f"custom.{key}": level.name.lower()
            for key, level in levels.items()
            if level < FieldLevel.EDIT
        }


def state_of(owner_id: str | None) -> State:
    return "pool" if owner_id is None else "owned"


async def own_eyes(work: Work, of: str, *, until_commit: bool = False) -> OwnEyes:
    """`until_commit`: as for `fields_for`."""
    fields = await fields_for(work, of, until_commit=until_commit)
    roles = roles_that_look(work)
    levels = {
        (one.key, state): one.level(roles, state) for one in fields.present for state in STATES
    }
    return OwnEyes(fields, levels)
