"""What `waiqin host check` finds, and what a host can add to it from its own knowledge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..texts import Text
from .errors import SendError


@dataclass(frozen=True, slots=True)
class Finding:
    """One part that was tried: `credentials`, `departments`, `members`, `phones`, `pages`,
    `address`, or one of the host's own. `ok` false means that something must be done; `says` tells
    what."""

    part: str
    ok: bool
    says: Text


class SelfCheck(Protocol):
    """A host's own part of the check: its error codes in plain words, and its own settings."""

    def explain(self, failure: SendError) -> Text | None:
        """What somebody has to do about this failure; None when there is nothing special to say."""
        ...

    async def look(self, address: str, now: datetime) -> list[Finding]:
        """Try what belongs to this host only. `address` is where its callbacks come, without the
        door. Changes nothing. Raises a `SendError` when the host cannot be asked."""
        ...
