"""A program of another system keeps a copy of the customers, and it is right in the end."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access import visible
from field_ops.app import create_app
from field_ops.customers import actions
from field_ops.customers.filters import CustomerFilter
from field_ops.customers.listing import let_go_of
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerChange, CustomerIn
from field_ops.db import Database, is_sqlite
from field_ops.merges import actions as merges
from field_ops.runtime import Runtime
from tests.factories import Company, a_company, a_department, a_member, work_as
from tests.fakes import Clock
from tests.field_ops.http.test_tokens import ALL, READ, a_token, bearer
from tests.pages import an_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def runtime(
    database: Database, database_url: str, tmp_path: Path, clock: Clock
) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://waiqin.test/api/v1"
    ) as opened:
        yield opened


@dataclass
class Copy:
    """What a careful program does: rows come in, what is gone goes, the cursor is kept."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    rows: dict[str, Any] = field(default_factory=dict)
    cursor: str = ""

    async def catch_up(self) -> None:
        more = True
        while more:
            query = {"cursor": self.cursor, "limit": "3", "fields": "name,note,owner_id,revision"}
            answer = await self.client.get("/customers/all", params=query, headers=self.headers)
            page = answer.json()
            for one in page["gone"]:
                self.rows.pop(one["id"], None)
            self.rows |= {row["id"]: row for row in page["rows"]}
            self.cursor, more = page["cursor"], page["more"]


async def some_change(runtime: Runtime, company: Company, dice: random.Random, nth: int) -> None:
    """One verb, chosen by the dice, on whatever customers there are."""
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin, runtime.clock())
        known = (await session.scalars(visible(work, Customer).order_by(Customer.id))).all()
        what = dice.choice(["create", "edit", "edit", "give", "merge"])
        if what == "create" or len(known) < 3:
            lilei = work_as(session, company.lilei, runtime.clock())
            new = CustomerIn(name=f"华联{nth}号店", phone=f"1380013{nth:04d}", is_another=True)
            await actions.create(lilei, new)
            return
        one, other = dice.sample(list(known), 2)
        if what == "edit":
            await actions.edit(work, one.id, CustomerChange(revision=one.revision, note=f"{nth}"))
        elif what == "give":
            to = dice.choice([company.lilei.id, company.hanmeimei.id, company.admin.id, None])
            await actions.assign(work, one.id, to)
        else:
            await merges.merge(work, one.id, other.id, {})


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_copies_are_right_after_any_changes(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock, seed: int
) -> None:
    dice = random.Random(seed)
    whole = Copy(client, bearer(await a_token(runtime, company, READ)))
    east = Copy(
        client, bearer(await a_token(runtime, company, READ, departments=[company.east.id]))
    )
    for nth in range(30):
        await some_change(runtime, company, dice, nth)
        clock.now += timedelta(seconds=dice.choice([0, 0, 5]))  # some in the same moment
        if dice.random() < 0.3:
            await dice.choice([whole, east]).catch_up()
    clock.forward(minutes=1)
    for copy in (whole, east):
        await copy.catch_up()
    async with runtime.database.reading() as session:
        rows = (await session.scalars(select(Customer).where(Customer.removed_at.is_(None)))).all()
    truth = {row.id: (row.name, row.note, row.owner_id, row.revision) for row in rows}
    in_the_east = {company.lilei.id, company.hanmeimei.id, company.wang.id}

    def held(copy: Copy) -> dict[str, Any]:
        names = ("name", "note", "owner_id", "revision")
        return {one: tuple(row[name] for name in names) for one, row in copy.rows.items()}

    assert held(whole) == truth
    assert held(east) == {one: said for one, said in truth.items() if said[2] in in_the_east}


