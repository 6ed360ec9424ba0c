"""Random organisations, and every answer that names customers: as the oracle says, no row more and
none less, before and after something changes.

`WAIQIN_TEST_ORGANISATIONS=200` asks as many of them.
"""

import os
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dispatch import handle
from field_ops.access import find_visible
from field_ops.api_tokens import actions as api_tokens
from field_ops.api_tokens.schemas import ApiTokenIn
from field_ops.customers.filters import CustomerFilter
from field_ops.customers.listing import all_customers
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.customers.nearby import nearby
from field_ops.customers.queries import may_edit
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.exchange import export_actions
from field_ops.exchange.customer_cells import OwnColumns, Style, rows_after
from field_ops.exchange.schemas import ExportIn
from field_ops.geo import to_wgs84
from field_ops.host.events import TextReceived
from field_ops.http import tokens
from field_ops.outbox.models import OutboxMessage
from field_ops.people.queries import actor_again
from field_ops.pool import queries as pools
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import WUHAN

from .oracle import CLAIM, EXPORT, SENSITIVE
from .organisations import SHOPS, Town, a_town, shake

SEEDS = range(int(os.environ.get("WAIQIN_TEST_ORGANISATIONS", "3")))
SHAKES = 4
HERE = to_wgs84(*WUHAN, "GCJ02")


async def work_of(session: AsyncSession, town: Town, who: str, via: str = "h5") -> Work:
    """This person at work with what he may now, as every door finds it out."""
    door = Actor(town.tenant_id, None, via=via, connection_id=town.connection.id)
    found = await actor_again(session, door, who)
    assert found is not None
    return Work(session, found[0], TUESDAY_MORNING, SHANGHAI)


async def looked_up(work: Work) -> set[str]:
    found, page, more = set[str](), 1, True
    while more:
        rows, more = await look_up(work, "hl", page=page)
        found |= {row.customer.id for row in rows}
        page += 1
    return found


async def listed(work: Work) -> set[str]:
    found, cursor, more = set[str](), "", True
    while more:
        page = await all_customers(work, CustomerFilter(), cursor, 10, beside=frozenset())
        found |= {row.id for row in page.customers}
        cursor, more = page.cursor, page.more
    return found


async def around(work: Work) -> set[str]:
    return {row.customer.id for row in await nearby(work, HERE, 3000, most=SHOPS)}


async def opened(work: Work) -> set[str]:
    found = set()
    for shop_id in await work.session.scalars(
        select(Customer.id).where(Customer.tenant_id == work.tenant_id)
    ):
        try:
            found.add((await find_visible(work, Customer, shop_id)).id)
        except NotFound:
            continue
    return found


async def edited(work: Work) -> set[str]:
    rows = await work.session.scalars(
        select(Customer).where(
            Customer.tenant_id == work.tenant_id, Customer.id.in_(await opened(work))
        )
    )
    return {row.id for row in rows if await may_edit(work, row)}


async def exported(work: Work, *, phones: bool) -> tuple[int, set[str]]:
    """How many the question counted, and the numbers that stand in the file."""
    wanted = ExportIn.model_validate({"format": "csv", "with_phones": phones})
    async with work.session.begin_nested() as taken_back:
        counted = (await export_actions.ask(work, wanted)).counted
        await taken_back.rollback()
    style = Style("zh", masks_phones=not phones)
    _, rows = await rows_after(work, "", [], style, OwnColumns(), SHOPS + 1)
    return counted, {str(row[0]) for row in rows}


async def compare(session: AsyncSession, town: Town, seed: int) -> None:
    told = town.told
    answers: dict[str, Callable[[Work], Awaitable[set[str]]]] = {
        "lookup": looked_up, "list": listed, "nearby": around, "page": opened,
    }  # fmt: skip
    for who in told.people:
        work, sees = await work_of(session, town, who), told.sees(who)
        for name, ask in answers.items():
            assert await ask(work) == sees, (seed, who, name)
        assert await edited(work) == told.edits(who), (seed, who, "edit")
        for phones, permission in ((False, EXPORT), (True, SENSITIVE)):
            if not told.may(who, permission):
                with pytest.raises(NotAllowed):
                    await exported(work, phones=phones)
                continue
            expected = told.exports(who, phones=phones)
            counted, numbers = await exported(work, phones=phones)
            assert counted == len(expected), (seed, who, "count")
            assert numbers == {told.shops[one].number for one in expected}, (seed, who, "export")
        if told.may(who, CLAIM):
            mine = await pools.pools_of(work)
            rows, _ = await pools.in_the_pool(work, mine, typed="", level="", page=1)
            more, _ = await pools.in_the_pool(work, mine, typed="", level="", page=2)
            assert {row.id for row in [*rows, *more]} == told.in_his_pools(who), (seed, who, "pool")


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_seen_exported_edited_and_claimed_is_what_the_oracle_says(
    database: Database, seed: int
) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
        await compare(session, town, seed)
        for _ in range(SHAKES):
            await shake(session, town)
        await compare(session, town, seed)


@pytest.mark.parametrize("seed", [1])
async def test_the_bot_names_a_customer_to_whom_sees_it_and_to_nobody_else(
    database: Database, seed: int
) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
        door = Actor(town.tenant_id, None, via="bot", connection_id=town.connection.id)
        for who in town.told.people:
            sees = town.told.sees(who)
            for shop_id, shop in list(town.told.shops.items())[::4]:
                if shop.merged_into is not None:
                    continue
                event = TextReceived(
                    event_id=f"{who}-{shop_id}", host_user_id=who, text=f"查 {shop.number}",
                    happened_at=TUESDAY_MORNING,
                )  # fmt: skip
                await handle(Work(session, door, TUESDAY_MORNING, SHANGHAI), event)
                said = await session.scalar(
                    select(OutboxMessage.message).where(OutboxMessage.once.contains(event.event_id))
                )
                assert said is not None
                is_named = said["kind"] == "card" and said["text"] == shop.number
                assert is_named == (shop_id in sees), (who, shop_id, said)


@pytest.mark.parametrize("seed", [2])
async def test_a_program_sees_what_its_departments_own_and_no_more(
    database: Database, seed: int
) -> None:
    async with database.writing() as session:
        town = await a_town(session, seed)
        every = list(town.rows)
        for departments in ([], every[:1], every[1:3]):
            wanted = ApiTokenIn(
                name="ERP", scopes=["customers.read"], departments=departments, days=1
            )
            made = await api_tokens.make(town.work(session), wanted)
            actor, zone, _ = await tokens.actor_of(
                session, made[1], "customers.read", TUESDAY_MORNING, "zh"
            )
            work = Work(session, actor, TUESDAY_MORNING, zone)
            sees = town.told.a_program_sees(departments)
            for ask in (listed, opened, looked_up, around):
                assert await ask(work) == sees, (seed, departments, ask.__name__)
