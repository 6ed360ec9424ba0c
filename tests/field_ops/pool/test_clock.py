"""The clock of a customer: the table of the trade, and a slow walk through random lives."""

from datetime import date, timedelta
from random import Random

import pytest

from field_ops.calendar.work_days import OwnDay, WorkCalendar
from field_ops.pool.clock import Clock, Deals, Facts, Why, clock_of
from field_ops.pool.messages import clock_text
from field_ops.pool.rules import Condition, LevelRule, PoolRules, RecycleRule, changed

MONDAY = date(2026, 3, 2)
A_DAY = timedelta(days=1)
ON = PoolRules(recycle=RecycleRule(is_on=True))
CALENDAR = WorkCalendar()


def held(level: str = "A", since: date = MONDAY, **facts: object) -> Facts:
    known = {"level": level, "is_won": False, "owner_since": since, "is_claimed": False, **facts}
    return Facts(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "deadline", "why"),
    [
        (held("A"), date(2026, 3, 17), Why.NO_FOLLOW_UP),  # 15 days
        (held("B"), date(2026, 4, 1), Why.NO_FOLLOW_UP),  # 30
        (held("C"), date(2026, 5, 6), Why.NO_FOLLOW_UP),  # 60: May 1, a holiday until the 5th
        (held("D"), date(2026, 6, 1), Why.NO_FOLLOW_UP),  # 90: May 31, a Sunday
        (held("A", last_follow_up=date(2026, 3, 10)), date(2026, 3, 25), Why.NO_FOLLOW_UP),
        (held("A", last_follow_up=date(2026, 2, 1)), date(2026, 3, 17), Why.NO_FOLLOW_UP),
        (held("A", is_claimed=True), date(2026, 3, 5), Why.FIRST_FOLLOW_UP),  # 3 work days
        (
            held("A", date(2026, 3, 6), is_claimed=True),
            date(2026, 3, 11),
            Why.FIRST_FOLLOW_UP,  # the weekend does not count
        ),
        (
            held("A", is_claimed=True, last_follow_up=MONDAY),
            date(2026, 3, 17),
            Why.NO_FOLLOW_UP,
        ),
        (held("A", last_follow_up=date(2026, 6, 28)), date(2026, 6, 30), Why.NO_DEAL),  # 120
        (held("A", is_won=True, last_follow_up=date(2026, 7, 1)), date(2026, 7, 16), None),
        (held("A", extensions=2), date(2026, 4, 16), Why.NO_FOLLOW_UP),
        (held("A", protected_until=date(2026, 3, 29)), date(2026, 3, 30), Why.NO_FOLLOW_UP),
        # Away for four days: the clock stands still. Away before he had it, or after: it does not.
        (held("A", absences=((date(2026, 3, 9), date(2026, 3, 12)),)), date(2026, 3, 23), None),
        (held("A", absences=((date(2026, 2, 1), MONDAY),)), date(2026, 3, 17), None),
        (held("A", absences=((date(2026, 3, 18), date(2026, 3, 30)),)), date(2026, 3, 17), None),
        (
            held("A", last_follow_up=date(2026, 4, 28), deals=Deals(date(2026, 3, 1))),
            date(2026, 5, 6),  # 60 days after he got it, moved by the holiday
            Why.NO_OPPORTUNITY,
        ),
        (
            held(
                "A",
                is_won=True,
                last_follow_up=date(2026, 5, 25),
                deals=Deals(contract_ended=MONDAY),
            ),
            date(2026, 6, 1),  # 90 days after the contract
            Why.AFTER_CONTRACT,
        ),
    ],
)
def test_the_table_of_the_trade(facts: Facts, deadline: date, why: Why | None) -> None:
    clock = clock_of(facts, ON, CALENDAR)
    assert clock is not None
    assert (clock.deadline, clock.why) == (deadline, why or Why.NO_FOLLOW_UP)
    assert not clock.is_over(deadline) and clock.is_over(deadline + A_DAY)


def test_what_is_locked_or_without_a_rule_has_no_clock() -> None:
    assert clock_of(held(is_locked=True), ON, CALENDAR) is None
    assert clock_of(held(is_held=True), ON, CALENDAR) is None
    assert clock_of(held(), PoolRules(), CALENDAR) is None
    off = LevelRule(no_follow_up=None, no_deal=None)
    assert clock_of(held(), PoolRules(recycle=RecycleRule(is_on=True, A=off)), CALENDAR) is None


def test_a_changed_rule_recycles_nobody_for_a_week_and_only_its_own_customers_wait() -> None:
    today = date(2026, 6, 2)
    stricter = ON.model_copy(deep=True)
    stricter.recycle.A.no_follow_up = Condition(days=5)
    settled = changed(ON, stricter, today)
    clock = clock_of(held("A", today - 6 * A_DAY), settled, CALENDAR)
    assert clock is not None and clock.deadline == today + 7 * A_DAY
    as_before = clock_of(held("B", today - 40 * A_DAY), settled, CALENDAR)
    assert as_before is not None and as_before.deadline < today
    again = changed(settled, settled.model_copy(deep=True), today + 30 * A_DAY)
    assert again == settled


