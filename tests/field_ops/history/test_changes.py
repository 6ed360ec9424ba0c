"""Changes have their moment and number in the order of the commits, whoever began first."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.customers import actions
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerChange
from field_ops.db import Database
from field_ops.history import changes
from field_ops.history.models import Change
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as


@pytest.fixture
async def company(database: Database) -> Company:
    async with database.writing() as session:
        return await a_company(session)


async def a_shop(database: Database, company: Company, name: str, **given: str) -> Customer:
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        shop = await a_customer(work, name, at=None, **given)
        changes.moved(work, Customer, [shop.id])
        return shop


async def stamps(database: Database) -> dict[str, object]:
    async with database.reading() as session:
        found = await session.execute(select(Customer.name, Customer.updated_at))
        return dict(found.all())


async def test_who_commits_last_has_the_later_moment_though_he_began_first(
    database: Database, company: Company
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer: nobody overtakes")
    slow = await a_shop(database, company, "华联", phone="13800138001")
    quick = await a_shop(database, company, "红星", phone="13800138002")
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with database.writing() as session:
            work = work_as(session, company.lilei, TUESDAY_MORNING + timedelta(minutes=1))
            await actions.edit(work, slow.id, CustomerChange(revision=1, note="slow"))
            began.set()
            await may_end.wait()

    slower = asyncio.create_task(slowly())
    await began.wait()
    async with database.writing() as session:
        work = work_as(session, company.lilei, TUESDAY_MORNING + timedelta(minutes=2))
        await actions.edit(work, quick.id, CustomerChange(revision=1, note="quick"))
    async with database.reading() as session:
        horizon = await changes.settled_up_to(work_as(session, company.lilei))
    may_end.set()
    await slower
    at = await stamps(database)
    assert at["红星"] <= horizon < at["华联"]


async def test_what_a_savepoint_took_back_is_told_to_nobody(
    database: Database, company: Company
) -> None:
    shop = await a_shop(database, company, "华联", phone="13800138001")
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        with pytest.raises(ZeroDivisionError):
            async with session.begin_nested():
                await actions.edit(work, shop.id, CustomerChange(revision=1, note="no"))
                raise ZeroDivisionError
    async with database.reading() as session:
        assert (await session.scalars(select(Change.action))).all() == []


async def test_numbers_have_no_gap_and_moments_never_stand_still(
    database: Database, company: Company
) -> None:
    shop = await a_shop(database, company, "华联", phone="13800138001")

    async def edit(number: int) -> None:
        async with database.writing() as session:
            work = work_as(session, company.lilei)
            held = await session.get_one(Customer, (work.tenant_id, shop.id), with_for_update=True)
            change = CustomerChange(revision=held.revision, note=f"{number}")
            await actions.edit(work, shop.id, change)

    await asyncio.gather(*(edit(number) for number in range(8)))
    async with database.reading() as session:
        rows = (await session.scalars(select(Change).order_by(Change.number))).all()
    assert [row.number for row in rows] == list(range(1, 9))
    assert len({row.at for row in rows}) == 8
