"""What became of a message after the host had accepted it, where the host can tell or undo that."""

from dataclasses import dataclass
from typing import Protocol

from .platform import Recipient


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the host knows of one message.

    `state` is `on_its_way`, `delivered`, `read`, `recalled`, or `dropped`: accepted and then not
    shown to the member, for a `reason` in the host's own words or codes.
    """

    state: str
    reason: str = ""


class Delivery(Protocol):
    @property
    def tells(self) -> bool:
        """Whether `look` is ever answered here."""
        ...

    async def look(self, to: Recipient, host_message_id: str) -> Delivered | None:
        """What became of a message to `to`; None when the host does not tell of this one.

        Costs a call. Raises what `Messenger.send` raises.
        """
        ...

    async def recall(self, to: Recipient, host_message_id: str) -> None:
        """Take it back from whoever has it. Raises `HostRefused` when its time is over (24 hours at
        both hosts) or the host has no such message, and what `Messenger.send` raises."""
        ...
