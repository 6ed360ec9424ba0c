"""How well one of us knows somebody: 0 to 100, by how often and how lately they spoke. Pure.

A meeting counts 20 on its day, a call 10, a written word 5; each is worth half as much every 90
days (domain.md §7.7). The sum is cut at 100, so that a rep can reckon it in his head.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=90)
STRONGEST = 100
WORTH = {"visit": 20, "meeting": 20, "call": 10, "chat": 5, "mail": 5, "email": 5}
OTHERWISE = 0  # a note is about somebody, not with him


@dataclass(frozen=True, slots=True)
class Touch:
    """That they spoke, by which way and when."""

    channel: str
    at: datetime


def strength(touches: Iterable[Touch], now: datetime) -> int:
    """What is dated in the future counts as today."""
    return min(STRONGEST, round(sum(_worth(touch, now) for touch in touches)))


def _worth(touch: Touch, now: datetime) -> float:
    age = max(now - touch.at, timedelta())
    worth: float = WORTH.get(touch.channel, OTHERWISE) * 0.5 ** (age / HALF_LIFE)
    return worth
