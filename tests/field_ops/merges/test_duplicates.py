"""The nightly look finds the pairs that comparing all with all finds, and asks once."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerChange
from field_ops.customers.suspects import Action, Described, judge, traits_of
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound, Refusal
from field_ops.merges import actions, pairs, scan
from field_ops.people.models import Member
from field_ops.sharing.actions import share
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, a_department, a_member, work_as

A_DAY_ON = TUESDAY_MORNING + timedelta(days=1)
WORDS = (
    *("华联", "红星", "新华", "海明", "海名", "福茂", "超市", "家具", "书店", "电子", "商务"),
    *("便利", "生鲜", "百货", "有限公司", "商行"),
)


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def some_customers(work: Work, dice: Random, count: int) -> None:
    for at in range(count):
        name = "".join(dice.sample(WORDS, dice.randint(2, 4)))
        city = dice.choice(["武汉", "深圳", ""])
        phone = f"1380013{dice.randint(8000, 8025)}" if dice.random() < 0.3 else ""
        made = replace(work, now=work.now + timedelta(seconds=at))
        await a_customer(made, name, city=city, phone=phone, at=None)


async def whole_look(database: Database, member: Member, limit: int = 7) -> None:
    while True:
        async with database.reading() as session:
            looked = await scan.look(work_as(session, member), limit)
        if looked is None:
            return
        async with database.writing() as session:
            await scan.note(work_as(session, member), looked)


async def by_brute_force(database: Database) -> set[tuple[str, str]]:
    async with database.reading() as session:
        known = (await session.scalars(select(Customer))).all()
    traits = {
        one.id: traits_of(Described(name=one.name, phones=(one.phone,), city=one.city))
        for one in known
        if one.removed_at is None
    }
    return {
        (min(one, other), max(one, other))
        for one, other in combinations(traits, 2)
        if (found := judge(traits[one], traits[other])) and found[1] is not Action.SHOW
    }


async def shown(database: Database, member: Member, customer_id: str = "") -> set[tuple[str, str]]:
    async with database.reading() as session:
        found = await pairs.open_pairs(work_as(session, member), customer_id)
    return {(one.pair.one_id, one.pair.other_id) for one in found}


async def test_it_finds_what_comparing_all_with_all_finds(
    database: Database, company: Company
) -> None:
    dice = Random(20261122)
    async with database.writing() as session:
        await some_customers(work_as(session, company.lilei), dice, 120)
    await whole_look(database, company.admin)
    expected = await by_brute_force(database)
    assert len(expected) > 10
    assert await shown(database, company.admin) == expected
    async with database.reading() as session:
        ids = (await session.scalars(select(Customer.id).order_by(Customer.id))).all()
    for customer_id in dice.sample(list(ids), 15):  # renamed, and only they are looked at again
        with suppress(Refusal):  # another may have its name or phone already
            async with database.writing() as session:
                await rename(work_as(session, company.admin, A_DAY_ON), customer_id, dice)
    await whole_look(database, company.admin)
    assert await shown(database, company.admin) == await by_brute_force(database)


async def rename(work: Work, customer_id: str, dice: Random) -> None:
    row = await work.session.get_one(Customer, (work.tenant_id, customer_id))
    name = "".join(dice.sample(WORDS, 3))
    await customers.edit(work, customer_id, CustomerChange(revision=row.revision, name=name))


async def test_what_somebody_told_apart_is_not_asked_again(
    database: Database, company: Company
) -> None:
    one, other = await two_alike(database, company)
    assert await shown(database, company.wang) == {(one, other)}
    async with database.writing() as session:
        await pairs.say_different(work_as(session, company.wang), other, one)
    assert await shown(database, company.wang) == set()
    async with database.writing() as session:
        work = work_as(session, company.lilei, A_DAY_ON)
        row = await session.get_one(Customer, (company.tenant.id, one))
        await customers.edit(work, one, CustomerChange(revision=row.revision, note="来过"))
    await whole_look(database, company.admin)
    assert await shown(database, company.wang) == set()


async def test_a_customer_has_the_pairs_that_it_is_one_of(
    database: Database, company: Company
) -> None:
    dice = Random(20261201)
    async with database.writing() as session:
        await some_customers(work_as(session, company.lilei), dice, 60)
    await whole_look(database, company.admin)
    everything = await shown(database, company.wang)
    for asked in {one for pair in everything for one in pair}:
        its_own = {pair for pair in everything if asked in pair}
        assert await shown(database, company.wang, asked) == its_own


async def test_what_was_merged_has_no_pair(database: Database, company: Company) -> None:
    one, other = await two_alike(database, company)
    async with database.writing() as session:
        await actions.merge(work_as(session, company.wang), one, other, {})
    await whole_look(database, company.admin)
    assert await shown(database, company.admin) == set()


async def test_who_may_not_merge_both_is_not_asked_and_tells_nothing_apart(
    database: Database, company: Company
) -> None:
    one, other = await two_alike(database, company)
    async with database.writing() as session:
        north = a_department(session, company.connection, "华北区")
        zhang = a_member(session, company.connection, "张三", north, role="lead")
        await session.flush()
        for shop_id in (one, other):
            await share(work_as(session, company.lilei), shop_id, zhang.id, "edit")
        me = replace(work_as(session, zhang).actor, by_place=frozenset({"lead"}))
        work = replace(work_as(session, zhang), actor=me)
        assert await pairs.open_pairs(work) == []
        with pytest.raises(NotAllowed):
            await pairs.say_different(work, one, other)


async def test_who_sees_only_one_of_them_sees_no_pair(database: Database, company: Company) -> None:
    one, other = await two_alike(database, company)
    with pytest.raises(NotAllowed):
        await shown(database, company.lilei)
    async with database.writing() as session:
        rival = await a_company(session, name="另一家", connection="rival")
    assert await shown(database, rival.admin) == set()
    async with database.writing() as session:
        row = await session.get_one(Customer, (company.tenant.id, other))
        row.owner_id = company.admin.id
    assert await shown(database, company.wang) == set()
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await pairs.say_different(work_as(session, company.wang), one, other)


async def two_alike(database: Database, company: Company) -> tuple[str, str]:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        one = await a_customer(work, "海明电子商务", city="武汉")
        other = await a_customer(work, "海名电子商务", city="武汉", at=None)
    await whole_look(database, company.admin)
    first, second = sorted((one.id, other.id))
    return first, second
