"""When a host is asked for attendance records, and for which time. Pure.

A record may come up to a day after it was made: a phone was without a network. Where calls are
counted by the month, they are asked for seldom, and what comes late twice a day only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..host.platform import HostLimits

LATE = timedelta(hours=24)
OVERLAP = timedelta(minutes=30)
LONGEST = timedelta(days=7)  # what is older is not caught up
USUAL_PAUSE = timedelta(minutes=4)  # the job comes every five minutes
COUNTED_PAUSE = timedelta(hours=3)
LOOKS_BACK_EVERY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Progress:
    read_until: datetime
    looked_back_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Ask for what happened since then; `looks_back`: also for what comes late."""

    since: datetime
    until: datetime
    looks_back: bool


def next_window(before: Progress | None, now: datetime, limits: HostLimits) -> Window | None:
    """What to ask for now; None while it is too early to ask again."""
    if before is None:
        return Window(now - LATE, now, looks_back=True)
    is_counted = limits.per_app_month is not None
    if now - before.read_until < (COUNTED_PAUSE if is_counted else USUAL_PAUSE):
        return None
    looks_back = not is_counted or now - before.looked_back_at >= LOOKS_BACK_EVERY
    since = before.read_until - (LATE if looks_back else OVERLAP)
    return Window(max(since, now - LONGEST), now, looks_back)
