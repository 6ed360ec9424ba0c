"""Asking for an export through the API: who may, when it is ready, and how long its link lives."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from field_ops.db import Database
from field_ops.exchange import export_files
from field_ops.exchange.claiming import LEASE
from field_ops.exchange.models import Export
from field_ops.history.models import AuditEntry
from field_ops.jobs.tools import Company as Tenant
from field_ops.people.models import Member
from field_ops.runtime import Runtime
from tests.factories import Company, a_customer, work_as
from tests.fakes import Clock
from tests.field_ops.exchange.test_export import many_customers
from tests.pages import Page, a_page, an_app


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
async def wang(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.wang) as page:
        yield page


async def a_shop(runtime: Runtime, member: Member, name: str = "华联超市", **fields: str) -> None:
    async with runtime.database.writing() as session:
        await a_customer(work_as(session, member), name, **fields)


async def work_off(runtime: Runtime, company: Company) -> None:
    """What the worker does every two seconds."""
    tenant = Tenant(company.tenant.id, ZoneInfo(company.tenant.zone))
    await export_files.write_waiting(runtime.database, runtime.files, runtime.clock, tenant)


async def test_a_small_file_is_there_with_the_answer(
    runtime: Runtime, company: Company, wang: Page
) -> None:
    await a_shop(runtime, company.lilei, level="A", phone="13800138000")
    await a_shop(runtime, company.hanmeimei, "新华书店", level="B")
    body = {"format": "csv", "filters": {"level": "A"}}
    asked = await wang.send("POST", "/exports", body, key="one")
    assert asked.status_code == 201, asked.text
    export = asked.json()
    assert (export["state"], export["rows"], export["phones_masked"]) == ("ready", 1, True)
    file = await wang.client.get(export["url"], headers={"cookie": ""})
    assert "华联超市" in file.text and "新华书店" not in file.text
    assert "138****8000" in file.text and "13800138000" not in file.text
    assert "attachment" in file.headers["content-disposition"]
    again = await wang.send("POST", "/exports", body, key="one")
    assert again.json() == export


async def test_every_export_is_in_the_audit_log_with_its_filters_and_rows(
    runtime: Runtime, company: Company, wang: Page
) -> None:
    await a_shop(runtime, company.lilei, city="武汉")
    await wang.send("POST", "/exports", {"filters": {"city": "武汉"}})
    async with runtime.database.reading() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.subject == "export"))
        found = [(row.member_id, row.action, row.change) for row in rows]
    change = {"filters": [None, {"city": "武汉"}], "rows": [None, 1], "phones_masked": [None, True]}
    assert sorted(found, key=lambda one: one[1]) == [
        (company.wang.id, "export.asked", change),
        (company.wang.id, "export.written", change),
    ]


async def test_a_rep_may_not_export_and_a_lead_not_with_phones(
    runtime: Runtime, lilei: Page, wang: Page
) -> None:
    assert (await lilei.send("POST", "/exports", {})).status_code == 403
    assert (await wang.send("POST", "/exports", {"with_phones": True})).status_code == 403


async def test_nobody_sees_the_export_of_another_one(
    runtime: Runtime, company: Company, wang: Page
) -> None:
    export = (await wang.send("POST", "/exports", {})).json()
    async with a_page(runtime, company, company.admin) as admin:
        assert (await admin.get(f"/exports/{export['id']}")).status_code == 404


async def test_former_exports_are_listed_the_newest_first_to_who_asked_alone(
    runtime: Runtime, company: Company, wang: Page, lilei: Page
) -> None:
    asked = [(await wang.send("POST", "/exports", {})).json()["id"] for _ in range(22)]
    rows = (await wang.get("/exports")).json()["rows"]
    assert [row["id"] for row in rows] == asked[:1:-1]
    assert all(row["state"] == "ready" and row["url"] for row in rows)
    assert (await lilei.get("/exports")).status_code == 403
    async with a_page(runtime, company, company.admin) as admin:
        assert (await admin.get("/exports")).json() == {"rows": []}


async def test_a_large_file_is_written_by_the_worker_even_if_one_died(
    runtime: Runtime, company: Company, wang: Page, clock: Clock
) -> None:
    await many_customers(runtime.database, company, export_files.AT_ONCE + 1)
    export = (await wang.send("POST", "/exports", {"format": "csv"})).json()
    assert (export["state"], export["url"]) == ("waiting", None)
    async with runtime.database.writing() as session:  # somebody took it and was killed
        taken = {"state": "writing", "taken_until": clock() + LEASE, "attempts": 1}
        await session.execute(update(Export).values(**taken))
    await work_off(runtime, company)
    assert (await wang.get(f"/exports/{export['id']}")).json()["state"] == "writing"
    clock.now += LEASE + timedelta(seconds=1)
    await work_off(runtime, company)
    ready = (await wang.get(f"/exports/{export['id']}")).json()
    assert (ready["state"], ready["rows"]) == ("ready", export_files.AT_ONCE + 1)
    file = await wang.client.get(ready["url"])
    assert len(file.content) == ready["size_bytes"]


async def test_who_left_meanwhile_gets_no_file(
    runtime: Runtime, company: Company, wang: Page
) -> None:
    await many_customers(runtime.database, company, export_files.AT_ONCE + 1)
    export = (await wang.send("POST", "/exports", {})).json()
    async with runtime.database.writing() as session:
        gone = update(Member).where(Member.id == company.wang.id)
        await session.execute(gone.values(state="departed"))
    await work_off(runtime, company)
    async with runtime.database.reading() as session:
        row = await session.get_one(Export, (company.tenant.id, export["id"]))
        assert row.state == "failed"
        assert await runtime.files.stream(export_files.place_of(row)) is None


async def test_a_link_lives_a_day_and_cannot_be_made_up(
    runtime: Runtime, company: Company, wang: Page, clock: Clock
) -> None:
    url = (await wang.send("POST", "/exports", {})).json()["url"]
    clock.now += timedelta(hours=23, minutes=59)
    assert (await wang.client.get(url)).status_code == 200
    for forged in (url.replace("ends=", "ends=9"), url[:-4] + "AAAA", url.partition("?")[0]):
        assert (await wang.client.get(forged)).status_code == 404
    clock.now += timedelta(minutes=2)
    assert (await wang.client.get(url)).status_code == 404


async def test_files_are_removed_when_their_links_have_ended(
    runtime: Runtime, company: Company, wang: Page, clock: Clock
) -> None:
    export = (await wang.send("POST", "/exports", {})).json()
    tenant = Tenant(company.tenant.id, ZoneInfo(company.tenant.zone))
    clock.now += timedelta(hours=25)
    await export_files.forget_ended(runtime.database, runtime.files, clock(), tenant)
    shown = (await wang.get(f"/exports/{export['id']}")).json()
    assert (shown["state"], shown["url"]) == ("gone", None)
    async with runtime.database.reading() as session:
        row = await session.get_one(Export, (company.tenant.id, export["id"]))
        assert await runtime.files.stream(export_files.place_of(row)) is None


async def test_one_member_has_at_most_five_under_way(
    runtime: Runtime, company: Company, wang: Page
) -> None:
    await many_customers(runtime.database, company, export_files.AT_ONCE + 1)
    answers = [(await wang.send("POST", "/exports", {})).status_code for _ in range(6)]
    assert answers == [201] * 5 + [409]
