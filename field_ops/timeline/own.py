"""Fields that a company made, in the past of a customer or a contact: by name, as far as one sees
them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..access.roles import FieldLevel
from ..custom_fields.fields import Field
from ..custom_fields.models import CUSTOMER
from ..custom_fields.sight import OwnEyes, own_eyes
from ..customers.own_fields import names_in
from ..history.models import AuditEntry
from ..work import Work

PREFIX = "custom."  # as `own_fields.audited` calls them


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Values of own fields in the words of one reader; `names` of the ids that are in them."""

    eyes: OwnEyes
    names: Mapping[str, str]
    language: str

    def field(self, name: str) -> Field | None:
        """The field behind `custom.…`; None for one that is not there any more."""
        found = self.eyes.fields.by_key.get(name.removeprefix(PREFIX))
        is_there = name.startswith(PREFIX) and found is not None and not found.is_archived
        return found if is_there else None

    def label(self, field: Field) -> str:
        return field.label.say(self.language)

    def level(self, field: Field, owner_id: str | None) -> FieldLevel:
        return self.eyes.level(field.key, owner_id)

    def value(self, field: Field, owner_id: str | None, value: Any) -> str | bool | None:
        """A value that was stored, as the page would show it to this reader."""
        shown = self.eyes.shown_value(field, owner_id, value)
        match shown:
            case None | bool():
                return shown
            case list():
                return ", ".join(self._word(field, one) for one in shown)
            case dict():
                return " ".join(str(one) for one in shown.values() if one)
        return self._word(field, shown)

    def _word(self, field: Field, value: Any) -> str:
        if field.kind.is_reference:
            return self.names.get(str(value), "")
        option = field.spec.option(str(value))
        return option.label.text.say(self.language) if option else str(value)


async def own_words(work: Work, entries: Iterable[AuditEntry], of: str = CUSTOMER) -> OwnWords:
    """For telling these entries, which are about customers or about contacts, to the actor."""
    eyes = await own_eyes(work, of)
    mentioned = [
        {name.removeprefix(PREFIX): one}
        for entry in entries
        for name, pair in entry.change.items()
        if name.startswith(PREFIX)
        for one in pair
        if isinstance(one, str)
    ]
    names = await names_in(work, eyes.fields, mentioned) if mentioned else {}
    return OwnWords(eyes, names, work.actor.language)
