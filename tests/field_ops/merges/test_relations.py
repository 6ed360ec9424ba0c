"""A merge takes relations along, an undo gives them back, and nobody ends up above himself."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.customers.errors import RelatedInACircle
from field_ops.customers.related import relations_of
from field_ops.customers.relations import HIERARCHY, CustomerRelation
from field_ops.db import Database
from field_ops.merges import actions
from tests.factories import Company, a_company, a_customer, work_as


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def rows(database: Database) -> list[Any]:
    columns = CustomerRelation.__table__.columns
    async with database.reading() as session:
        return sorted(map(tuple, await session.execute(select(*columns))))


async def test_the_master_has_them_and_after_the_undo_the_loser_again(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.wang)
        master, loser, chain, shop = [
            (await a_customer(work, name, at=None)).id for name in ("甲", "乙", "集团", "店")
        ]
        await customers.relate(work, loser, chain, "group", other_is_above=True)
        await customers.relate(work, loser, shop, "branch", other_is_above=False)
        await customers.relate(work, master, shop, "branch", other_is_above=False)
        await customers.relate(work, loser, master, "branch", other_is_above=True)
    before = await rows(database)
    async with database.writing() as session:
        work = work_as(session, company.wang)
        shown = await actions.show_merge(work, master, loser, {})
        assert shown.moves["customer_relation"] == 3
        done = await actions.merge(work, master, loser, {})
    async with database.reading() as session:
        found = await relations_of(work_as(session, company.wang), master)
        assert {(one.name, one.is_above) for one in found.present} == {
            ("集团", True),
            ("店", False),
        }
        # What related the two, and the second relation to the shop, ended and names nobody else.
        assert [one.name for one in found.past] == []
    async with database.writing() as session:
        await actions.undo(work_as(session, company.wang), done.id)
    assert await rows(database) == before


async def test_who_stands_above_the_other_through_somebody_else_is_not_merged_with_him(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.wang)
        top, middle, low = [(await a_customer(work, n, at=None)).id for n in "甲乙丙"]
        await customers.relate(work, middle, top, "group", other_is_above=True)
        await customers.relate(work, low, middle, "branch", other_is_above=True)
    for pair in ((top, low), (low, top)):
        with pytest.raises(RelatedInACircle):
            async with database.writing() as session:
                await actions.merge(work_as(session, company.wang), *pair, {})


@pytest.mark.parametrize("seed", range(3))
async def test_random_merges_and_undos_leave_no_circle_and_lose_nothing(
    database: Database, company: Company, seed: int
) -> None:
    dice = Random(seed)
    async with database.writing() as session:
        work = work_as(session, company.wang)
        ids = [(await a_customer(work, f"第{n}家", at=None)).id for n in range(9)]
        for _ in range(14):
            one, other = dice.sample(ids, 2)
            kind = dice.choice((*HIERARCHY, "supplies"))
            try:
                await customers.relate(work, one, other, kind, other_is_above=True)
            except RelatedInACircle:
                continue
    before, done = await rows(database), []
    for _ in range(5):
        master, loser = dice.sample(ids, 2)
        try:
            async with database.writing() as session:
                merge = await actions.merge(work_as(session, company.wang), master, loser, {})
        except RelatedInACircle:
            continue
        done.append(merge.id)
        ids.remove(loser)
        assert not has_a_circle(await rows(database))
    assert done
    for merge_id in reversed(done):
        async with database.writing() as session:
            await actions.undo(work_as(session, company.wang), merge_id)
    assert await rows(database) == before


def has_a_circle(found: list[Any]) -> bool:
    names = [column.name for column in CustomerRelation.__table__.columns]
    each = [dict(zip(names, row, strict=True)) for row in found]
    edges = {
        (one["from_id"], one["to_id"])
        for one in each
        if one["kind"] in HIERARCHY and one["ended_at"] is None
    }
    while True:
        below = {lower for _, lower in edges}
        left = {(upper, lower) for upper, lower in edges if upper in below}
        if left == edges:
            return bool(edges)
        edges = left
