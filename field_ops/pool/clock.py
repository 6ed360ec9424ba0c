"""The clock of a customer: until when its owner has to do something, and why. Pure.

A condition counts calendar days from the last thing that matters to it; the day it comes to moves
forward to a work day. Whoever runs the recycling does it after that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ..calendar.work_days import WorkCalendar
from .rules import LevelRule, PoolRules

GRACE = timedelta(days=7)  # nobody is recycled sooner after a rule was changed or switched on


class Why(StrEnum):
    """Which condition ends the clock."""

    FIRST_FOLLOW_UP = "first_follow_up"  # he claimed it, and has done nothing since
    NO_FOLLOW_UP = "no_follow_up"
    NO_DEAL = "no_deal"
    NO_OPPORTUNITY = "no_opportunity"
    AFTER_CONTRACT = "after_contract"


@dataclass(frozen=True, slots=True)
class Deals:
    """What is known of the opportunities and contracts of a customer: the day of the newest
    opportunity, and the end of the last contract where none follows it."""

    last_opportunity: date | None = None
    contract_ended: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the clock of one owned customer is told from; dates are the company's.

    `last_follow_up` is the last effective one, by anybody. `extensions` are those that his lead
    granted since `owner_since`. `protected_until` is the last day of a protection. `is_held`: for a
    reason of `holds`. `absences` are first and last days on which its owner is away. `deals` is
    None where nothing tells of opportunities and contracts.
    """

    level: str
    is_won: bool
    owner_since: date
    is_claimed: bool
    last_follow_up: date | None = None
    is_locked: bool = False
    protected_until: date | None = None
    extensions: int = 0
    is_held: bool = False
    absences: tuple[tuple[date, date], ...] = ()
    deals: Deals | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """`deadline` is the last day on which he may still act. `days` (work days for the first
    follow-up) were counted from `since`."""

    deadline: date
    why: Why
    since: date
    days: int

    def left(self, today: date) -> int:
        """Calendar days until the deadline; negative when it is over."""
        return (self.deadline - today).days

    def is_over(self, today: date) -> bool:
        return today > self.deadline


def clock_of(facts: Facts, rules: PoolRules, calendar: WorkCalendar) -> Clock | None:
    """The clock that ends first; None when nothing can recycle this customer."""
    if facts.is_locked or facts.is_held or not rules.recycle.is_on:
        return None
    ends = [
        Clock(_moved(raw, changed_on, since, facts, rules, calendar), why, since, days)
        for raw, changed_on, why, since, days in _conditions(facts, rules, calendar)
    ]
    return min(ends, key=lambda one: one.deadline, default=None)


def _conditions(
    facts: Facts, rules: PoolRules, calendar: WorkCalendar
) -> Iterator[tuple[date, date | None, Why, date, int]]:
    """(day it comes to, since when the rule is so, why, counted from, days)."""
    level, since = rules.recycle.of(facts.level), facts.owner_since
    worked = facts.last_follow_up is not None and facts.last_follow_up >= since
    if facts.is_claimed and not worked:
        days = rules.claim.first_follow_up_work_days
        day = calendar.add_work_days(since, days)
        changed_on = rules.recycle.first_follow_up_changed_on
        yield day, changed_on, Why.FIRST_FOLLOW_UP, since, days
    if level.no_follow_up is not None:
        last = max(since, facts.last_follow_up or since)
        days = level.no_follow_up.days
        day = last + timedelta(days=days)
        yield day, level.no_follow_up.changed_on, Why.NO_FOLLOW_UP, last, days
    if level.no_deal is not None and not facts.is_won:
        days = level.no_deal.days
        day = since + timedelta(days=days)
        yield day, level.no_deal.changed_on, Why.NO_DEAL, since, days
    if facts.deals is not None:
        yield from _by_deals(facts, facts.deals, level)


def _by_deals(
    facts: Facts, deals: Deals, level: LevelRule
) -> Iterator[tuple[date, date | None, Why, date, int]]:
    since = facts.owner_since
    if level.no_opportunity is not None and not facts.is_won:
        last = max(since, deals.last_opportunity or since)
        days, changed_on = level.no_opportunity.days, level.no_opportunity.changed_on
        yield last + timedelta(days=days), changed_on, Why.NO_OPPORTUNITY, last, days
    if level.after_contract is not None and facts.is_won and deals.contract_ended is not None:
        last = max(since, deals.contract_ended)
        days, changed_on = level.after_contract.days, level.after_contract.changed_on
        yield last + timedelta(days=days), changed_on, Why.AFTER_CONTRACT, last, days


def _moved(
    day: date,
    changed_on: date | None,
    since: date,
    facts: Facts,
    rules: PoolRules,
    calendar: WorkCalendar,
) -> date:
    day += timedelta(days=facts.extensions * rules.recycle.extension_days)
    for first, last in facts.absences:  # the clock stands still while its owner is away
        away_from = max(first, since + timedelta(days=1))
        if away_from <= min(day, last):
            day += last - away_from + timedelta(days=1)
    for new_since in (changed_on, rules.recycle.members_changed_on):
        if new_since is not None:
            day = max(day, new_since + GRACE)
    if facts.protected_until is not None:
        day = max(day, facts.protected_until)
    return calendar.on_or_after(day)
