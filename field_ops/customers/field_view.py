"""Fields of a customer where rows are shown and where changes come in."""

from typing import Any

from ..access.fields import GUARDED, Eyes, Held, eyes_of, masked
from ..access.roles import FieldLevel
from ..work import Work
from .errors import FieldNotYours
from .models import Customer


def guarded(eyes: Eyes, customer: Held) -> dict[str, str]:
    """Which fields are not open, and how far they are."""
    levels = {name: eyes.level(name, customer) for name in GUARDED}
    return {name: level.name.lower() for name, level in levels.items() if level < FieldLevel.EDIT}


def refuse_guarded(
    work: Work, customer: Held, wanted: dict[str, Any], present: Any = None
) -> dict[str, Any]:
    """What may be changed of what is wanted; raises FieldNotYours for the rest.

    `present` is the row that is changed: the customer, or a contact of it. A field that comes back
    as it was shown, masked or not, is no change: pages send whole forms.
    """
    eyes, allowed = eyes_of(work), dict(wanted)
    for name in GUARDED:
        if name not in wanted or eyes.level(name, customer) is FieldLevel.EDIT:
            continue
        value = getattr(present, name, "")
        if wanted[name] in (value, masked(value), eyes.text(name, customer, value)):
            del allowed[name]
        else:
            raise FieldNotYours(field=name)
    return allowed


def phone_shown(work: Work, customer: Customer, phone: str) -> str:
    """A phone of this customer for a sentence or a card."""
    return eyes_of(work).text("phone", customer, phone)
