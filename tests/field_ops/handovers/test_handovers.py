"""Somebody leaves: who is asked, and what becomes of what he looked after."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.handovers.actions import go_on, hand_over_to, notice_leavers
from field_ops.handovers.models import Handover
from field_ops.history.models import AuditEntry
from field_ops.host.messages import Notice
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import post
from field_ops.people.models import Member
from field_ops.plans.actions import make_plan
from field_ops.plans.models import VisitPlan
from field_ops.reminders.actions import remind
from field_ops.reminders.models import Reminder
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.fakes import as_is

FRIDAY_EVENING = datetime(2026, 3, 13, 18, 0, tzinfo=SHANGHAI)


@dataclass
class Office:
    database: Database
    company: Company
    now: datetime = TUESDAY_MORNING

    def work(self, session) -> Work:
        tenant = self.company.tenant
        return Work(session, Actor(tenant.id, None, via="worker"), self.now, ZoneInfo(tenant.zone))

    async def passes(self, until: datetime | None = None) -> None:
        """The worker comes by, now or at this moment."""
        self.now = until or self.now
        async with self.database.writing() as session:
            work = self.work(session)
            await notice_leavers(work)
            while await go_on(work):
                pass

    async def leaves(self, member: Member, **fields: object) -> None:
        async with self.database.writing() as session:
            gone = await session.get_one(Member, (member.tenant_id, member.id))
            gone.state, gone.departed_at = "departed", self.now
            for name, value in fields.items():
                setattr(gone, name, value)

    async def owners(self) -> dict[str, str | None]:
        """The owner's name by the customer's."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(Customer.name, Member.name).outerjoin(Member, Member.id == Customer.owner_id)
            )
            return dict(rows.all())

    async def all(self, table: type) -> list:
        async with self.database.reading() as session:
            return list(await session.scalars(select(table)))

    async def cards(self) -> list[OutboxMessage]:
        return [one for one in await self.all(OutboxMessage) if one.kind == "handover"]


@pytest.fixture
async def office(database: Database) -> Office:
    """李雷 has four customers and two plans; a reminder and a message wait for him."""
    async with database.writing() as session:
        company = await a_company(session)
        company.lilei.direct_leader_id = company.wang.id
        work = work_as(session, company.lilei)
        for name, level in (("华联", "A"), ("红星", "B"), ("新华书店", "C"), ("小店", "D")):
            customer = await a_customer(work, name, level=level)
            if level in "AC":
                await make_plan(work, customer.id, work.today + timedelta(days=9))
        await remind(work, "day_plan", work.now + timedelta(days=1), [("x", company.lilei.id)])
        said = as_is(Notice("明天见"))
        await post(work, to=company.lilei.id, message=said, kind="visit_result", once="m-1")
    return Office(database, company)


async def test_the_direct_leader_gets_the_card_once(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    await office.passes()
    (card,) = await office.cards()
    assert card.member_id == office.company.wang.id
    assert "李雷" in card.message["title"]
    assert card.message["fields"] == [
        ["客户", "4 家（A 1 · B 1 · C 1 · D 1）"],
        ["未来拜访计划", "2"],
        ["处理期限", "3月13日"],
    ]


async def test_what_was_promised_to_him_is_taken_back(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    assert [one.state for one in await office.all(Reminder)] == ["cancelled"]
    states = {one.once: one.state for one in await office.all(OutboxMessage)}
    assert states["m-1"] == "refused"


async def test_until_the_term_is_over_nothing_changes_hands(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    await office.passes(FRIDAY_EVENING - timedelta(minutes=1))
    assert set((await office.owners()).values()) == {"李雷"}
    assert {plan.state for plan in await office.all(VisitPlan)} == {"scheduled"}


async def test_after_three_work_days_the_lead_has_a_and_b_and_the_pool_the_rest(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    await office.passes(FRIDAY_EVENING)
    assert await office.owners() == {
        "华联": "王主管",
        "红星": "王主管",
        "新华书店": None,
        "小店": None,
    }
    wang = office.company.wang.id
    assert {(plan.owner_id == wang, plan.state) for plan in await office.all(VisitPlan)} == {
        (True, "scheduled"),
        (False, "cancelled"),
    }
    (handover,) = await office.all(Handover)
    assert (handover.state, handover.closed_at) == ("done", FRIDAY_EVENING.astimezone(UTC))
    told = [one.action for one in await office.all(AuditEntry)]
    assert told.count("customer.handed_over") == 4


async def test_what_changed_hands_is_found_by_its_new_owner(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    await office.passes(FRIDAY_EVENING)
    async with office.database.reading() as session:
        found, _ = await look_up(work_as(session, office.company.wang, office.now), "华联")
    assert [one.customer.name for one in found] == ["华联"]


async def test_what_the_lead_gave_away_in_time_stays_where_it_is(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    async with office.database.writing() as session:
        for customer in await session.scalars(select(Customer)):
            customer.owner_id = office.company.hanmeimei.id
    await office.passes()
    assert set((await office.owners()).values()) == {"韩梅梅"}
    plans = await office.all(VisitPlan)
    assert {plan.owner_id for plan in plans} == {office.company.hanmeimei.id}
    assert [one.state for one in await office.all(Handover)] == ["done"]


async def test_who_comes_back_keeps_everything(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    async with office.database.writing() as session:
        back = await session.get_one(Member, (office.company.tenant.id, office.company.lilei.id))
        back.state, back.departed_at = "active", None
    await office.passes(FRIDAY_EVENING)
    assert set((await office.owners()).values()) == {"李雷"}
    assert [one.state for one in await office.all(Handover)] == ["called_off"]


async def test_who_leaves_twice_is_handed_over_twice(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    async with office.database.writing() as session:
        back = await session.get_one(Member, (office.company.tenant.id, office.company.lilei.id))
        back.state, back.departed_at = "active", None
    await office.passes()
    office.now += timedelta(hours=1)
    await office.leaves(office.company.lilei)
    await office.passes()
    assert sorted(one.state for one in await office.all(Handover)) == ["called_off", "open"]
    assert len(await office.cards()) == 2


async def test_without_a_leader_everything_goes_to_the_pool(office):
    await office.leaves(office.company.wang)
    await office.leaves(office.company.lilei)
    await office.passes()
    assert await office.cards() == []
    await office.passes(FRIDAY_EVENING)
    assert set((await office.owners()).values()) == {None}


async def test_a_second_record_of_the_same_person_is_his_at_once(office):
    await office.leaves(office.company.lilei, merged_into_id=office.company.hanmeimei.id)
    await office.passes()
    assert set((await office.owners()).values()) == {"韩梅梅"}
    assert {plan.owner_id for plan in await office.all(VisitPlan)} == {office.company.hanmeimei.id}
    assert await office.cards() == []


async def test_an_administrator_gives_everything_to_one_colleague(office):
    await office.leaves(office.company.lilei)
    await office.passes()
    async with office.database.writing() as session:
        work = office.work(session)
        leaver, to = [
            await session.get_one(Member, (work.tenant_id, one.id))
            for one in (office.company.lilei, office.company.hanmeimei)
        ]
        assert await hand_over_to(work, leaver, to) == 4
    assert set((await office.owners()).values()) == {"韩梅梅"}


async def test_who_had_nothing_is_nobodys_business(office):
    await office.leaves(office.company.hanmeimei)
    await office.passes()
    assert await office.cards() == []
    assert [one.state for one in await office.all(Handover)] == ["done"]
