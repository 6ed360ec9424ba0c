"""Into a pool and out of it: limits, races, and what is remembered."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from field_ops.customers import actions as customers
from field_ops.customers.errors import OwnerUnknown
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.customers.owner_changes import OwnerChange
from field_ops.db import Database, new_id
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.history.models import AuditEntry
from field_ops.people.models import Member
from field_ops.plans.models import VisitPlan
from field_ops.pool import actions, queries
from field_ops.pool.errors import (
    AlreadyInPool,
    ClaimedTooOften,
    EnoughForToday,
    EnoughSeenToday,
    HoldsEnough,
    NotClaimableYet,
    TakenMeanwhile,
    WasYours,
)
from field_ops.pool.rules import ClaimRule, PoolRules
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_customer, work_as

A_DAY = timedelta(days=1)


async def unowned(work: Work, name: str = "华联超市", **fields: object) -> Customer:
    """A customer that lies in the company's own pool."""
    return await a_customer(work, name, owner_id=None, created_by=None, **fields)


async def ruled(database: Database, company: Company, claim: ClaimRule) -> None:
    """The company's own pool has this rule."""
    async with database.writing() as session:
        work = work_as(session, company.admin)
        rules = PoolRules(claim=claim)
        await actions.configure(work, "default", name="公海", position=0, rules=rules, members=())


async def claimed(
    database: Database, member: Member, customer_id: str, at: datetime = TUESDAY_MORNING
) -> None:
    async with database.writing() as session:
        await actions.claim(work_as(session, member, at), customer_id)


async def test_a_claimed_customer_is_mine_found_and_remembered(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await unowned(work_as(session, company.admin))
    await claimed(database, company.lilei, shop.id)
    async with database.reading() as session:
        work = work_as(session, company.lilei)
        kept = await session.get_one(Customer, (work.tenant_id, shop.id))
        assert (kept.owner_id, kept.owner_how) == (company.lilei.id, "claimed")
        assert (kept.owner_since, kept.revision) == (TUESDAY_MORNING, 2)
        (row,), _ = await look_up(work, "hlcs", mine=True)
        assert row.customer.id == shop.id
        (change,) = await queries.changes_of(work, shop.id)
        assert (change.how, change.from_id, change.to_id) == ("claimed", None, company.lilei.id)
        assert change.pool_id == "default"
        entry = await session.scalar(
            select(AuditEntry).where(AuditEntry.action == "customer.claimed")
        )
        assert entry is not None and entry.member_id == company.lilei.id


async def test_of_all_who_claim_at_once_one_has_it_and_the_others_are_told(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await unowned(work_as(session, company.admin))
    together = asyncio.Barrier(3)

    async def press(member: Member) -> str:
        await together.wait()
        try:
            await claimed(database, member, shop.id)
        except TakenMeanwhile as refusal:
            assert refusal.say("zh").startswith("「华联超市」刚被别人领走了")
            return "told"
        return member.id

    members = (company.lilei, company.hanmeimei, company.wang)
    outcomes = await asyncio.gather(*(press(member) for member in members))
    assert outcomes.count("told") == 2
    async with database.reading() as session:
        kept = await session.get_one(Customer, (company.tenant.id, shop.id))
        assert kept.owner_id in outcomes
        changes = await session.scalar(select(func.count()).select_from(OwnerChange))
        assert changes == 1


async def test_a_member_who_claims_many_at_once_gets_no_more_than_his_day_allows(
    database: Database, company: Company
) -> None:
    await ruled(database, company, ClaimRule(a_day=2))
    async with database.writing() as session:
        work = work_as(session, company.admin)
        shops = [await unowned(work, f"小店{number}号") for number in range(5)]

    async def press(customer_id: str) -> bool:
        try:
            await claimed(database, company.lilei, customer_id)
        except EnoughForToday as refusal:
            assert refusal.facts == {"limit": 2}
            return False
        return True

    assert sum(await asyncio.gather(*(press(shop.id) for shop in shops))) == 2
    async with database.reading() as session:
        assert await queries.claims_today(work_as(session, company.lilei), company.lilei.id) == 2
        tomorrow = work_as(session, company.lilei, TUESDAY_MORNING + A_DAY)
        assert await queries.claims_today(tomorrow, company.lilei.id) == 0


async def test_won_and_assigned_customers_do_not_count_against_the_holding_limit(
    database: Database, company: Company
) -> None:
    await ruled(database, company, ClaimRule(holding=1))
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "成交客户", lifecycle_stage="won")
        await a_customer(work, "分来的客户", owner_how="assigned")
        admin = work_as(session, company.admin)
        first, second = await unowned(admin, "第一家"), await unowned(admin, "第二家")
    await claimed(database, company.lilei, first.id)
    with pytest.raises(HoldsEnough) as refused:
        await claimed(database, company.lilei, second.id)
    assert refused.value.facts == {"held": 1, "limit": 1}


async def test_a_former_owner_waits_and_claims_again_twice_at_most(
    database: Database, company: Company
) -> None:
    await ruled(database, company, ClaimRule(former_owner_after_days=1, reclaims=2))
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei))
    at = TUESDAY_MORNING
    for _ in range(2):
        async with database.writing() as session:
            await actions.release(work_as(session, company.lilei, at), shop.id, "暂时不做")
        with pytest.raises(WasYours) as waits:
            await claimed(database, company.lilei, shop.id, at + timedelta(hours=23))
        assert "起才能再领取" in waits.value.say("zh")
        at += A_DAY
        await claimed(database, company.lilei, shop.id, at)
    async with database.writing() as session:
        await actions.release(work_as(session, company.lilei, at), shop.id, "暂时不做")
    with pytest.raises(ClaimedTooOften):
        await claimed(database, company.lilei, shop.id, at + A_DAY)
    await claimed(database, company.lilei, shop.id, at + timedelta(days=181))