async def test_who_asks_since_the_last_answer_misses_nothing(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    """The clock stands still: all changes are of one moment, as if many came at once."""
    headers = bearer(await a_token(runtime, company, READ))
    dice, seen, as_of = random.Random(3), dict[str, int](), "2026-01-01T00:00:00Z"
    for nth in range(20):
        await some_change(runtime, company, dice, nth)
        query = {"updated_since": as_of, "fields": "revision", "limit": 500}
        page = (await client.get("/customers/all", params=query, headers=headers)).json()
        seen |= {row["id"]: row["revision"] for row in page["rows"]}
        as_of = page["as_of"]
    async with runtime.database.reading() as session:
        rows = await session.scalars(select(Customer).where(Customer.removed_at.is_(None)))
        assert {row.id: row.revision for row in rows}.items() <= seen.items()


async def test_a_program_knows_customers_by_its_own_ids(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    headers = bearer(await a_token(runtime, company, ALL))
    others = bearer(await a_token(runtime, company, ALL, name="BI"))
    new = {"name": "新华书店", "phone": "13800138000", "external_id": "K-1"}
    shop = (await client.post("/customers", json=new, headers=headers)).json()
    asked = {"external_id": "K-1"}
    found = await client.get("/customers/known-as", params=asked, headers=headers)
    assert (found.json()["id"], found.json()["external_id"]) == (shop["id"], "K-1")
    unknown = await client.get("/customers/known-as", params=asked, headers=others)
    assert unknown.status_code == 404
    path = f"/customers/{shop['id']}/external-id"
    theirs = await client.put(path, json={"external_id": "K-1"}, headers=others)
    assert theirs.status_code == 200  # each system has its own
    second = {"name": "红星", "phone": "13800138001", "external_id": "K-1"}
    taken = await client.post("/customers", json=second, headers=headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")
    assert taken.json()["facts"]["customer_id"] == shop["id"]
    await client.put(path, json={"external_id": ""}, headers=headers)
    assert (await client.post("/customers", json=second, headers=headers)).status_code == 201


async def test_an_id_of_a_merged_customer_leads_to_the_one_it_became(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    headers = bearer(await a_token(runtime, company, ALL))
    made = []
    for number, name in enumerate(("新华书店", "红星")):
        new = {"name": name, "phone": f"1380013800{number}", "external_id": f"K-{number}"}
        made.append((await client.post("/customers", json=new, headers=headers)).json()["id"])
    async with runtime.database.writing() as session:
        await merges.merge(work_as(session, company.admin, runtime.clock()), made[0], made[1], {})
    asked = {"external_id": "K-1"}
    found = await client.get("/customers/known-as", params=asked, headers=headers)
    assert found.json()["id"] == made[0]
    page = (await client.get("/customers/all", headers=headers)).json()
    assert [(one["id"], one["why"], one["merged_into"]) for one in page["gone"]] == [
        (made[1], "merged", made[0])
    ]


async def test_a_program_keeps_contacts_places_and_owners(
    runtime: Runtime, company: Company, client: httpx.AsyncClient
) -> None:
    headers = bearer(await a_token(runtime, company, ALL, fields={"phone": "edit"}))
    new = {"name": "新华书店", "phone": "13800138000"}
    shop = (await client.post("/customers", json=new, headers=headers)).json()["id"]
    contact = {"name": "张经理", "phone": "13800138009"}
    await client.post(f"/customers/{shop}/contacts", json=contact, headers=headers)
    place = {"lat": 30.59, "lng": 114.31, "datum": "WGS84", "source": "geocode"}
    placed = await client.post(f"/customers/{shop}/location", json=place, headers=headers)
    proposed = {"location_id": placed.json()["location"]["id"]}
    path = f"/customers/{shop}/location/confirmation"
    assert (await client.post(path, json=proposed, headers=headers)).status_code == 200
    owner = {"member_id": company.lilei.id}
    await client.put(f"/customers/{shop}/owner", json=owner, headers=headers)
    (row,) = (await client.get("/customers/all", headers=headers)).json()["rows"]
    assert row["contacts"][0]["name"] == "张经理"
    assert (row["location"]["status"], row["location"]["lat"]) == ("confirmed", 30.59)
    assert row["owner_id"] == company.lilei.id


async def test_each_filter_narrows(
    runtime: Runtime, company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    async with runtime.database.writing() as session:
        north = a_department(session, company.connection, "华北区")
        zhang = a_member(session, company.connection, "张三", north)
        await session.flush()
        far = CustomerIn(name="红星", phone="13800138001")
        await actions.create(work_as(session, zhang, clock()), far)
    clock.forward(days=1)
    async with runtime.database.writing() as session:
        near = CustomerIn(name="华联", phone="13800138002")
        made = await actions.create(work_as(session, company.lilei, clock()), near)
        free = CustomerIn(name="新华书店", phone="13800138003")
        work = work_as(session, company.lilei, clock())
        released = await actions.create(work, free)
        await actions.assign(work_as(session, company.admin, clock()), released.id, None)
    headers, today = bearer(await a_token(runtime, company, READ)), clock.now - timedelta(hours=1)
    expected = {
        "department": (company.east.id, {"华联"}),
        "owner_id": (made.owner_id, {"华联"}),
        "is_owned": ("false", {"新华书店"}),
        "created_since": (today.isoformat(), {"华联", "新华书店"}),
        "created_before": (today.isoformat(), {"红星"}),
        "updated_before": (today.isoformat(), {"红星"}),
        "updated_since": (today.isoformat(), {"华联", "新华书店"}),
    }
    for name, (value, names) in expected.items():
        found = await client.get("/customers/all", params={name: value}, headers=headers)
        assert {row["name"] for row in found.json()["rows"]} == names, name


async def test_what_is_gone_is_found_by_indexes_of_its_own(database: Database) -> None:
    """Not by going through every customer in the order of its change: a million take seconds."""
    async with database.writing() as session:
        company = await a_company(session)
        removed, lost = let_go_of(work_as(session, company.wang), CustomerFilter())
        if not is_sqlite(session):  # which reads whole tables that are as small as here
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            await session.execute(text("SET LOCAL enable_bitmapscan = off"))
            assert "MATERIALIZED" in str(lost.compile(dialect=session.get_bind().dialect))
        else:
            assert "ix_customer_tenant_id_updated_at" not in await plan_of(session, lost)
        assert "ix_customer_removed" in await plan_of(session, removed)


async def plan_of(session: AsyncSession, query: Select[Customer]) -> str:
    page = query.order_by(Customer.updated_at, Customer.id).limit(101)
    dialect = session.get_bind().dialect
    written = page.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    rows = await (await session.connection()).exec_driver_sql(f"{explain} {written}")
    return "\n".join(map(str, rows))
