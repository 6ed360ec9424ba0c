"""A pool is removed: nothing of it is lost, and within a week it is there again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.errors import NotAllowed, NotFound
from field_ops.history.models import AuditEntry
from field_ops.pool import actions, queries, removal
from field_ops.pool.errors import OwnPoolStays, PoolHasCustomers, TooLateToRestore
from field_ops.pool.facts import clocks_of
from field_ops.pool.rules import PoolRules, RecycleRule
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_customer, work_as

A_DAY = timedelta(days=1)
LONG_AGO = TUESDAY_MORNING - 200 * A_DAY
ON = PoolRules(recycle=RecycleRule(is_on=True))


async def pools(database: Database, company: Company) -> tuple[str, str]:
    """南区, of 李雷, which recycles nobody, and the company's own, which does for long."""
    async with database.writing() as session:
        admin = work_as(session, company.admin, LONG_AGO)
        south = await actions.configure(
            admin, None, name="南区", position=1, rules=PoolRules(),
            members=[("member", company.lilei.id, False)],
        )  # fmt: skip
        await actions.configure(admin, "default", name="公海", position=0, rules=ON, members=())
        return south, "default"


async def lies_in(database: Database, *ids: str) -> list[str | None]:
    async with database.reading() as session:
        rows = await session.execute(select(Customer.id, Customer.pool_id))
        known = {customer_id: pool_id for customer_id, pool_id in rows}  # noqa: C416
        return [known[one] for one in ids]


async def test_what_lies_in_it_goes_where_it_is_said_and_comes_back(
    database: Database, company: Company
) -> None:
    south, own = await pools(database, company)
    async with database.writing() as session:
        admin = work_as(session, company.admin, LONG_AGO)
        nobodys = {"owner_id": None, "created_by": None, "pool_id": south}
        one, other = [(await a_customer(admin, f"店{n}", **nobodys)).id for n in range(2)]
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        with pytest.raises(PoolHasCustomers) as refused:
            await removal.remove(admin, south, "")
        assert "2 家客户" in refused.value.say("zh")
        for nowhere in ("nowhere", south):
            with pytest.raises(NotFound):
                await removal.remove(admin, south, nowhere)
        with pytest.raises(OwnPoolStays):
            await removal.remove(admin, own, south)
        with pytest.raises(NotAllowed):
            await removal.remove(work_as(session, company.wang), south, own)
        revision = (await session.get_one(Customer, (company.tenant.id, one))).revision
        assert await removal.remove(admin, south, own) == 2
    assert await lies_in(database, one, other) == [own, own]
    async with database.reading() as session:
        admin = work_as(session, company.admin)
        assert [pool.id for pool in await queries.every_pool(admin)] == [own]
        assert [pool.id for pool in await removal.removed_pools(admin)] == [south]
        moved = await session.get_one(Customer, (company.tenant.id, one))
        assert moved.revision == revision + 1
        assert moved.updated_at > LONG_AGO  # copies hear of it
        told = await session.scalars(
            select(AuditEntry.change).where(AuditEntry.action == "customer.repooled")
        )
        assert told.all() == [{"pool": [south, own]}] * 2
        limits = await queries.holding_limits(admin, [company.lilei.id])
        assert limits == {company.lilei.id: ON.claim.holding}

    async with database.writing() as session:
        await actions.claim(work_as(session, company.hanmeimei), other)
    async with database.writing() as session:
        assert await removal.restore(work_as(session, company.admin), south) == 1
    assert await lies_in(database, one, other) == [south, None]
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        assert (await queries.pool_of_everybody(admin))[company.lilei.id] == south
        with pytest.raises(NotFound):
            await removal.restore(admin, south)


async def test_after_a_week_it_stays_removed(database: Database, company: Company) -> None:
    south, _ = await pools(database, company)
    async with database.writing() as session:
        await removal.remove(work_as(session, company.admin), south, "")
    async with database.writing() as session:
        later = work_as(session, company.admin, TUESDAY_MORNING + 8 * A_DAY)
        with pytest.raises(TooLateToRestore):
            await removal.restore(later, south)
        assert await removal.removed_pools(later) == []


async def test_who_comes_under_other_rules_has_a_week_before_they_count(
    database: Database, company: Company
) -> None:
    south, _ = await pools(database, company)
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei, LONG_AGO), level="A")
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        assert await clocks_of(admin, [shop]) == {}
        await removal.remove(admin, south, "")
        clock = (await clocks_of(admin, [shop]))[shop.id]
        assert clock.deadline == date(2026, 3, 17)


async def test_a_member_who_is_put_into_another_pool_has_that_week_too(
    database: Database, company: Company
) -> None:
    south, _ = await pools(database, company)
    async with database.writing() as session:
        shop = await a_customer(work_as(session, company.lilei, LONG_AGO), level="A")
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        await actions.configure(
            admin, south, name="南区", position=1, rules=PoolRules(), members=()
        )
        clock = (await clocks_of(admin, [shop]))[shop.id]
        assert clock.deadline == date(2026, 3, 17)


async def test_what_comes_at_that_moment_follows(database: Database, company: Company) -> None:
    south, own = await pools(database, company)
    async with database.writing() as session:
        await removal.remove(work_as(session, company.admin), south, own)
    async with database.writing() as session:
        admin = work_as(session, company.admin)
        fields = {"owner_id": None, "created_by": None, "pool_id": south}
        late = (await a_customer(admin, "迟到的店", **fields)).id
    async with database.writing() as session:
        assert await removal.follow(work_as(session, company.admin).as_system()) == 1
    assert await lies_in(database, late) == [own]
