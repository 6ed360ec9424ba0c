"""What nobody works on goes back: the night run, the warnings before it, and the way back."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from field_ops.calendar.work_days import calendar_of
from field_ops.customers.actions import assign
from field_ops.customers.models import Customer
from field_ops.db import Database, new_id
from field_ops.errors import NotAllowed, NotFound
from field_ops.follow_ups import actions as follow_ups
from field_ops.follow_ups.schemas import FollowUpIn
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.pool import actions, extensions, queries, recycling
from field_ops.pool.errors import (
    DecidedAlready,
    ExtensionWaits,
    NoMoreExtensions,
    NothingToUndo,
)
from field_ops.pool.facts import clocks_of
from field_ops.pool.hoarding import holders
from field_ops.pool.rules import PoolRules, RecycleRule
from field_ops.pool.trial import as_if
from field_ops.visits.actions import is_effective
from field_ops.visits.effective import was_effective
from field_ops.visits.models import Visit
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_customer, work_as

A_DAY = timedelta(days=1)
LATER = TUESDAY_MORNING + A_DAY
JANUARY = TUESDAY_MORNING - 60 * A_DAY
SAYS_ENOUGH = "老板同意下周先试订二十箱矿泉水，价格按去年的算。"


@pytest.fixture
async def ruled(database: Database, company: Company) -> Company:
    """Recycling is on since long ago."""
    async with database.writing() as session:
        rules = PoolRules(recycle=RecycleRule(is_on=True))
        await actions.configure(
            work_as(session, company.admin, TUESDAY_MORNING - 400 * A_DAY),
            "default", name="公海", position=0, rules=rules, members=(),
        )  # fmt: skip
    return company


async def a_night(database: Database, company: Company, at: datetime) -> int:
    """What the run at that moment takes back, as the job of the timetable does it."""

    def system(session: object) -> Work:
        return Work(session, Actor(company.tenant.id, None, via="worker"), at, SHANGHAI)  # type: ignore[arg-type]

    async with database.reading() as session:
        due = [one.customer.id for one in await recycling.due_in(system(session))]
    async with database.writing() as session:
        moved = await recycling.recycle(system(session), due)
        await recycling.tell_about_recycled(system(session))
    return moved


async def cards(database: Database, kind: str) -> dict[str, str]:
    """Title by reader."""
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return {row.member_id or "": row.message["title"] for row in rows}


async def a_note(work: Work, customer: Customer, summary: str, next_action: str = "送样品") -> None:
    new = FollowUpIn(channel="call", summary=summary, next_action=next_action)
    await follow_ups.record(work, customer.id, new)


async def test_what_nobody_works_on_goes_back_once_and_everybody_concerned_hears_of_it(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        old = work_as(session, ruled.lilei, JANUARY)
        left = await a_customer(old, "无人跟进的店", level="A")
        worked = await a_customer(old, "常去的店", level="A")
        locked = await a_customer(old, "锁定的店", level="A")
        await a_note(
            work_as(session, ruled.lilei, TUESDAY_MORNING - 5 * A_DAY), worked, SAYS_ENOUGH
        )
        for empty in ("已联系", "  " + SAYS_ENOUGH[:19] + "  "):
            await a_note(work_as(session, ruled.lilei, TUESDAY_MORNING - A_DAY), left, empty)
        await a_note(work_as(session, ruled.lilei, TUESDAY_MORNING), left, SAYS_ENOUGH, "")
        await extensions.protect(work_as(session, ruled.wang), locked.id, None, "重点客户")
    assert await a_night(database, ruled, TUESDAY_MORNING) == 1
    assert await a_night(database, ruled, TUESDAY_MORNING) == 0
    told = await cards(database, "recycled")
    assert told == dict.fromkeys((ruled.lilei.id, ruled.wang.id), "1 家客户已回收到公海")
    async with database.writing() as session:
        rows = await session.scalars(select(Customer).where(Customer.owner_id.is_(None)))
        (gone,) = rows.all()
        assert (gone.id, gone.owner_how, gone.pool_id) == (left.id, "recycled", "default")
        work = work_as(session, ruled.admin)
        (change,) = await queries.changes_of(work, left.id)
        assert (change.from_id, change.reason) == (ruled.lilei.id, "no_follow_up")
        assert change.due_on is not None and change.due_on < work.today

        with pytest.raises(NotAllowed):
            await recycling.undo(work_as(session, ruled.wang), left.id)
        late = work_as(session, ruled.admin, TUESDAY_MORNING + 8 * A_DAY)
        with pytest.raises(NothingToUndo):
            await recycling.undo(late, left.id)
        back = await recycling.undo(
            work_as(session, ruled.admin, TUESDAY_MORNING + 6 * A_DAY), left.id
        )
        assert (back.owner_id, back.owner_how) == (ruled.lilei.id, "undone")
        with pytest.raises(NothingToUndo):
            await recycling.undo(work, left.id)
    assert await a_night(database, ruled, TUESDAY_MORNING + 7 * A_DAY) == 0, "its clock restarted"


async def test_the_night_after_the_deadline_is_the_first(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, ruled.lilei)
        await a_customer(work, level="A")
    last_day = datetime(2026, 3, 25, 2, 0, tzinfo=SHANGHAI)
    assert await a_night(database, ruled, last_day) == 0
    assert await a_night(database, ruled, last_day + A_DAY) == 1


async def test_who_works_while_the_run_is_under_way_keeps_his_customer(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        shop = await a_customer(work_as(session, ruled.lilei, JANUARY), level="A")
    async with database.writing() as session:
        work = work_as(session, ruled.lilei)
        (due,) = await recycling.due_in(work)
        await a_note(work, shop, SAYS_ENOUGH)
        assert await recycling.recycle(work, [due.customer.id]) == 0


async def test_an_owner_is_warned_on_three_days_by_one_card_each(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, ruled.lilei)
        for number in range(9):
            await a_customer(work, f"小店{number}号", level="A")
        calendar = await calendar_of(work)
    days = []
    for ahead in range(16):
        at = TUESDAY_MORNING + ahead * A_DAY
        async with database.writing() as session:
            today = work_as(session, ruled.lilei, at)
            for _ in range(2):
                ending = await recycling.warnings_today(today)
                await recycling.warn(today, ending)
            if ending:
                days.append(today.today)
    deadline = date(2026, 3, 25)
    assert days == [calendar.add_work_days(deadline, -before) for before in (7, 3, 1)]
    async with database.reading() as session:
        rows = await session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.kind == "recycle_warning")
            .order_by(OutboxMessage.id)
        )
        sent = [row.message for row in rows]
    assert len(sent) == 3
    assert sent[0]["title"] == "9 家客户快要回收"
    lines = sent[0]["text"].split("\n")
    assert len(lines) == 8 and lines[-1] == "…还有 2 家"
    assert "还有 9 天：因 15 天没有有效跟进" in lines[0]


async def test_a_lead_grants_two_extensions_and_no_third(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        rep, lead = work_as(session, ruled.lilei), work_as(session, ruled.wang)
        shop = await a_customer(rep, level="A")
        for granted in range(2):
            await extensions.ask_for_extension(rep, shop.id, "老板出差")
            with pytest.raises(ExtensionWaits):
                await extensions.ask_for_extension(rep, shop.id, "老板出差")
            with pytest.raises(NotAllowed):
                await extensions.decide_extension(rep, shop.id, is_granted=True)
            await extensions.decide_extension(lead, shop.id, is_granted=True)
            clock = (await clocks_of(rep, [shop]))[shop.id]
            assert clock.deadline >= date(2026, 3, 25) + 15 * A_DAY * (granted + 1)
        with pytest.raises(NoMoreExtensions):
            await extensions.ask_for_extension(rep, shop.id, "老板还在出差")
        with pytest.raises(DecidedAlready):
            await extensions.decide_extension(lead, shop.id, is_granted=False)
    assert set(await cards(database, "extension")) == {ruled.wang.id}


async def test_who_asks_for_more_time_waits_before_his_lead(
    database: Database, ruled: Company
) -> None:
    async with database.writing() as session:
        rep, lead = work_as(session, ruled.lilei), work_as(session, ruled.wang)
        shop = await a_customer(rep, level="A")
        await extensions.ask_for_extension(rep, shop.id, "老板出差")
        assert await extensions.waiting_for_me(rep) == []
        ((asked, customer, name),) = await extensions.waiting_for_me(lead)
        assert (asked.reason, customer.id, name) == ("老板出差", shop.id, "李雷")
        await extensions.decide_extension(lead, shop.id, is_granted=False)
        assert await extensions.waiting_for_me(lead) == []
        await extensions.ask_for_extension(rep, shop.id, "老板还在出差")
        await assign(work_as(session, ruled.wang, LATER), shop.id, ruled.hanmeimei.id)
        assert await extensions.waiting_for_me(lead) == []


async def test_the_database_and_the_code_agree_which_visits_count(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        every = product(
            ("VERIFIED", "UNVERIFIED", "OUT"), ("none", "accepted", "rejected"), (0, 79, 80),
            (None, 0, 299, 300, 900), (None, work.now), ("routine", "delivery", "first_call"),
        )  # fmt: skip
        for number, (verdict, review, risk, dwell_s, logged, kind) in enumerate(every):
            session.add(
                Visit(
                    tenant_id=work.tenant_id,
                    id=new_id(),
                    number=f"V-{number}",
                    owner_id=company.lilei.id,
                    customer_id=shop.id,
                    visit_type=kind,
                    business_date=work.today,
                    checked_in_at=work.now,
                    checked_out_at=work.now,
                    check_in_verdict=verdict,
                    review_state=review,
                    risk_score=risk,
                    dwell_s=dwell_s,
                    log_submitted_at=logged,
                )
            )
        await session.flush()
        visits = (await session.scalars(select(Visit))).all()
        counted = set(await session.scalars(select(Visit.id).where(was_effective())))
        assert counted == {visit.id for visit in visits if is_effective(visit)}
        assert 0 < len(counted) < len(visits)


async def test_a_lead_sees_who_holds_without_working(database: Database, ruled: Company) -> None:
    async with database.writing() as session:
        rep = work_as(session, ruled.lilei, TUESDAY_MORNING - 40 * A_DAY)
        shops = [await a_customer(rep, f"小店{number}号", level="D") for number in range(4)]
        await a_note(work_as(session, ruled.lilei), shops[0], SAYS_ENOUGH)
        await a_note(rep, shops[1], SAYS_ENOUGH)
        busy = work_as(session, ruled.hanmeimei)
        kept = await a_customer(busy, "常去的店")
        await a_note(busy, kept, SAYS_ENOUGH)
        free = await a_customer(work_as(session, ruled.admin), "公海的店", owner_id=None, level="A")
        await actions.claim(busy, free.id)
        friday = work_as(session, ruled.hanmeimei, TUESDAY_MORNING + 2 * A_DAY)
        await actions.release(friday, free.id, "老板不在")
        found = await holders(work_as(session, ruled.wang))
        assert [one.name for one in found] == ["李雷", "韩梅梅"]
        lilei, han = found
        assert (lilei.held, lilei.worked, lilei.never_worked, lilei.ratio) == (4, 1, 2, 0.25)
        assert (han.held, han.worked, han.claims, han.deals, han.ratio) == (1, 1, 1, 0, 1.0)
        assert han.last_day_releases == 1


async def test_rules_are_tried_before_they_are_saved(database: Database, company: Company) -> None:
    """Nobody is told, nothing is stored, and the week of grace counts."""
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei, JANUARY), level="A")
    on = PoolRules(recycle=RecycleRule(is_on=True))
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        async with as_if(admin, "default", on):
            assert await recycling.due_in(admin, days=6) == []
            (due,) = await recycling.due_in(admin, days=8)
            assert (due.customer.id, due.clock.deadline) == (shop.id, date(2026, 3, 17))
        assert await recycling.due_in(admin, days=30) == []
        with pytest.raises(NotFound):
            async with as_if(admin, "nowhere", on):
                pass


async def test_a_new_pool_is_tried_out_with_the_members_that_it_would_have(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei, JANUARY), "李雷的店", level="A")
        await a_customer(work_as(session, company.hanmeimei, JANUARY), "别人的店", level="A")
    on = PoolRules(recycle=RecycleRule(is_on=True))
    his = [("member", company.lilei.id, False)]
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        async with as_if(admin, "", on, 1, his):
            assert [one.customer.id for one in await recycling.due_in(admin, 8)] == [shop.id]
            assert await recycling.due_in(admin, 6) == []
        assert await recycling.due_in(admin, 60) == []
    async with database.reading() as session:
        admin = work_as(session, company.admin)
        assert [one.id for one in await queries.every_pool(admin)] == ["default"]
        asked = select(func.count()).where(AuditEntry.action == "pool.configured")
        assert await session.scalar(asked) == 0


async def test_who_owns_sees_what_he_is_about_to_lose(database: Database, ruled: Company) -> None:
    async with database.writing() as session:
        for name, age in (("旧店", 12), ("更旧的店", 14), ("新店", 1)):
            at = TUESDAY_MORNING - age * A_DAY
            await a_customer(work_as(session, ruled.lilei, at), name, level="A")
    async with database.reading() as session:
        lilei = work_as(session, ruled.lilei)
        ending = await recycling.mine_ending(lilei, 7)
        assert [one.customer.name for one in ending] == ["更旧的店", "旧店"]
        assert await recycling.mine_ending(work_as(session, ruled.hanmeimei), 7) == []
