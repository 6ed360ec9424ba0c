"""How a customer came to its level: a reason for a leap, and a history of all of it."""

from itertools import product

import pytest

from field_ops.customers import actions
from field_ops.customers.errors import LevelReasonNeeded
from field_ops.customers.levels import levels_of
from field_ops.customers.queries import find_customer
from field_ops.customers.schemas import CustomerChange
from field_ops.db import Database
from field_ops.errors import NotFound
from field_ops.merges import actions as merges
from field_ops.work import Work
from tests.factories import Company, a_customer, work_as


async def set_level(work: Work, customer_id: str, level: str, reason: str = "") -> None:
    customer = await actions.edit(
        work,
        customer_id,
        CustomerChange.model_validate(
            {"revision": await revision(work, customer_id), "level": level, "level_reason": reason}
        ),
    )
    assert customer.level == level


async def revision(work: Work, customer_id: str) -> int:
    return (await find_customer(work, customer_id)).revision


@pytest.mark.parametrize(("before", "after"), list(product("ABCD", repeat=2)))
async def test_two_levels_at_once_need_a_reason(
    database: Database, company: Company, before: str, after: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work, level=before)
        if abs(ord(before) - ord(after)) >= 2:
            with pytest.raises(LevelReasonNeeded):
                await set_level(work, shop.id, after)
        await set_level(work, shop.id, after, "年采购翻倍")
        history = [(one.before, one.after, one.reason) for one in await levels_of(work, shop.id)]
    assert history == ([(before, after, "年采购翻倍")] if before != after else [])


async def test_the_history_is_for_who_sees_the_customer_and_knows_of_merges(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work)
        other = await a_customer(work, "红星", level="B")
        await set_level(work, shop.id, "D")
        done = await merges.merge(
            work_as(session, company.wang), shop.id, other.id, {"level": "loser"}
        )
        await merges.undo(work_as(session, company.wang), done.id)
    async with database.reading() as session:
        told = [
            (one.before, one.after, one.how, one.by_id)
            for one in await levels_of(work_as(session, company.wang), shop.id)
        ]
        with pytest.raises(NotFound):
            await levels_of(work_as(session, company.hanmeimei), shop.id)
    assert told == [
        ("B", "D", "parted", company.wang.id),
        ("D", "B", "merged", company.wang.id),
        ("C", "D", "manual", company.lilei.id),
    ]
