"""When may a message go: tables, and a slow oracle that tries every minute."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from field_ops.calendar.work_days import OwnDay, WorkCalendar
from field_ops.host.messages import Article, Card, Message, Notice
from field_ops.host.platform import HostLimits
from field_ops.outbox.policy import (
    USUAL,
    is_push,
    next_allowed,
    next_within_limits,
    told_apart,
)
from tests.conftest import SHANGHAI

STATUTORY = WorkCalendar()
LIMITS = HostLimits(per_member_minute=3, per_member_hour=5, per_app_second=100)


def at(text: str) -> datetime:
    """`03-10 09:30` of 2026 in Shanghai."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("03-10 09:30", "03-10 09:30"),
        ("03-10 07:59", "03-10 08:00"),
        ("03-10 08:00", "03-10 08:00"),
        ("03-10 20:59", "03-10 20:59"),
        ("03-10 21:00", "03-11 08:00"),
        ("03-10 23:59", "03-11 08:00"),
        ("03-13 21:30", "03-16 08:00"),  # Friday night: Monday
        ("03-14 10:00", "03-16 08:00"),  # a free Saturday
        ("02-14 10:00", "02-14 10:00"),  # a make-up Saturday
        ("09-30 22:00", "10-08 08:00"),  # over the whole National Day
    ],
)
def test_a_push_waits_for_the_next_minute_in_which_people_work(asked: str, allowed: str) -> None:
    assert next_allowed(at(asked), SHANGHAI, STATUTORY, {}) == at(allowed)


def test_the_ninth_push_of_a_day_waits_for_the_next_work_day() -> None:
    pushed = {date(2026, 3, 13): USUAL.pushes_a_day}
    assert next_allowed(at("03-13 10:00"), SHANGHAI, STATUTORY, pushed) == at("03-16 08:00")


@pytest.mark.parametrize(
    ("kind", "urgent", "push"),
    [
        ("day_plan", False, True),
        ("day_plan", True, False),
        ("answer", False, False),
        ("check_in_receipt", False, False),
        ("check_out_missing", False, False),
        ("abnormal_visit", False, True),
        ("a_kind_that_nobody_listed", False, True),
    ],
)
def test_what_the_member_did_himself_is_told_at_once(kind: str, urgent: bool, push: bool) -> None:
    assert is_push(kind, urgent=urgent) is push


def slow_next_allowed(
    asked: datetime, calendar: WorkCalendar, pushed: Mapping[date, int]
) -> datetime:
    """The oracle: `asked` itself, or else the first full minute after it that is allowed."""
    moment = asked
    while True:
        local = moment.astimezone(SHANGHAI)
        awake = 8 <= local.hour < 21
        free = pushed.get(local.date(), 0) < 8
        if awake and free and calendar.is_work_day(local.date()):
            return moment
        moment = (moment + timedelta(minutes=1)).replace(second=0, microsecond=0)


@pytest.mark.parametrize("seed", range(40))
def test_the_quick_answer_is_that_of_trying_every_minute(seed: int) -> None:
    dice = Random(seed)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(60)]
    own = {day: OwnDay(dice.random() < 0.5) for day in dice.sample(days, 12)}
    pushed = {day: dice.randrange(11) for day in dice.sample(days, 25)}
    asked = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(40 * 86_400))
    calendar = WorkCalendar(own)
    assert next_allowed(asked, SHANGHAI, calendar, pushed) == slow_next_allowed(
        asked, calendar, pushed
    )


@pytest.mark.parametrize(
    ("seconds_ago", "wait_s"),
    [
        ([], 0),
        ([1, 2], 0),
        ([1, 2, 50], 10),  # three within a minute: the oldest of them must leave it
        ([1, 2, 50, 55], 10),
        ([1, 61, 62, 63], 0),
        ([100, 200, 300, 400, 3500], 100),  # five within an hour
    ],
)
def test_the_host_figures_for_one_member_are_kept(seconds_ago: list[int], wait_s: int) -> None:
    now = at("03-10 09:30")
    sent = [now - timedelta(seconds=ago) for ago in seconds_ago]
    assert next_within_limits(now, sent, LIMITS) == now + timedelta(seconds=wait_s)


@pytest.mark.parametrize("seed", range(20))
def test_a_burst_that_obeys_the_policy_never_exceeds_the_host_figures(seed: int) -> None:
    dice = Random(seed)
    now, sent = at("03-10 09:30"), []
    for _ in range(30):
        now = next_within_limits(now + timedelta(seconds=dice.randrange(30)), sent, LIMITS)
        sent.append(now)
    minutes = [sum(m - timedelta(minutes=1) < s <= m for s in sent) for m in sent]
    hours = [sum(m - timedelta(hours=1) < s <= m for s in sent) for m in sent]
    assert (max(minutes) <= 3, max(hours) <= 5) == (True, True)


@pytest.mark.parametrize(
    ("message", "apart"),
    [
        (Notice("请签退"), Notice("请签退（09:30:00）")),
        (Article("今日", "**两家**"), Article("今日", "**两家**\n\n09:30:00")),
        (Card("今日", text="两家"), Card("今日", text="两家 09:30:00")),
    ],
)
def test_a_repeated_text_gets_its_time(message: Message, apart: Message) -> None:
    assert told_apart(message, "09:30:00") == apart
