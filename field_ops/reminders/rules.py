"""What a reminder rule is. The domains write the rules; the timetable lists them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..host.messages import Wording
from ..work import Work


@dataclass(frozen=True, slots=True)
class Due:
    """A promise whose time has come. What `subject_id` names, the rule knows."""

    tenant_id: int
    id: str
    rule: str
    subject_id: str
    member_id: str
    due_at: datetime
    attempts: int


def subject_of(rule: str, subject_id: str) -> str:
    """What the message of a reminder is about, for whoever settles its card."""
    return f"{rule}-{subject_id}"


Messages = Callable[[Work, Sequence[Due]], Awaitable[Mapping[str, Wording]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`messages` turns a batch of one company's reminders into what is said, by reminder id.

    It looks at the facts of now: a reminder that it leaves out has nothing to say any more. `name`
    is also the kind of the message.
    """

    name: str
    messages: Messages