def test_switching_on_gives_everybody_a_week() -> None:
    today = date(2026, 6, 2)
    settled = changed(PoolRules(), ON, today)
    for level in "ABCD":
        for is_claimed in (True, False):
            clock = clock_of(held(level, MONDAY, is_claimed=is_claimed), settled, CALENDAR)
            assert clock is not None and clock.deadline >= today + 7 * A_DAY


def test_the_clock_says_how_long_and_why() -> None:
    clock = Clock(date(2026, 3, 17), Why.NO_FOLLOW_UP, MONDAY, 15)
    said = clock_text(clock, date(2026, 3, 14))
    assert said.say("zh") == "还有 3 天：因 15 天没有有效跟进"
    assert said.say("en") == "3 day(s) left: no effective follow-up for 15 days"
    assert clock_text(clock, clock.deadline).say("zh").startswith("今天是最后一天")
    assert clock_text(clock, clock.deadline + A_DAY).say("zh").startswith("已到期")


def recycled_by_walking(
    facts: Facts, follow_ups: set[date], rules: PoolRules, calendar: WorkCalendar, run: date
) -> bool:
    """Whether a run in the night to `run` takes it back: day by day, each condition by itself."""
    level = rules.recycle.of(facts.level)
    spare = facts.extensions * rules.recycle.extension_days

    def may_end(day: date, changed_on: date | None) -> bool:
        too_soon = changed_on is not None and (day - changed_on).days < 7
        protected = facts.protected_until is not None and day < facts.protected_until
        return calendar.is_work_day(day) and not too_soon and not protected

    idle, held_for, work_days, since_third = 0, 0, 0, -1
    has_worked = facts.owner_since in follow_ups
    idle_ends = deal_ends = first_ends = False
    day = facts.owner_since
    while day < run:
        if day > facts.owner_since:
            idle, held_for = idle + 1, held_for + 1
            if since_third >= 0:
                since_third += 1
            elif calendar.is_work_day(day):
                work_days += 1
                if work_days == rules.claim.first_follow_up_work_days:
                    since_third = 0
        if day in follow_ups:
            idle, has_worked, idle_ends = 0, True, False
        if level.no_follow_up and idle >= level.no_follow_up.days + spare:
            idle_ends = idle_ends or may_end(day, level.no_follow_up.changed_on)
        if level.no_deal and not facts.is_won and held_for >= level.no_deal.days + spare:
            deal_ends = deal_ends or may_end(day, level.no_deal.changed_on)
        if since_third >= spare:
            first = rules.recycle.first_follow_up_changed_on
            first_ends = first_ends or may_end(day, first)
        day += A_DAY
    return idle_ends or deal_ends or (facts.is_claimed and not has_worked and first_ends)


@pytest.mark.parametrize("seed", range(60))
def test_random_lives_end_on_the_day_to_which_a_slow_walk_comes(seed: int) -> None:
    dice = Random(seed)
    own = {MONDAY + A_DAY * dice.randrange(250): OwnDay(dice.random() < 0.3) for _ in range(40)}
    calendar = WorkCalendar(own)

    def condition(most: int) -> Condition | None:
        if dice.random() < 0.15:
            return None
        since = MONDAY + A_DAY * dice.randrange(60) if dice.random() < 0.5 else None
        return Condition(days=dice.randint(1, most), changed_on=since)

    rules = ON.model_copy(deep=True)
    rules.recycle.B = LevelRule(no_follow_up=condition(40), no_deal=condition(90))
    rules.recycle.extension_days = dice.randint(1, 15)
    rules.claim.first_follow_up_work_days = dice.randint(1, 5)
    if dice.random() < 0.4:
        rules.recycle.first_follow_up_changed_on = MONDAY + A_DAY * dice.randrange(20)
    start = MONDAY + A_DAY * dice.randrange(14)
    follow_ups = {start + A_DAY * dice.randrange(120) for _ in range(dice.randrange(8))}
    until = start + A_DAY * dice.randrange(60) if dice.random() < 0.3 else None
    claimed, won, extensions = dice.random() < 0.5, dice.random() < 0.3, dice.randrange(3)
    for ahead in range(1, 160):
        run = start + A_DAY * ahead
        known = {day for day in follow_ups if day < run}
        facts = Facts(
            level="B",
            is_won=won,
            owner_since=start,
            is_claimed=claimed,
            last_follow_up=max(known, default=None),
            protected_until=until,
            extensions=extensions,
        )
        clock = clock_of(facts, rules, calendar)
        is_over = clock is not None and clock.is_over(run)
        assert is_over == recycled_by_walking(facts, known, rules, calendar, run), (seed, run)
        if is_over:
            break
