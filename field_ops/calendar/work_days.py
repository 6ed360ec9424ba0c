"""Which days are work days (domain.md §12.4): member > organisation > statutory > weekday.

The statutory part knows what the State Council office has published, as the `holidays` package
carries it. A year that is not published has its weekends and nothing else; nothing ever fails
because a year is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays
from sqlalchemy import select

from ..texts import Text
from ..work import Work
from .models import CalendarDay

WINDOW_ENDS = time(18, 0)
SATURDAY = 5
SUBSTITUTE = "休息日"  # how the package begins the name of a swapped day off
ORDINARY = Text("", "")
MADE_UP = Text("调休上班", "a make-up work day")
SWAPPED = Text("调休", "a swapped day off")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day that somebody decided on his own: the organisation, or a member's leave or shift."""

    is_work_day: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The calendar of one organisation, or of one member when `member` has days too.

    "N work days" never counts holidays and counts make-up Saturdays and Sundays.
    """

    organisation: Mapping[date, OwnDay] = field(default_factory=dict)
    member: Mapping[date, OwnDay] = field(default_factory=dict)

    def is_work_day(self, day: date) -> bool:
        own = self.member.get(day) or self.organisation.get(day)
        return own.is_work_day if own else is_statutory_work_day(day)

    def day_name(self, day: date) -> Text:
        """What people call the day (国庆节, 调休上班), or `ORDINARY`, which is empty.

        A day that somebody decided on has the one name that he gave it.
        """
        own = self.member.get(day) or self.organisation.get(day)
        return Text(own.name, own.name) if own else statutory_name(day)

    def next_work_day(self, day: date) -> date:
        """The first work day after `day`."""
        return self.on_or_after(day + A_DAY)

    def on_or_after(self, day: date) -> date:
        """`day` itself when it is a work day, else the next one: how due dates move."""
        return next(found for found in _days_from(day, A_DAY) if self._counts(found, day))

    def on_or_before(self, day: date) -> date:
        """`day` itself when it is a work day, else the one before: how warnings move."""
        return next(found for found in _days_from(day, -A_DAY) if self._counts(found, day))

    def add_work_days(self, day: date, count: int) -> date:
        """The `count`-th work day after `day`, or before it when `count` is negative.

        0 is `day` itself, moved forward to a work day.
        """
        if count == 0:
            return self.on_or_after(day)
        step = A_DAY if count > 0 else -A_DAY
        for _ in range(abs(count)):
            day = self.on_or_after(day + step) if count > 0 else self.on_or_before(day + step)
        return day

    def end_of_next_work_day(
        self, moment: datetime, zone: ZoneInfo, ends: time = WINDOW_ENDS
    ) -> datetime:
        """The moment at which the working window of the first work day after `moment` ends."""
        day = self.next_work_day(moment.astimezone(zone).date())
        return datetime.combine(day, ends, zone)

    def _counts(self, found: date, asked: date) -> bool:
        # An organisation may have marked every day as free by mistake: then a year later counts,
        # because nobody may be made to wait for ever.
        return self.is_work_day(found) or abs((found - asked).days) > 366


async def calendar_of(work: Work) -> WorkCalendar:
    """The organisation's calendar, read once."""
    rows = await work.session.execute(
        select(CalendarDay.day, CalendarDay.is_work_day, CalendarDay.name).where(
            CalendarDay.tenant_id == work.tenant_id
        )
    )
    return WorkCalendar({row.day: OwnDay(row.is_work_day, row.name) for row in rows})


def warm_up() -> None:
    """Read the package now: with one country it loads those of all the world."""
    is_official(date.today().year)  # noqa: DTZ011 - any year will do


def is_statutory_work_day(day: date) -> bool:
    """By the published calendar; by the weekday alone where none is published."""
    if not is_official(day.year):
        return day.weekday() < SATURDAY
    published = _published(day.year)
    if day in published.weekend_workdays:
        return True
    return day.weekday() < SATURDAY and day not in published


def statutory_name(day: date) -> Text:
    """The holiday's name, 调休 for a swapped day off, 调休上班 for a make-up day."""
    if not is_official(day.year):
        return ORDINARY
    published = _published(day.year)
    if day in published.weekend_workdays:
        return MADE_UP
    if day not in published:
        return ORDINARY
    chinese, english = published[day], _published(day.year, "en_US")[day]
    if chinese.startswith(SUBSTITUTE):
        return SWAPPED
    return Text(chinese.removesuffix("（补假）"), english.removesuffix(" (observed)"))


@cache
def is_official(year: int) -> bool:
    """Whether the year's holidays are published: every notice names make-up days."""
    return any(day.year == year for day in country_holidays("CN", years=year).weekend_workdays)


@cache
def _published(year: int, language: str = "zh_CN") -> HolidayBase:
    # The notice of the next year may change days of this December.
    return country_holidays("CN", years=(year, year + 1), language=language)


def _days_from(day: date, step: timedelta) -> Iterator[date]:
    while True:
        yield day
        day += step
