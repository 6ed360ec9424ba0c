"""When may a message go? Pure (domain.md §12.2, §23).

Two questions, asked by the relay just before it would send: does the member want to be left alone
now (`next_allowed`), and would the host drop it silently (`next_within_limits`)?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from ..calendar.work_days import WorkCalendar
from ..host.messages import Article, Card, Message, Notice
from ..host.platform import HostLimits
from ..texts import Text


@dataclass(frozen=True, slots=True)
class Waking:
    """When a company lets its people be pushed, and how often a day one of them."""

    begins: time = time(8)
    ends: time = time(21)
    pushes_a_day: int = 8


USUAL = Waking()
WITH_STAMP = Text("{text}（{stamp}）", "{text} ({stamp})")


class Manner(Enum):
    """How a kind of message treats the person who gets it."""

    AT_ONCE = "at once"  # the member did something and waits for this
    PUSH = "push"  # we want something from him: not at night, not on a free day, not too often


# Kinds that are not here are pushes: a new kind must not wake anybody by accident.
MANNERS: Mapping[str, Manner] = {
    "answer": Manner.AT_ONCE,  # he asked the bot
    "settled": Manner.AT_ONCE,  # changes a card that he has; it makes no sound
    "check_in_receipt": Manner.AT_ONCE,  # he has just checked in, whatever the hour
    "check_out_receipt": Manner.AT_ONCE,
    "log_receipt": Manner.AT_ONCE,
    # He checked in 90 minutes ago, so he is at work. Tomorrow the visit is closed: too late.
    "check_out_missing": Manner.AT_ONCE,
    "day_plan": Manner.PUSH,
    # What a lead is told is the act of somebody else: it keeps until he is at work.
    "abnormal_visit": Manner.PUSH,
    "visit_result": Manner.PUSH,
    # A step up the ladder, and no emergency: it rings, but not at night.
    "handover_overdue": Manner.PUSH,
    "location_proposed": Manner.PUSH,
    "visit_reviewed": Manner.PUSH,
}


def is_push(kind: str, *, urgent: bool) -> bool:
    """Whether the member's peace and his share of eight a day apply."""
    return not urgent and MANNERS.get(kind, Manner.PUSH) is Manner.PUSH


def next_allowed(
    at: datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    pushed: Mapping[date, int],
    waking: Waking = USUAL,
) -> datetime:
    """The first moment from `at` on at which a push may go: `at` itself, or a later morning.

    `pushed` counts the pushes that the member already got, by business date.
    """
    local = at.astimezone(zone)
    today = local.date()
    has_room = calendar.is_work_day(today) and pushed.get(today, 0) < waking.pushes_a_day
    if has_room and waking.begins <= local.time() < waking.ends:
        return at
    if has_room and local.time() < waking.begins:
        return _morning(today, zone, waking)
    day = calendar.next_work_day(today)
    while pushed.get(day, 0) >= waking.pushes_a_day:
        day = calendar.next_work_day(day)
    return _morning(day, zone, waking)


def next_within_limits(now: datetime, sent: Sequence[datetime], limits: HostLimits) -> datetime:
    """The first moment from `now` on at which one more message stays within the host's figures.

    `sent` are the moments of what this member was sent in the last hour, in any order.
    """
    return max(
        _room_at(now, sent, timedelta(minutes=1), limits.per_member_minute),
        _room_at(now, sent, timedelta(hours=1), limits.per_member_hour),
    )


def told_apart(message: Message, stamp: str) -> Message:
    """`message` with a time in its words, for a host that drops a repeated text."""
    match message:
        case Notice():
            said = WITH_STAMP.say(message.language, text=message.text, stamp=stamp)
            return replace(message, text=said)
        case Article():
            return replace(message, markdown=f"{message.markdown}\n\n{stamp}")
        case Card():
            return replace(message, text=f"{message.text} {stamp}".strip())


def _morning(day: date, zone: ZoneInfo, waking: Waking) -> datetime:
    return datetime.combine(day, waking.begins, zone).astimezone(UTC)


def _room_at(now: datetime, sent: Sequence[datetime], window: timedelta, at_most: int) -> datetime:
    inside = sorted(moment for moment in sent if moment > now - window)
    if len(inside) < at_most:
        return now
    return inside[-at_most] + window
