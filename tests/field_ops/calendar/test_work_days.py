"""The working calendar: the published years day for day, and whose word counts."""

from calendar import monthrange
from datetime import date, datetime

import pytest

from field_ops.calendar.models import CalendarDay
from field_ops.calendar.work_days import OwnDay, WorkCalendar, calendar_of, is_official
from field_ops.db import Database
from field_ops.texts import Text
from tests.conftest import SHANGHAI
from tests.factories import a_company, work_as

STATUTORY = WorkCalendar()
WORK_DAYS = {  # domain.md §24
    2024: (22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22),
    2025: (19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23),
    2026: (21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23),
}
MONTHS = [
    (year, month, count)
    for year, counts in WORK_DAYS.items()
    for month, count in enumerate(counts, start=1)
]
UNPUBLISHED = 2090


@pytest.mark.parametrize(("year", "month", "count"), MONTHS)
def test_every_month_has_its_published_number_of_work_days(
    year: int, month: int, count: int
) -> None:
    days = (date(year, month, day + 1) for day in range(monthrange(year, month)[1]))
    assert sum(STATUTORY.is_work_day(day) for day in days) == count


@pytest.mark.parametrize(
    ("day", "is_work_day", "name", "english"),
    [
        (date(2026, 2, 14), True, "调休上班", "a make-up work day"),
        (date(2026, 2, 15), False, "", ""),
        (date(2026, 2, 17), False, "春节", "Chinese New Year (Spring Festival)"),
        (date(2026, 2, 20), False, "调休", "a swapped day off"),
        (date(2026, 4, 6), False, "清明节", "Tomb-Sweeping Day"),
        (date(2026, 10, 10), True, "调休上班", "a make-up work day"),
        (date(2026, 3, 10), True, "", ""),
        (date(2026, 3, 14), False, "", ""),
    ],
)
def test_days_are_called_what_people_call_them(
    day: date, is_work_day: bool, name: str, english: str
) -> None:
    assert STATUTORY.is_work_day(day) == is_work_day
    assert STATUTORY.day_name(day) == Text(name, english)


def test_a_year_that_is_not_published_has_weekends_only() -> None:
    assert not is_official(UNPUBLISHED)
    assert STATUTORY.is_work_day(date(UNPUBLISHED, 10, 3))
    assert not STATUTORY.is_work_day(date(UNPUBLISHED, 10, 1))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_published_years_are_official(year: int) -> None:
    assert is_official(year)


@pytest.mark.parametrize(
    ("organisation", "member", "works"),
    [
        ({}, {}, True),
        ({date(2026, 3, 10): OwnDay(False, "厂庆")}, {}, False),
        ({date(2026, 3, 10): OwnDay(False)}, {date(2026, 3, 10): OwnDay(True)}, True),
    ],
)
def test_member_wins_over_organisation_and_that_over_the_state(
    organisation: dict[date, OwnDay], member: dict[date, OwnDay], works: bool
) -> None:
    assert WorkCalendar(organisation, member).is_work_day(date(2026, 3, 10)) is works


@pytest.mark.parametrize(
    ("due", "days_before", "sent_on"),
    [
        (date(2026, 10, 12), 1, date(2026, 10, 10)),
        (date(2026, 10, 12), 3, date(2026, 10, 9)),
        (date(2026, 10, 12), 7, date(2026, 9, 30)),
    ],
)
def test_a_warning_before_a_holiday_moves_to_the_work_day_before(
    due: date, days_before: int, sent_on: date
) -> None:
    asked = due.fromordinal(due.toordinal() - days_before)
    assert STATUTORY.on_or_before(asked) == sent_on


@pytest.mark.parametrize(
    ("day", "moved_to"),
    [
        (date(2026, 2, 19), date(2026, 2, 24)),
        (date(2026, 2, 28), date(2026, 2, 28)),
        (date(2026, 5, 1), date(2026, 5, 6)),
        (date(2026, 5, 30), date(2026, 6, 1)),
    ],
)
def test_a_due_date_moves_forward_to_a_work_day(day: date, moved_to: date) -> None:
    assert STATUTORY.on_or_after(day) == moved_to


@pytest.mark.parametrize(
    ("day", "count", "reached"),
    [
        (date(2026, 5, 6), -1, date(2026, 4, 30)),
        (date(2026, 5, 6), -3, date(2026, 4, 28)),
        (date(2026, 5, 6), -7, date(2026, 4, 22)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 1), 0, date(2026, 10, 8)),
    ],
)
def test_work_days_are_counted_over_holidays_and_with_make_up_days(
    day: date, count: int, reached: date
) -> None:
    assert STATUTORY.add_work_days(day, count) == reached


def test_the_next_work_day_ends_at_six_in_the_evening_of_the_company() -> None:
    friday_night = datetime(2026, 3, 13, 23, 50, tzinfo=SHANGHAI)
    end = STATUTORY.end_of_next_work_day(friday_night, SHANGHAI)
    assert end == datetime(2026, 3, 16, 18, 0, tzinfo=SHANGHAI)


def test_a_company_that_never_works_waits_a_year_and_not_for_ever() -> None:
    first = date(2026, 3, 10)
    never = {date.fromordinal(first.toordinal() + n): OwnDay(False) for n in range(2000)}
    assert WorkCalendar(never).on_or_after(first) == date(2027, 3, 12)


async def test_the_company_own_days_are_read_from_its_rows_only(database: Database) -> None:
    async with database.writing() as session:
        ours = await a_company(session)
        theirs = await a_company(session, "别家公司", connection="other")
        for company, day in ((ours, date(2026, 3, 10)), (theirs, date(2026, 3, 11))):
            session.add(
                CalendarDay(tenant_id=company.tenant.id, day=day, is_work_day=False, name="厂庆")
            )
        await session.flush()
        calendar = await calendar_of(work_as(session, ours.lilei))
    assert calendar.organisation == {date(2026, 3, 10): OwnDay(False, "厂庆")}
