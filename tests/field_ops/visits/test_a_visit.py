"""A visit from arrival to log, with a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.db import Database
from field_ops.errors import NotFound
from field_ops.follow_ups.models import FollowUp
from field_ops.history import chain
from field_ops.outbox.models import OutboxMessage
from field_ops.plans.actions import make_plan
from field_ops.reminders.models import Reminder
from field_ops.visits import evidence, queries
from field_ops.visits.actions import NextAction, check_in, check_out, force_check_outs, record_log
from field_ops.visits.errors import (
    LogAlreadySubmitted,
    NotYourVisit,
    ReasonNeeded,
    VisitAlreadyClosed,
    VisitStillOpen,
)
from field_ops.visits.models import FixRecord
from field_ops.visits.verdict import Fix, Presence
from field_ops.work import Work
from tests.factories import WUHAN, a_company, a_customer, work_as

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))
FAR_AWAY = Presence(Fix(WUHAN[0] + 0.05, WUHAN[1], "GCJ02", accuracy_m=20))
NO_PROMISE = NextAction("", None)


def later(work: Work, **how_much: float) -> Work:
    return replace(work, now=work.now + timedelta(**how_much))


async def told(work: Work) -> list[OutboxMessage]:
    rows = await work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return list(rows)


async def test_a_visit_from_arrival_to_log(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市", level="A")
        plan = await make_plan(work, hualian.id, work.today)

        visit = await check_in(work, hualian.id, AT_THE_DOOR)
        assert visit.number == "V-20260310-0001"
        assert (visit.check_in_verdict, plan.state) == ("VERIFIED", "in_progress")

        leaving = later(work, minutes=35)
        await check_out(leaving, visit.id, AT_THE_DOOR)
        assert (visit.dwell_s, visit.pair_colour, visit.risk_score) == (35 * 60, "green", 0)
        assert plan.state == "attempted"

        await record_log(leaving, visit.id, "progress", "谈了续约，对方要九折", NO_PROMISE)
        assert plan.state == "done"
        assert hualian.last_visit_at == work.now
        follow_up = (await session.scalars(select(FollowUp))).one()
        assert (follow_up.channel, follow_up.summary) == ("visit", "谈了续约，对方要九折")


async def test_the_lead_hears_about_a_key_account(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市", level="A")
        visit = await check_in(work, hualian.id, AT_THE_DOOR)
        await check_out(later(work, minutes=20), visit.id, AT_THE_DOOR)
        assert await told(work) == []
        await record_log(work, visit.id, "progress", "谈了续约的事情", NO_PROMISE)
        (message,) = await told(work)
        assert (message.member_id, message.kind) == (company.wang.id, "visit_result")


async def test_an_ordinary_visit_leaves_the_lead_in_peace(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        red_star = await a_customer(work, "红星", level="C")
        visit = await check_in(work, red_star.id, AT_THE_DOOR)
        await check_out(later(work, minutes=20), visit.id, AT_THE_DOOR)
        await record_log(work, visit.id, "no_change", "老样子没有变化", NO_PROMISE)
        assert await told(work) == []


async def test_far_away_needs_a_reason_and_reaches_the_lead(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市", level="C")
        with pytest.raises(ReasonNeeded, match="华联超市"):
            await check_in(work, hualian.id, FAR_AWAY)
        visit = await check_in(work, hualian.id, replace(FAR_AWAY, reason="在对方仓库"))
        assert (visit.check_in_verdict, visit.review_state) == ("OUT_OF_RANGE", "pending")
        (message,) = await told(work)
        assert message.kind == "abnormal_visit"
        assert "超出" in message.message["fields"][1][1]


async def test_a_second_check_in_asks_to_check_out_first(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian, red_star = await a_customer(work, "华联超市"), await a_customer(work, "红星")
        first = await check_in(work, hualian.id, AT_THE_DOOR)
        with pytest.raises(VisitStillOpen, match="华联") as refused:
            await check_in(work, red_star.id, AT_THE_DOOR)
        assert refused.value.facts["visit_id"] == first.id

        await check_in(later(work, hours=1), red_star.id, AT_THE_DOOR, close_open_visit=True)
        assert (first.forced_check_out, first.dwell_s) == (True, None)
        assert [f.flag for f in await queries.flags_of(work, first.id)] == ["NO_CHECKOUT"]


async def test_arriving_again_continues_the_same_visit(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市")
        first = await check_in(work, hualian.id, AT_THE_DOOR)
        assert await check_in(work, hualian.id, AT_THE_DOOR) is first
        await check_out(later(work, minutes=1), first.id, AT_THE_DOOR)
        again = await check_in(later(work, minutes=20), hualian.id, AT_THE_DOOR)
        assert again.id == first.id and again.is_open
        assert again.risk_score == 0, "the short stay before he came back is no longer true"
        much_later = later(work, hours=3)
        await check_out(later(work, minutes=30), first.id, AT_THE_DOOR)
        assert (await check_in(much_later, hualian.id, AT_THE_DOOR)).id != first.id
        assert (await chain.verify(work)).is_whole


async def test_a_visit_is_checked_out_and_logged_once(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市")
        visit = await check_in(work, hualian.id, AT_THE_DOOR)
        await check_out(later(work, minutes=20), visit.id, AT_THE_DOOR)
        with pytest.raises(VisitAlreadyClosed, match="09:50"):
            await check_out(later(work, minutes=30), visit.id, AT_THE_DOOR)
        await record_log(work, visit.id, "progress", "谈了续约的事情", NO_PROMISE)
        with pytest.raises(LogAlreadySubmitted):
            await record_log(work, visit.id, "lost", "其实已经流失了", NO_PROMISE)


async def test_only_the_owner_changes_a_visit_and_a_stranger_does_not_see_it(
    database: Database,
) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市")
        visit = await check_in(work, hualian.id, AT_THE_DOOR)
        with pytest.raises(NotYourVisit):
            await check_out(work_as(session, company.wang), visit.id, AT_THE_DOOR)
        with pytest.raises(NotFound):
            await check_out(work_as(session, company.hanmeimei), visit.id, AT_THE_DOOR)
        with pytest.raises(NotFound):
            await check_in(work_as(session, company.hanmeimei), hualian.id, AT_THE_DOOR)


async def test_the_first_check_in_only_proposes_a_place(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        hualian = await a_customer(work, "华联超市", at=None)
        visit = await check_in(work, hualian.id, AT_THE_DOOR)
        assert visit.check_in_verdict == "UNVERIFIED"
        location = await queries.location_of(work, hualian.id)
        assert location is not None
        assert (location.status, location.source) == ("proposed", "check_in")


async def test_a_forgotten_visit_is_ended_at_midnight_without_a_dwell(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        visit = await check_in(work, (await a_customer(work)).id, AT_THE_DOOR)
        assert await force_check_outs(later(work, hours=14)) == 0
        assert await force_check_outs(later(work, hours=14, minutes=29)) == 1
        assert (visit.forced_check_out, visit.dwell_s, visit.is_open) == (True, None, False)


async def test_the_check_out_reminder_waits_and_is_taken_back(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        visit = await check_in(work, (await a_customer(work)).id, AT_THE_DOOR)
        (reminder,) = await session.scalars(select(Reminder))
        assert reminder.due_at == work.now + timedelta(minutes=90)
        await check_out(later(work, minutes=20), visit.id, AT_THE_DOOR)
        await session.refresh(reminder)
        assert reminder.state == "cancelled"


async def test_a_changed_row_no_longer_agrees_with_its_evidence(database: Database) -> None:
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        visit = await check_in(work, (await a_customer(work)).id, AT_THE_DOOR)
        await check_out(later(work, minutes=20), visit.id, AT_THE_DOOR)
        await record_log(work, visit.id, "progress", "谈了续约的事情", NO_PROMISE)
        visit_id = visit.id
        await session.flush()
        session.expunge_all()  # what counts is what the database gives back
        assert await evidence.discrepancies(work, visit_id) == []
        fix = await session.get_one(FixRecord, (work.tenant_id, visit_id, "check_in"))
        fix.distance_m = 1.0
        await session.flush()
        assert await evidence.discrepancies(work, visit_id) == [
            "check_in: the row differs from link 1"
        ]
