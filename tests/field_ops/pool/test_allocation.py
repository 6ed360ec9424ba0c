"""The system gives customers of a pool away: to whom, and to whom not."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from field_ops.customers.models import Customer
from field_ops.customers.owner_changes import ALLOCATED, OwnerChange
from field_ops.db import Database
from field_ops.errors import NotAllowed
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.pool import absences, actions, queries
from field_ops.pool.allocation import allocate, forecast, pools_that_give
from field_ops.pool.choosing import Candidate, choose
from field_ops.pool.errors import PoolTagUnknown, TakenMeanwhile
from field_ops.pool.rules import PoolRules
from field_ops.pool.trial import as_if
from field_ops.tags import actions as tags
from field_ops.tags.models import CustomerTag
from field_ops.tags.schemas import GroupIn, TagIn
from field_ops.territories import actions as territories
from field_ops.territories.schemas import DivisionIn, TerritoryIn
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_customer, work_as

LATER = TUESDAY_MORNING + timedelta(hours=25)
FAR = (31.5, 115.9)


async def a_pool(
    database: Database, company: Company, mode: str, by_tag: Sequence[Any] = (), **claim: Any
) -> str:
    """Of 李雷 and 韩梅梅."""
    allocation = {"mode": mode, "by_tag": by_tag}
    rules = PoolRules.model_validate({"allocation": allocation, "claim": claim})
    members = [("member", one.id, False) for one in (company.lilei, company.hanmeimei)]
    async with database.writing() as session:
        work = work_as(session, company.admin)
        return await actions.configure(
            work, None, name="南区", position=1, rules=rules, members=members
        )


async def shops(database: Database, company: Company, pool_id: str, count: int) -> list[str]:
    async with database.writing() as session:
        work = work_as(session, company.admin)
        fields: dict[str, Any] = {"owner_id": None, "created_by": None, "pool_id": pool_id}
        return [
            (await a_customer(work, f"公海{number}号", city="武汉", **fields)).id
            for number in range(count)
        ]


async def of_his_own(database: Database, member: Member, count: int, **fields: Any) -> None:
    async with database.writing() as session:
        work = work_as(session, member)
        for number in range(count):
            await a_customer(work, f"{member.name}的{number}号", **fields)


async def runs(database: Database, company: Company) -> int:
    """As the worker does; how many were given."""
    async with database.reading() as session:
        work = work_as(session, company.admin, LATER).as_system()
        pool_ids, before = await pools_that_give(work), await given(work)
    for pool_id in pool_ids:
        goes_on, after = True, ""
        while goes_on:
            async with database.writing() as session:
                work = work_as(session, company.admin, LATER).as_system()
                after = await allocate(work, pool_id, after)
            goes_on = after != ""
    async with database.reading() as session:
        return await given(work_as(session, company.admin)) - before


async def given(work: Work) -> int:
    asked = select(func.count()).where(OwnerChange.how == ALLOCATED)
    return await work.session.scalar(asked) or 0


async def owners(database: Database, shop_ids: list[str]) -> list[str | None]:
    async with database.reading() as session:
        rows = await session.execute(
            select(Customer.id, Member.name).outerjoin(Member, Member.id == Customer.owner_id)
        )
        names = {customer_id: name for customer_id, name in rows}  # noqa: C416
        return [names[one] for one in shop_ids]


async def test_in_turn_each_gets_one_and_is_told_once(database: Database, company: Company) -> None:
    pool_id = await a_pool(database, company, "round_robin")
    some = await shops(database, company, pool_id, 4)
    assert await runs(database, company) == 4
    assert sorted(map(str, await owners(database, some))) == ["李雷", "李雷", "韩梅梅", "韩梅梅"]
    assert await runs(database, company) == 0
    async with database.reading() as session:
        cards = await session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "allocated")
        )
        assert [card.message["title"] for card in cards] == ["系统分给您 2 家公海客户"] * 2


async def test_who_is_away_or_full_is_passed_over(database: Database, company: Company) -> None:
    pool_id = await a_pool(database, company, "least_loaded", holding=2)
    some = await shops(database, company, pool_id, 4)
    async with database.writing() as session:
        work = work_as(session, company.wang)
        day = LATER.date()
        await absences.say_away(work, company.hanmeimei.id, day, day + timedelta(days=2))
        with pytest.raises(NotAllowed):
            await absences.say_away(work_as(session, company.lilei), company.wang.id, day, day)
        ((away, name),) = await absences.ahead(work)
        assert (name, away.first_day, away.last_day) == ("韩梅梅", day, day + timedelta(days=2))
        assert await absences.ahead(work_as(session, company.lilei)) == []
    assert await runs(database, company) == 2  # 李雷 has room for two
    assert await owners(database, some) == ["李雷", "李雷", None, None]


@pytest.mark.parametrize("mode", ["same_city", "nearest", "least_loaded"])
async def test_who_is_there_already_gets_what_is_there(
    database: Database, company: Company, mode: str
) -> None:
    pool_id = await a_pool(database, company, mode)
    await of_his_own(database, company.hanmeimei, 3, city="武汉", at=WUHAN)
    await of_his_own(database, company.lilei, 1, city="黄石", at=FAR)
    some = await shops(database, company, pool_id, 1)
    await runs(database, company)
    assert await owners(database, some) == ["李雷" if mode == "least_loaded" else "韩梅梅"]


async def test_what_just_came_waits_and_a_pool_that_says_nothing_gives_nothing(
    database: Database, company: Company
) -> None:
    pool_id = await a_pool(database, company, "least_loaded")
    await shops(database, company, pool_id, 1)
    async with database.writing() as session:
        work = work_as(session, company.admin).as_system()
        assert (await allocate(work, pool_id), await given(work)) == ("", 0)
    off = await a_pool(database, company, "off")
    some = await shops(database, company, off, 1)
    await runs(database, company)
    assert await owners(database, some) == [None]


async def test_of_a_claim_an_assignment_and_the_system_at_once_one_wins(
    database: Database, company: Company
) -> None:
    pool_id = await a_pool(database, company, "round_robin")
    some = await shops(database, company, pool_id, 3)
    together = asyncio.Barrier(3)

    async def claims() -> int:
        await together.wait()
        try:
            async with database.writing() as session:
                await actions.claim(work_as(session, company.lilei, LATER), some[0])
        except TakenMeanwhile:
            return 0
        return 1

    async def assigns() -> int:
        await together.wait()
        try:
            async with database.writing() as session:
                admin = work_as(session, company.admin, LATER)
                await actions.assign(admin, some[0], company.wang.id)
        except TakenMeanwhile:
            return 0
        return 1

    async def gives() -> int:
        await together.wait()
        return await runs(database, company)

    outcomes = await asyncio.gather(claims(), assigns(), gives())
    assert sum(outcomes) == 3
    assert None not in await owners(database, some)


def test_nobody_with_room_is_nobody() -> None:
    assert choose("least_loaded", [Candidate("a", held=2, limit=2)]) is None
    first, second = Candidate("a", held=2, limit=9), Candidate("b", held=1, limit=9)
    assert choose("least_loaded", [first, second]) is second
    assert choose("round_robin", [first, second]) is first


async def test_a_territory_gives_to_its_owner_and_to_nobody_else(
    database: Database, company: Company
) -> None:
    """The reason stands with the change; who is away gets nothing, and his customers wait."""
    pool_id = await a_pool(database, company, "territory")
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        for name, owner, city in (
            ("武汉片区", company.hanmeimei, "武汉市"),
            ("黄石片区", company.lilei, "黄石"),
        ):
            await territories.make(
                admin,
                TerritoryIn(name=name, owner_id=owner.id, divisions=[DivisionIn(city=city)]),
            )
        day = LATER.date()
        await absences.say_away(work_as(session, company.wang), company.lilei.id, day, day)
    some = await shops(database, company, pool_id, 45)  # more than one transaction has
    async with database.writing() as session:
        for one, city in zip(some, ("黄石", "宜昌"), strict=False):
            (await session.get_one(Customer, (company.tenant.id, one))).city = city
    assert await runs(database, company) == 43
    assert await owners(database, some) == [None, None, *["韩梅梅"] * 43]
    async with database.reading() as session:
        reasons = set(await session.scalars(select(OwnerChange.reason)))
        assert reasons == {"territory:武汉片区"}
        audited = select(AuditEntry.change).where(AuditEntry.action == "customer.allocated")
        assert (await session.scalars(audited.limit(1))).one()["reason"][1] == "territory:武汉片区"


async def test_the_first_tag_of_the_rule_says_who_gets_it(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        group = await tags.make_group(admin, GroupIn(name="渠道"))
        drinks, chains = [
            await tags.make_tag(admin, TagIn(group_id=group.id, name=name))
            for name in ("酒水", "连锁")
        ]
    by_tag = [
        {"tag_id": chains.id, "member_ids": [company.hanmeimei.id]},
        {"tag_id": drinks.id, "member_ids": [company.lilei.id, company.wang.id]},
    ]
    pool_id = await a_pool(database, company, "by_tag", by_tag=by_tag)
    some = await shops(database, company, pool_id, 3)
    async with database.writing() as session:
        for one, tag in ((some[0], drinks), (some[0], chains), (some[1], drinks)):
            session.add(
                CustomerTag(tenant_id=company.tenant.id, customer_id=one, tag_id=tag.id, at=LATER)
            )
    async with database.writing() as session:  # the dry run says the same, and changes nothing
        admin = work_as(session, company.admin, LATER)
        rules = {one.id: one.rules for one in await queries.every_pool(admin)}[pool_id]
        async with as_if(admin, pool_id, rules) as pool:
            count, found = await forecast(admin, pool)
        ids = [one.to.id if one.to else None for one in found]
        assert (count, ids) == (3, [company.hanmeimei.id, company.lilei.id, None])
    assert await owners(database, some) == [None] * 3
    assert await runs(database, company) == 2
    assert await owners(database, some) == ["韩梅梅", "李雷", None]
    with pytest.raises(PoolTagUnknown):
        await a_pool(
            database, company, "by_tag", by_tag=[{"tag_id": "no", "member_ids": [company.wang.id]}]
        )
