"""What kinds of entries there are, and what of an audit entry may be told.

A field that is not listed is told to nobody: what somebody adds to the audit trail tomorrow is
hidden until it stands here, with the field whose permission guards it.
"""

from typing import Literal

from ..errors import Invalid
from ..texts import Text

Kind = Literal[
    "visit", "follow_up", "comment", "attachment", "plan",
    "change", "contact", "ownership", "share", "merge",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "visit", "follow_up", "comment", "attachment", "plan",
    "change", "contact", "ownership", "share", "merge",
)  # fmt: skip


class TimelineKindUnknown(Invalid):
    sentence = Text(
        "动态里没有「{kind}」这一类，可选：{known}。",
        "The timeline has no kind {kind}. Known kinds: {known}.",
    )


# Audited actions by kind; whatever else happened to a customer is a change of it.
ACTIONS: dict[Kind, tuple[str, ...]] = {
    "contact": ("contact.added", "contact.edited", "contact.moved", "contact.removed"),
    "ownership": (
        "customer.claimed",
        "customer.allocated",
        "customer.assigned",
        "customer.handed_over",
        "customer.released",
        "customer.recycled",
        "customer.undone",
        "customer.protected",
        "customer.unprotected",
        "customer.extension_asked",
        "customer.extension_granted",
        "customer.extension_refused",
    ),
    "share": ("customer.shared", "customer.unshared"),
    "merge": ("customer.merged", "customer.merged_into", "customer.parted", "customers.told_apart"),
}
KIND_OF: dict[str, Kind] = {action: kind for kind, actions in ACTIONS.items() for action in actions}
AUDITED: tuple[Kind, ...] = ("change", *ACTIONS)

# Fields of a customer or a contact that may be told, and what guards each ("": nothing).
GUARD_OF: dict[str, str] = {
    "name": "",
    "customer_kind": "",
    "type": "",
    "level": "",
    "lifecycle_stage": "",
    "place_class": "",
    "radius_m": "",
    "city": "",
    "source": "",
    "is_branch": "",
    "external_id": "",
    "tags": "",
    "phone": "phone",
    "email": "email",
    "credit_code": "credit_code",
    "address": "address",
    "note": "note",
    "contact": "",
    "title": "",
    "role": "",
    "attitude": "",
    "is_main": "",
    "owner_id": "",
    "member_id": "",
    "access": "",
    "reason": "",
    "until": "",
}
MEMBERS = ("owner_id", "member_id")  # told by name
# Fields with a history of their own: those of the customer itself.
WITH_HISTORY = tuple(
    name for name in GUARD_OF
    if name not in (
        "contact", "title", "role", "attitude", "is_main", "member_id", "access", "reason", "until",
    )
)  # fmt: skip


# Fields of a contact with a history of their own, beside those that his company made.
OF_CONTACTS = ("name", "title", "role", "attitude", "phone", "is_main")


def kind_of(action: str) -> Kind:
    """The kind of an audited action."""
    return KIND_OF.get(action, "change")
