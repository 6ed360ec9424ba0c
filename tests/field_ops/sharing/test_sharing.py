"""A customer that is shared: seen, changed where that was said, and taken back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.history.models import AuditEntry
from field_ops.outbox.models import OutboxMessage
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.pages import Page, a_page, an_app


@pytest.fixture
async def runtime(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, lambda: TUESDAY_MORNING) as opened:
        yield opened


@pytest.fixture
async def company(runtime: Runtime) -> Company:
    async with runtime.database.writing() as session:
        return await a_company(session)


@pytest.fixture
async def shop(runtime: Runtime, company: Company) -> Customer:
    async with runtime.database.writing() as session:
        return await a_customer(work_as(session, company.lilei))


@pytest.fixture
async def lilei(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.lilei) as page:
        yield page


@pytest.fixture
async def han(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.hanmeimei) as page:
        yield page


async def changed(page: Page, shop: Customer, note: str) -> int:
    here = f"/customers/{shop.id}"
    shown = (await page.get(here)).json()
    form: dict[str, Any] = {"revision": shown.get("revision", 0), "note": note}
    return (await page.send("PATCH", here, form)).status_code


async def test_shared_to_read_then_to_edit_then_taken_back(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page, han: Page
) -> None:
    here, his = f"/customers/{shop.id}", f"/customers/{shop.id}/collaborators"
    me = f"{his}/{company.hanmeimei.id}"
    assert (await han.get(here)).status_code == 404
    answer = await lilei.send("PUT", me, {"access": "read"})
    assert answer.json()["collaborators"] == [
        {"member_id": company.hanmeimei.id, "name": "韩梅梅", "access": "read"}
    ]
    (row,) = (await han.get("/customers", q="hlcs")).json()["rows"]
    assert (row["id"], row["is_mine"]) == (shop.id, False)
    assert await changed(han, shop, "只能看") == 403
    assert (await han.get(his)).json()["may_share"] is False
    assert (
        await han.send("PUT", f"{his}/{company.wang.id}", {"access": "read"})
    ).status_code == 403

    await lilei.send("PUT", me, {"access": "edit"})
    assert await changed(han, shop, "可以改") == 200
    assert (await lilei.send("DELETE", me)).json() == {"unshared": True}
    assert (await han.get(here)).status_code == 404
    assert (await lilei.send("DELETE", me)).status_code == 404
    assert (await lilei.get(his)).json() == {"collaborators": [], "may_share": True}

    async with runtime.database.reading() as session:
        told = (await session.scalars(select(OutboxMessage))).all()
        assert {one.member_id for one in told} == {company.hanmeimei.id}
        assert "李雷" in told[0].message["title"]
        audited = await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        shares = [action for action in audited if "shared" in action]
    assert shares == ["customer.shared", "customer.shared", "customer.unshared"]


async def test_a_collaborator_takes_himself_off(
    company: Company, shop: Customer, lilei: Page, han: Page
) -> None:
    me = f"/customers/{shop.id}/collaborators/{company.hanmeimei.id}"
    await lilei.send("PUT", me, {"access": "read"})
    assert (await han.send("DELETE", me)).status_code == 200
    assert (await han.get(f"/customers/{shop.id}")).status_code == 404


async def test_who_left_is_not_shared_with(
    runtime: Runtime, company: Company, shop: Customer, lilei: Page
) -> None:
    async with runtime.database.writing() as session:
        gone = await session.get_one(type(company.wang), (company.tenant.id, company.wang.id))
        gone.state = "departed"
    here = f"/customers/{shop.id}/collaborators/{company.wang.id}"
    refused = await lilei.send("PUT", here, {"access": "read"})
    assert refused.json()["code"] == "owner_unknown"
