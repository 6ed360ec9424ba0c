"""The day plan at 08:30, and the visit that nobody checked out of."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import select

from field_ops.calendar.models import CalendarDay
from field_ops.db import Database, new_id
from field_ops.outbox.models import OutboxMessage
from field_ops.plans.day_plan import promise_plans, who_gets_a_plan
from field_ops.plans.models import VisitPlan
from field_ops.reminders.actions import cancel_check_out_reminder, remind_about_check_out
from field_ops.reminders.drain import Drain
from field_ops.reminders.models import Reminder
from field_ops.timetable import REMINDERS
from field_ops.visits.models import Visit
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.fakes import Clock

WEDNESDAY = date(2026, 3, 11)
PLAN_TIME = datetime(2026, 3, 11, 8, 30, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def drained(database: Database, now: datetime) -> list[OutboxMessage]:
    """What stands in the outbox after a worker looked at `now`."""
    await Drain(database, REMINDERS, Clock(now), "worker-1", Random(1)).pass_once()
    async with database.reading() as session:
        return list(await session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


async def a_plan(work: Work, owner_id: str, customer_id: str, position: int = 0) -> None:
    work.session.add(
        VisitPlan(
            tenant_id=work.tenant_id,
            id=new_id(),
            owner_id=owner_id,
            customer_id=customer_id,
            planned_on=WEDNESDAY,
            planned_at=time(9, 30) if position == 0 else None,
            position=position,
            created_at=work.now,
        )
    )
    await work.session.flush()


async def an_open_visit(work: Work, company: Company, minutes: int = 0) -> Visit:
    customer = await a_customer(work)
    visit = Visit(
        tenant_id=work.tenant_id,
        id=new_id(),
        number="V-20260310-0001",
        owner_id=company.lilei.id,
        customer_id=customer.id,
        visit_type="routine",
        business_date=work.today,
        checked_in_at=work.now - timedelta(minutes=minutes),
        check_in_verdict="VERIFIED",
    )
    work.session.add(visit)
    await work.session.flush()
    await remind_about_check_out(work, visit.id, company.lilei.id, visit.checked_in_at)
    return visit


async def schedule_day_plans(work: Work, day: date) -> int:
    members = await who_gets_a_plan(work, day)
    await promise_plans(work, day, members)
    return len(members)


async def test_the_day_plan_lists_the_stops_in_order(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        for position, name in enumerate(("华联超市", "红星商店")):
            customer = await a_customer(work, name)
            await a_plan(work, company.lilei.id, customer.id, position)
        await schedule_day_plans(work, WEDNESDAY)
    messages = await drained(database, PLAN_TIME)
    plan = next(m for m in messages if m.member_id == company.lilei.id)
    lines = plan.message["text"].split("\n")
    assert [("华联超市" in lines[0], "09:30" in lines[0]), "红星商店" in lines[1]] == [
        (True, True),
        True,
    ]


async def test_reps_and_those_with_a_stop_get_a_plan(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work)
        await a_plan(work, company.wang.id, customer.id)
        await schedule_day_plans(work, WEDNESDAY)
    told = {m.member_id for m in await drained(database, PLAN_TIME)}
    assert told == {company.lilei.id, company.hanmeimei.id, company.wang.id}


async def test_scheduling_a_day_again_adds_nothing(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        counts = [await schedule_day_plans(work, WEDNESDAY) for _ in range(3)]
        rows = (await session.scalars(select(Reminder))).all()
    assert (counts, len(rows)) == ([2, 0, 0], 2)


@pytest.mark.parametrize(
    ("day", "plans"),
    [
        (date(2026, 3, 14), 0),  # Saturday
        (date(2026, 5, 1), 0),  # Labour Day, a Friday
        (date(2026, 5, 9), 2),  # a make-up Saturday
        (date(2026, 3, 10), 0),  # today, after 08:30
    ],
)
async def test_plans_are_for_work_days_ahead(
    database: Database, company: Company, day: date, plans: int
) -> None:
    async with database.writing() as session:
        assert await schedule_day_plans(work_as(session, company.lilei), day) == plans


async def test_a_day_that_became_free_has_no_plan(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await schedule_day_plans(work, WEDNESDAY)
        session.add(CalendarDay(tenant_id=work.tenant_id, day=WEDNESDAY, is_work_day=False))
    assert await drained(database, PLAN_TIME) == []


async def test_somebody_who_left_gets_no_plan(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await schedule_day_plans(work, WEDNESDAY)
        (await session.merge(company.hanmeimei)).state = "departed"
    assert [m.member_id for m in await drained(database, PLAN_TIME)] == [company.lilei.id]


async def test_an_open_visit_is_mentioned_after_ninety_minutes(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        await an_open_visit(work_as(session, company.lilei), company)
    assert await drained(database, TUESDAY_MORNING + timedelta(minutes=89)) == []
    [card] = await drained(database, TUESDAY_MORNING + timedelta(minutes=90))
    assert (card.kind, card.member_id) == ("check_out_missing", company.lilei.id)
    assert "华联超市" in card.message["title"]
    assert "90 分钟" in card.message["text"]


async def test_who_checked_out_is_not_reminded(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        visit = await an_open_visit(work, company)
        await cancel_check_out_reminder(work, visit.id)
    assert await drained(database, TUESDAY_MORNING + timedelta(hours=2)) == []


async def test_a_closed_visit_is_not_mentioned_even_if_the_promise_stayed(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        visit = await an_open_visit(work_as(session, company.lilei), company)
        visit.checked_out_at = TUESDAY_MORNING
    assert await drained(database, TUESDAY_MORNING + timedelta(hours=2)) == []


@pytest.mark.parametrize(("minutes_in", "reminded"), [(30, 1), (100, 0)])
async def test_who_comes_back_to_the_same_visit_is_reminded_unless_it_is_past(
    database: Database, company: Company, minutes_in: int, reminded: int
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        visit = await an_open_visit(work, company, minutes=minutes_in)
        await cancel_check_out_reminder(work, visit.id)
        await remind_about_check_out(work, visit.id, company.lilei.id, visit.checked_in_at)
    assert len(await drained(database, TUESDAY_MORNING + timedelta(hours=2))) == reminded
