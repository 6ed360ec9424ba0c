"""Importing through the pages: bring, map, check, mend, start, look, undo."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.exchange.import_runs import work_off
from field_ops.jobs.tools import Company as Tenant
from field_ops.runtime import Runtime
from tests.conftest import SHANGHAI
from tests.factories import Company
from tests.fakes import Clock
from tests.pages import Page, a_page, an_app

SHEET = "客户名称,电话,等级,业务\n华联超市,13800138000,A,x\n红星,123,B,y\n".encode()


@pytest.fixture
async def runtime(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, Clock()) as opened:
        yield opened


@pytest.fixture
async def admin(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.admin) as page:
        yield page


async def worker(runtime: Runtime, company: Company) -> None:
    tenant = Tenant(company.tenant.id, SHANGHAI)
    await work_off(runtime.database, runtime.files, runtime.clock, tenant)


async def customers(runtime: Runtime) -> int:
    async with runtime.database.reading() as session:
        present = Customer.removed_at.is_(None)
        return await session.scalar(select(func.count()).where(present)) or 0


async def test_a_file_comes_in_step_by_step_and_goes_again(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    brought = await admin.send("POST", "/imports?name=客户.csv", SHEET, key="one")
    assert brought.status_code == 201, brought.text
    batch = brought.json()
    assert batch["mapping"] == {"name": 0, "phone": 1, "level": 2}
    assert batch["samples"][0] == ["华联超市", "13800138000", "A", "x"]
    again = await admin.send("POST", "/imports?name=客户.csv", SHEET, key="one")
    assert again.json()["id"] == batch["id"]
    at = f"/imports/{batch['id']}"

    mapping = {**batch["mapping"], "note": 3}
    settled = await admin.send("PUT", at, {"mapping": mapping, "mode": "upsert", "key": "phone"})
    assert settled.json()["mapped_by"] == "by_hand"
    assert (await admin.send("POST", f"{at}/check")).json()["state"] == "checking"
    await worker(runtime, company)
    checked = (await admin.get(at)).json()
    assert (checked["state"], checked["checked"]["created"], checked["checked"]["wrong"]) == (
        "draft", 1, 1,
    )  # fmt: skip
    assert await customers(runtime) == 0

    rows = (await admin.get(f"{at}/rows")).json()["rows"]
    assert rows[0]["number"] == 3 and "123" in rows[0]["reasons"][0]
    file = await admin.client.get(checked["errors_url"], headers={"cookie": ""})
    _, row = csv.reader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row[0], row[2:]) == ("3", ["红星", "123", "B", "y"])

    refused = await admin.send("POST", f"{at}/start")
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_are_wrong")
    await admin.send("PUT", at, {"skip_errors": True})
    assert (await admin.send("POST", f"{at}/start")).json()["state"] == "running"
    await worker(runtime, company)
    done = (await admin.get(at)).json()
    assert (done["state"], done["counts"]["created"], await customers(runtime)) == ("done", 1, 1)
    assert (await admin.get("/imports")).json()["rows"][0]["id"] == batch["id"]

    assert (await admin.get(f"{at}/undo")).json()["removed"] == 1
    assert (await admin.send("POST", f"{at}/undo")).json()["state"] == "undoing"
    await worker(runtime, company)
    undone = (await admin.get(at)).json()
    assert (undone["state"], undone["counts"]["removed"], await customers(runtime)) == (
        "undone", 1, 0,
    )  # fmt: skip
    assert (await admin.get(f"{at}/undo")).json()["code"] == "undone_before"


async def test_a_file_that_cannot_be_read_is_refused_with_the_answer(admin: Page) -> None:
    answer = await admin.send("POST", "/imports?name=x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert (answer.status_code, answer.json()["code"]) == (422, "old_spreadsheet")


async def test_a_rep_may_not_bring_a_file_nor_see_those_of_others(
    runtime: Runtime, company: Company, admin: Page, lilei: Page
) -> None:
    batch = (await admin.send("POST", "/imports?name=a.csv", SHEET)).json()
    assert (await lilei.send("POST", "/imports?name=a.csv", SHEET)).status_code == 403
    assert (await lilei.get("/imports")).status_code == 403
    for verb in ("check", "start", "cancel", "undo"):
        answer = await lilei.send("POST", f"/imports/{batch['id']}/{verb}")
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "mapping", [{"name": 9}, {"name": -1}, {"password": 0}, {"name": 0, "note": 10**9}]
)
async def test_a_column_that_is_not_there_is_refused(admin: Page, mapping: dict[str, int]) -> None:
    batch = (await admin.send("POST", "/imports?name=a.csv", SHEET)).json()
    answer = await admin.send("PUT", f"/imports/{batch['id']}", {"mapping": mapping})
    assert (answer.status_code, answer.json()["code"]) == (422, "column_unknown")


async def test_an_error_file_has_no_link_before_there_is_one_and_none_can_be_made_up(
    admin: Page,
) -> None:
    batch = (await admin.send("POST", "/imports?name=a.csv", SHEET)).json()
    assert batch["errors_url"] is None
    for forged in ("?ends=9999999999&signature=abc", "?ends=x&signature=", ""):
        url = f"/api/v1/imports/1/{batch['id']}/errors{forged}"
        assert (await admin.client.get(url)).status_code == 404
