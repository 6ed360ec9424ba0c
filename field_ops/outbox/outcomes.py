"""What is recorded of one attempt to hand a row to its host."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..host.errors import HostRefused
from ..host.platform import Receipt
from .claims import Claimed
from .models import OutboxMessage
from .revise import SETTLED, WAITED_FOR


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name` is counted: sent, revised, held, limited, busy, unavailable, unknown, refused, lapsed,
    given_up, credentials, no_platform, bug or put_back. `values` are written into the row."""

    name: str
    values: dict[str, Any]


# Back into the queue, as if nobody had taken it up.
UNTRIED: dict[str, Any] = {"state": "queued", "attempts": OutboxMessage.attempts - 1}


def sent(one: Claimed, receipt: Receipt, at: datetime, *, is_looked_at: bool = False) -> Outcome:
    """The host has it. `is_looked_at`: it will be asked what became of it."""
    values = {"state": "sent", "sent_at": at, "retry_at": None, "error": ""}
    if one.revises:
        return Outcome("revised", values)
    ids = {
        "host_message_id": receipt.host_message_id[:512],
        "revise_with": receipt.revise_with[:512],
        "delivery": "wanted" if is_looked_at else "",
    }
    return Outcome("sent", {**values, **ids})


def again(at: datetime, error: str) -> dict[str, Any]:
    """Try once more then."""
    return {"state": "queued", "retry_at": at, "error": error}


def nobody_knows(one: Claimed, at: datetime, error: str) -> Outcome:
    """It may have arrived. A change that may have is not said once more as a message: its code is
    good once, so the next try may be refused because this one arrived."""
    values = {**again(at, error), "state": "unknown"}
    return Outcome("unknown", {**values, "kind": SETTLED} if one.revises else values)


def refused(one: Claimed, failure: HostRefused) -> Outcome:
    """It will never succeed. A card that cannot be changed any more harms nobody, so that is no
    failure: who waits for it is told by a message."""
    if not one.revises:
        return Outcome("refused", {"state": "refused", "error": str(failure)})
    if one.kind == WAITED_FOR and one.host_user_id:
        as_message = {"revises": "", "revise_with": "", "line": one.host_user_id, "attempts": 0}
        return Outcome("lapsed", {**again(one.created_at, str(failure)), **as_message})
    return Outcome("lapsed", {"state": "lapsed", "error": str(failure)})
