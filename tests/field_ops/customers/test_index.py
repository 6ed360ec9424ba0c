"""The index says of every customer what is so now, in whichever way it came to know."""

import random
from collections.abc import AsyncIterator

import pytest
from pyroaring import BitMap
from sqlalchemy import delete, select, update

from field_ops.customers import actions, index, postings
from field_ops.customers.building import build
from field_ops.customers.models import (
    Contact,
    CustomerPosting,
    CustomerPostingChange,
    CustomerSearch,
)
from field_ops.customers.new_rows import contact_values
from field_ops.customers.schemas import ContactIn, LocationIn
from field_ops.customers.searchable import say_searchable
from field_ops.db import Database
from field_ops.work import Work
from tests.factories import WUHAN, Company, a_customer, work_as

SEED = 20261130
NAMES = ("华联超市", "重庆路长安行", "KFC餐厅", "乐购", "绿地🍺")


async def known(work: Work) -> dict[int, set[str]]:
    """By term, which customers the index knows to have it: what stands in all three tables."""
    rows = await work.session.execute(select(CustomerSearch.document, CustomerSearch.customer_id))
    customer_of = {row.document: row.customer_id for row in rows}
    found: dict[int, set[int]] = {}
    for row in await work.session.scalars(select(CustomerPosting)):
        found.setdefault(row.term, set()).update(BitMap.deserialize(row.documents))
    for row in await work.session.scalars(select(CustomerPostingChange)):
        some = found.setdefault(row.term, set())
        (some.add if row.is_there else some.discard)(row.document)
    return {
        term: {customer_of.get(one, "nobody") for one in documents}
        for term, documents in found.items()
        if documents
    }


async def live(work: Work, dice: random.Random) -> None:
    """Customers come, change and go; now and then some of it is merged."""
    customers = [
        await a_customer(work, dice.choice(NAMES), phone=f"1380013800{at}") for at in range(8)
    ]
    for _ in range(40):
        customer = dice.choice(customers)
        match dice.randrange(6):
            case 0:
                customer.address = dice.choice(("中山路", "解放大道", ""))
                customer.level = dice.choice("AB")
                customer.name = dice.choice(NAMES)
                await index.refresh(work, [customer.id])
            case 1:
                contact = ContactIn(name=dice.choice("张李王"), phone="027-85551234")
                work.session.add(Contact(**contact_values(work, customer.id, contact)))
                await index.refresh(work, [customer.id])
            case 2:
                place = LocationIn(lat=WUHAN[0] + dice.random(), lng=WUHAN[1], datum="GCJ02")
                await actions.propose_location(work, customer.id, place)
            case 3:
                await say_searchable(work, "tag", {customer.id: dice.sample(("KA", "重点"), 1)})
            case 4:
                customers.append(await a_customer(work, dice.choice(NAMES)))
            case _:
                await postings.merge_some(work)
    customers[0].removed_at = work.now
    await index.refresh(work, [customers[0].id])


@pytest.fixture
async def work(database: Database, company: Company) -> AsyncIterator[Work]:
    async with database.writing() as session:
        yield work_as(session, company.lilei)


async def test_it_is_what_a_rebuild_makes(work: Work) -> None:
    await live(work, random.Random(SEED))
    noted = await known(work)
    while await postings.merge_some(work):
        pass
    assert (await work.session.scalars(select(CustomerPostingChange))).all() == []
    assert await known(work) == noted
    await index.rebuild(work)
    assert await known(work) == noted


async def test_a_migration_makes_it_from_what_is_there(work: Work) -> None:
    await live(work, random.Random(SEED + 1))
    noted = await known(work)
    for table in (CustomerPosting, CustomerPostingChange):
        await work.session.execute(delete(table))
    await work.session.execute(
        update(CustomerSearch).values(asides="", facets="")  # as before the upgrade
    )
    await (await work.session.connection()).run_sync(build)
    assert await known(work) == noted
    rows = await work.session.scalars(select(CustomerSearch.customer_id))
    await index.refresh(work, rows.all())  # which finds nothing to do
    assert (await work.session.scalars(select(CustomerPostingChange))).all() == []


async def test_many_new_customers_are_not_noted_one_by_one(work: Work) -> None:
    ids = [(await a_customer(work, f"华联{number}")).id for number in range(index.MANY)]
    noted = await known(work)
    await index.rebuild(work)
    assert (await work.session.scalars(select(CustomerPostingChange))).all() == []
    assert await known(work) == noted
    assert len(ids) == index.MANY


async def test_a_term_that_nobody_has_any_more_takes_no_room(work: Work) -> None:
    customer = await a_customer(work, "独一无二")
    await postings.merge_some(work)
    customer.removed_at = work.now
    await index.refresh(work, [customer.id])
    while await postings.merge_some(work):
        pass
    assert (await work.session.scalars(select(CustomerPosting))).all() == []


def test_documents_are_kept_by_block() -> None:
    documents = BitMap([0, postings.A_BLOCK - 1, postings.A_BLOCK, 5 * postings.A_BLOCK])
    parts = postings.blocks_of(documents)
    assert {block: len(part) for block, part in parts.items()} == {0: 2, 1: 1, 5: 1}
    assert BitMap.union(*parts.values()) == documents
