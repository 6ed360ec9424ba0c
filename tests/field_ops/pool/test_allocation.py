"""The system gives customers of a pool away: to whom, and to whom not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.errors import NotAllowed
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member
from field_ops.pool import absences, actions
from field_ops.pool.allocation import Candidate, allocate, choose
from field_ops.pool.errors import TakenMeanwhile
from field_ops.pool.rules import PoolRules
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_customer, work_as

LATER = TUESDAY_MORNING + timedelta(hours=25)
FAR = (31.5, 115.9)


async def a_pool(database: Database, company: Company, mode: str, **claim: Any) -> str:
    """Of 李雷 and 韩梅梅."""
    rules = PoolRules.model_validate({"allocation": {"mode": mode}, "claim": claim})
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
    async with database.writing() as session:
        return await allocate(work_as(session, company.admin, LATER).as_system())


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
        assert await allocate(work_as(session, company.admin).as_system()) == 0
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