async def test_what_was_just_released_waits_as_the_pool_says(
    database: Database, company: Company
) -> None:
    await ruled(database, company, ClaimRule(claimable_after_hours=12))
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        await actions.release(work, shop.id, "店铺已转让")
    with pytest.raises(NotClaimableYet) as refused:
        await claimed(database, company.hanmeimei, shop.id, TUESDAY_MORNING + A_DAY / 4)
    assert refused.value.facts["since"] == "2026-03-10 21:30"
    await claimed(database, company.hanmeimei, shop.id, TUESDAY_MORNING + A_DAY / 2)


async def test_a_release_cancels_what_was_planned_and_says_why(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        plan = VisitPlan(
            tenant_id=work.tenant_id, id=new_id(), owner_id=company.lilei.id,
            customer_id=shop.id, planned_on=work.today + A_DAY, created_at=work.now,
        )  # fmt: skip
        session.add(plan)
        await session.flush()
        await actions.release(work, shop.id, "店铺已转让")
        with pytest.raises(AlreadyInPool):
            await actions.release(work_as(session, company.admin), shop.id, "再退一次")
    async with database.reading() as session:
        kept = await session.get_one(VisitPlan, (company.tenant.id, plan.id))
        assert kept.state == "cancelled"
        (change,) = await queries.changes_of(work_as(session, company.lilei), shop.id)
        assert (change.how, change.reason) == ("released", "店铺已转让")
        with pytest.raises(NotFound):
            await actions.release(work_as(session, company.hanmeimei), shop.id, "不是我的")


async def test_a_lead_assigns_from_the_pool_to_his_people_only(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await unowned(work_as(session, company.admin))
        with pytest.raises(NotAllowed):
            await actions.assign(work_as(session, company.lilei), shop.id, company.lilei.id)
        wang = work_as(session, company.wang)
        with pytest.raises(OwnerUnknown):
            await actions.assign(wang, shop.id, company.admin.id)
        given = await actions.assign(wang, shop.id, company.hanmeimei.id)
        assert (given.owner_id, given.owner_how) == (company.hanmeimei.id, "assigned")
    with pytest.raises(TakenMeanwhile):
        await claimed(database, company.lilei, shop.id)


async def test_each_customer_whose_details_are_opened_counts_once_a_day(
    database: Database, company: Company
) -> None:
    await ruled(database, company, ClaimRule(views_a_day=2))
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        shops = [await unowned(admin, f"小店{number}号") for number in range(3)]
        work = work_as(session, company.lilei)
        for shop in (shops[0], shops[1], shops[0]):
            await actions.open_details(work, shop.id)
        assert await queries.views_today(work, company.lilei.id) == 2
        with pytest.raises(EnoughSeenToday):
            await actions.open_details(work, shops[2].id)


async def test_a_pool_is_its_members_and_its_departments(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        admin = work_as(session, company.admin)

        async def a_pool(name: str, *members: tuple[str, str, bool]) -> str:
            return await actions.configure(
                admin, None, name=name, position=1, rules=PoolRules(), members=members
            )

        east = await a_pool("华东公海", ("department", company.east.id, False))
        own = await a_pool("大客户公海", ("member", company.hanmeimei.id, True))
        in_east = await unowned(admin, "东边的店", pool_id=east)
        in_own = await unowned(admin, "大客户", pool_id=own)
        for member, ids in (
            (company.lilei, [east, "default"]),
            (company.hanmeimei, [*sorted((east, own)), "default"]),
            (company.admin, [*sorted((east, own)), "default"]),
        ):
            work = work_as(session, member)
            pools = await queries.pools_of(work)
            assert sorted(one.id for one in pools if one.id != "default") == sorted(ids[:-1])
            rows, more = await queries.in_the_pool(work, pools, typed="", level="", page=1)
            assert (
                {row.id for row in rows} == {in_east.id, in_own.id} if own in ids else {in_east.id}
            )
            assert not more
        with pytest.raises(NotFound):
            await actions.claim(work_as(session, company.lilei), in_own.id)
        taken = await actions.claim(work_as(session, company.lilei), in_east.id)
        assert taken.pool_id is None
        back = await actions.release(work_as(session, company.lilei), in_east.id, "太远了")
        assert back.pool_id == east


async def test_an_assigned_and_a_handed_over_customer_have_a_history_too(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei))
        later = work_as(session, company.admin, TUESDAY_MORNING + A_DAY)
        await customers.assign(later, shop.id, company.hanmeimei.id)
        (change,) = await queries.changes_of(later, shop.id)
        assert (change.how, change.from_id) == ("assigned", company.lilei.id)
        assert shop.owner_since == later.now


def test_every_refusal_of_a_claim_reads_well_in_both_languages() -> None:
    refusals: list[Refusal] = [
        WasYours(name="华联", until="2026-04-09 09:30"),
        ClaimedTooOften(name="华联", limit=2, days=180),
        HoldsEnough(held=200, limit=200),
    ]
    assert refusals[0].say("zh") == "「华联」不久前还在您名下，2026-04-09 09:30 起才能再领取。"
    assert refusals[2].say("en").startswith("You hold 200 customers, and the limit is 200.")
    assert "两" not in refusals[1].say("zh") and "180" in refusals[1].say("zh")
