"""The demo in a database: everything agrees, and a second start leaves it alone."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.connections.models import HostConnection
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer, CustomerSearch
from field_ops.db import Base, Database
from field_ops.demo.diary import TROUBLES
from field_ops.history import chain
from field_ops.history.models import EvidenceLink
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member, MemberRole
from field_ops.plans.models import VisitPlan
from field_ops.plans.queries import planned_stops
from field_ops.reminders.models import Reminder
from field_ops.visits import evidence
from field_ops.visits.models import Visit, VisitFlag
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI
from tests.field_ops.demo.conftest import Demo, OpenDemo

FLAGS = {
    "OUT_OF_RANGE", "NEAR", "WEAK", "NO_FIX", "SHORT_DWELL", "NO_CHECKOUT", "LOG_LATE", "MOCK",
    "CLOCK_SKEW",
}  # fmt: skip


async def test_a_start_loads_both_companies_and_the_next_one_changes_nothing(
    database: Database, database_url: str, open_demo: OpenDemo
) -> None:
    async with open_demo(database_url) as demo:
        first = await demo.load()
        async with database.reading() as session:
            before = await counted(session)
            whole = [await chain.verify(work) for work in await companies(session, demo)]
        second = await demo.load()
        async with database.reading() as session:
            after = await counted(session)
    print(f"loaded in {first.seconds:.1f} s, looked over again in {second.seconds:.1f} s")
    assert (len(first.companies), first.people, first.customers) == (2, 28, 600)
    assert [report.is_whole and report.links > 800 for report in whole] == [True, True]
    assert (second.companies, second.plans) == ([], 0)
    assert after == before


async def test_customers_are_found_by_their_names(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            names = (await session.scalars(select(Customer.name).where(mine(work, Customer)))).all()
            indexed = await session.scalars(
                select(CustomerSearch).where(mine(work, CustomerSearch))
            )
            assert len(indexed.all()) == len(names) == 300
            assert [name for name in names[::12] if not await is_found(work, name)] == []


async def test_hlcs_finds_more_than_one_hualian(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            rows, _ = await look_up(work, "hlcs")
            assert {"华联超市", "华联超市（中山路店）"} <= {row.customer.name for row in rows}


async def test_every_kind_of_abnormal_visit_is_there(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            rows = await session.scalars(select(VisitFlag.flag).where(mine(work, VisitFlag)))
            assert set(rows) == FLAGS
    assert len(FLAGS) == len(TROUBLES)


async def test_lilei_has_six_stops_on_a_sunday_and_hualian_comes_first(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            lilei = await member(work, "李雷")
            stops = await planned_stops(work, lilei.id, work.today)
            assert (len(stops), stops[0].name, stops[0].level) == (6, "华联超市", "A")


@pytest.mark.parametrize("days", [1, 2, 3, 4, 13])
async def test_a_start_on_another_day_gives_lilei_a_day_again(loaded: Demo, days: int) -> None:
    loaded.clock.forward(days=days)
    report = await loaded.load()
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            lilei = await member(work, "李雷")
            stops = await planned_stops(work, lilei.id, work.today)
            assert (len(stops), stops[0].name) == (6, "华联超市")
    assert report.visits == 0


async def test_nobody_is_told_today_what_happened_last_week(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        assert await session.scalar(select(func.count()).select_from(Reminder)) == 0


async def test_each_company_has_one_administrator(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            roles = await session.scalars(select(MemberRole.role).where(mine(work, MemberRole)))
            assert roles.all() == ["admin"]


async def test_rows_of_visits_agree_with_their_evidence(loaded: Demo) -> None:
    async with loaded.runtime.database.reading() as session:
        for work in await companies(session, loaded):
            visits = await session.scalars(
                select(Visit.id).where(mine(work, Visit)).order_by(Visit.number).limit(60)
            )
            found = [await evidence.discrepancies(work, visit) for visit in visits]
            assert [problem for problem in found if problem] == []


async def test_a_changed_address_reaches_the_connections(loaded: Demo) -> None:
    settings = loaded.runtime.settings
    settings.public_url = "http://127.0.0.1:8123"
    await loaded.load()
    async with loaded.runtime.database.reading() as session:
        addresses = (await session.scalars(select(HostConnection.base_urls))).all()
    assert [settings.public_url in address for address in addresses] == [True, True]


async def companies(session: AsyncSession, demo: Demo) -> list[Work]:
    """The system at work in each of the two."""
    tenants = await session.scalars(select(HostConnection.tenant_id).order_by(HostConnection.host))
    return [
        Work(session, Actor(tenant, None), demo.clock.now, SHANGHAI) for tenant in tenants.all()
    ]


async def member(work: Work, name: str) -> Member:
    found = await work.session.scalars(
        select(Member).where(mine(work, Member), Member.name == name)
    )
    return found.one()


async def is_found(work: Work, name: str) -> bool:
    rows, _ = await look_up(work, name)
    return any(row.customer.name == name for row in rows)


async def counted(session: AsyncSession) -> dict[str, int]:
    tables: Sequence[type[Base]] = (
        Member, Customer, Visit, VisitPlan, VisitFlag, EvidenceLink, HostConnection,
    )  # fmt: skip
    found: dict[str, int] = {}
    for table in tables:
        count = await session.scalar(select(func.count()).select_from(table))
        found[table.__tablename__] = count or 0
    return found


def mine(work: Work, table: Any) -> Any:
    return table.tenant_id == work.tenant_id
