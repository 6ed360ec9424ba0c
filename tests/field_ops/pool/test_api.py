"""Pools through the API: the same requests that the pages send."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from field_ops.db import Database
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
async def shop_id(runtime: Runtime, company: Company) -> str:
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin)
        fields = {"phone": "13800138000", "address": "中山路 128 号", "created_by": None}
        shop = await a_customer(work, owner_id=None, **fields)
        return shop.id


@pytest.fixture
async def lilei(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.lilei) as page:
        yield page


async def test_a_rep_finds_looks_at_and_claims_and_only_then_sees_the_phone(
    runtime: Runtime, company: Company, lilei: Page, shop_id: str
) -> None:
    assert (await lilei.get(f"/customers/{shop_id}")).status_code == 404
    (row,) = (await lilei.get("/pools/customers", q="华联")).json()["rows"]
    assert (row["phone"], row["address"]) == ("138********", "中山路 128 号")
    seen = (await lilei.send("POST", f"/pools/customers/{shop_id}/view")).json()
    assert (seen["phone"], seen["views_left"]) == ("138********", 49)
    answer = await lilei.send("POST", f"/pools/customers/{shop_id}/claim")
    assert answer.json() == {"customer_id": shop_id, "claims_left": 19}
    shown = (await lilei.get(f"/customers/{shop_id}")).json()
    assert (shown["phone"], shown["owner"]["name"]) == ("13800138000", "李雷")
    assert (await lilei.get("/pools/customers")).json() == {"rows": [], "more": False}
    mine = (await lilei.get("/pools")).json()
    assert (mine["claims_left"], mine["holding"], mine["holding_limit"]) == (19, 1, 200)

    async with a_page(runtime, company, company.hanmeimei) as han:
        late = await han.send(
            "POST", f"/pools/customers/{shop_id}/claim", **{"Accept-Language": "en"}
        )
        assert (late.status_code, late.json()["code"]) == (409, "taken_meanwhile")
        assert late.json()["detail"].startswith("Somebody else has just taken “华联超市”")
        assert (await han.send("POST", f"/pools/customers/{shop_id}/view")).status_code == 409

    body = {"reason": "店铺已转让"}
    assert (await lilei.send("POST", f"/customers/{shop_id}/release", body)).status_code == 200
    again = await lilei.send("POST", f"/pools/customers/{shop_id}/claim")
    assert again.json()["code"] == "was_yours"


async def test_who_configures_pools_decides_what_is_shown_before_a_claim(
    runtime: Runtime, company: Company, lilei: Page, shop_id: str
) -> None:
    own = (await lilei.get("/pools")).json()["pools"][0]
    assert (own["id"], own["rules"]["claim"]["a_day"], own["is_admin"]) == ("default", 20, False)
    rules = own["rules"] | {"hidden": ["address"]}
    rules["claim"]["phone"] = "hidden"
    body = {"name": "公司公海", "rules": rules}
    assert (await lilei.send("PUT", "/pools/default", body)).status_code == 403
    async with a_page(runtime, company, company.admin) as admin:
        assert (await admin.send("PUT", "/pools/default", body)).status_code == 200
        wrong = {**body, "rules": {**rules, "claim": {"a_day": -1}}}
        assert (await admin.send("PUT", "/pools/default", wrong)).status_code == 422
        unknown = {**body, "members": [{"kind": "member", "id": "nobody"}]}
        refused = await admin.send("POST", "/pools", unknown)
        assert refused.json()["code"] == "pool_member_unknown"
    (row,) = (await lilei.get("/pools/customers")).json()["rows"]
    assert (row["phone"], row["address"], row["pool_name"]) == ("", "", "公司公海")


async def test_a_lead_gives_a_customer_of_the_pool_to_one_of_his_people(
    runtime: Runtime, company: Company, shop_id: str
) -> None:
    async with a_page(runtime, company, company.wang) as wang:
        body = {"member_id": company.lilei.id}
        given = await wang.send("PUT", f"/pools/customers/{shop_id}/owner", body)
        assert given.json()["owner"]["name"] == "李雷"


async def test_who_configures_pools_reads_them_as_he_saved_them(
    runtime: Runtime, company: Company, lilei: Page
) -> None:
    assert (await lilei.get("/pools/settings")).status_code == 403
    members = [
        {"kind": "department", "id": company.lilei.main_department_id, "is_admin": False},
        {"kind": "member", "id": company.wang.id, "is_admin": True},
    ]
    east: dict[str, Any] = {"name": "华东公海", "position": 3, "members": members}
    async with a_page(runtime, company, company.admin) as admin:
        assert (await admin.get("/pools/settings")).json()["pools"][0]["members"] == []
        made = (await admin.send("POST", "/pools", east)).json()
        first, own = (await admin.get("/pools/settings")).json()["pools"]
        assert (first["id"], first["name"], first["position"]) == (made["id"], "华东公海", 3)
        assert [{**one, "name": ""} for one in first["members"]] == [
            {**one, "name": ""} for one in members
        ]
        assert first["members"][1]["name"] == "王主管"
        assert (own["id"], own["rules"]["claim"]["a_day"]) == ("default", 20)
        again = {name: first[name] for name in ("name", "position", "rules")} | east
        assert (await admin.send("PUT", f"/pools/{first['id']}", again)).status_code == 200
        assert (await admin.get("/pools/settings")).json()["pools"][0] == first
