"""Customers are found by their address and by what other folders say of them."""

import pytest

from field_ops.customers import actions, index
from field_ops.customers.lookup import look_up
from field_ops.customers.schemas import CustomerChange
from field_ops.customers.searchable import say_searchable
from field_ops.db import Database
from field_ops.work import Work
from tests.factories import Company, a_customer, work_as


async def found(work: Work, typed: str) -> list[tuple[str, str]]:
    rows, _ = await look_up(work, typed)
    return [(row.customer.name, row.matched_on) for row in rows]


@pytest.mark.parametrize(
    ("typed", "on"),
    [
        ("重点", "tag"),
        ("KA", "tag"),
        ("门", "field"),
        ("中山路128", "address"),
        ("江岸", "address"),
    ],
)
async def test_a_customer_is_found_by_what_is_said_of_it(
    database: Database, company: Company, typed: str, on: str
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work, "华联", address="江岸区中山路 128 号")
        await a_customer(work, "红星")
        await say_searchable(work, "tag", {customer.id: ["重點客户", "ka"]})
        await say_searchable(work, "field", {customer.id: ["双开门冰柜"]})
        assert await found(work, typed) == [("华联", on)]
        assert await index.rebuild(work) == 2
        assert await found(work, f"{typed} 华联") == [("华联", "name")]


async def test_what_is_said_anew_replaces_what_was_said(
    database: Database, company: Company
) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        customer = await a_customer(work, "华联", address="中山路")
        await say_searchable(work, "tag", {customer.id: ["重点"]})
        await say_searchable(work, "tag", {customer.id: ["一般"]})
        change = CustomerChange(revision=customer.revision, address="解放大道")
        await actions.edit(work, customer.id, change)
        assert [await found(work, typed) for typed in ("重点", "中山")] == [[], []]
        assert len(await found(work, "一般 解放")) == 1
        await say_searchable(work, "tag", {customer.id: []})
        assert await found(work, "一般") == []


async def test_a_name_precedes_an_address(database: Database, company: Company) -> None:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, "红星", address="中山路")
        await a_customer(work, "新中山超市")
        await a_customer(work, "中山书店")
        names = [name for name, _ in await found(work, "中山")]
    assert names == ["中山书店", "新中山超市", "红星"]
