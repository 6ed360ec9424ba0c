"""Roles through the API: what somebody is given counts from his next request."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.db import Database
from field_ops.people.queries import actor_for
from field_ops.runtime import Runtime
from field_ops.work import Actor
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.pages import Page, a_page, an_app

EAST = {
    "code": "east_desk",
    "title": "华东内勤",
    "permissions": ["customers.view"],
    "scopes": {"customers": {"scope": "CUSTOM_DEPTS", "departments": []}},
}


@pytest.fixture
async def runtime(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    async with an_app(database_url, tmp_path, lambda: TUESDAY_MORNING) as opened:
        yield opened


@pytest.fixture
async def company(runtime: Runtime) -> Company:
    async with runtime.database.writing() as session:
        company = await a_company(session)
        await a_customer(work_as(session, company.lilei), "李雷的店")
        await a_customer(work_as(session, company.admin), "总部的店")
        return company


@pytest.fixture
async def admin(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.admin) as page:
        yield page


@pytest.fixture
async def han(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.hanmeimei) as page:
        yield page


async def seen(page: Page) -> list[str]:
    answer = await page.get("/customers")
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json()["rows"])


async def test_a_role_of_the_company_shows_the_listed_departments(
    company: Company, admin: Page, han: Page
) -> None:
    assert await seen(han) == []
    scopes = {"customers": {"scope": "CUSTOM_DEPTS", "departments": [company.east.id]}}
    made = await admin.send("POST", "/roles", {**EAST, "scopes": scopes})
    assert made.status_code == 201, made.text
    given = await admin.send("PUT", f"/members/{company.hanmeimei.id}/roles/east_desk")
    assert given.json()["given"] == ["east_desk", "rep"]
    assert await seen(han) == ["李雷的店"]

    alone = {"customers": {**scopes["customers"], "with_descendants": False}}
    wanted = {"title": "华东内勤", "permissions": ["customers.view"], "scopes": alone}
    assert (await admin.send("PUT", "/roles/east_desk", wanted)).status_code == 200
    assert await seen(han) == []

    everything = {**wanted, "scopes": {"customers": {"scope": "ALL"}}}
    assert (await admin.send("PUT", "/roles/east_desk", everything)).status_code == 200
    assert await seen(han) == ["总部的店", "李雷的店"]
    held = await admin.send("DELETE", "/roles/east_desk")
    assert (held.status_code, held.json()["code"]) == (409, "role_held")
    taken = await admin.send("DELETE", f"/members/{company.hanmeimei.id}/roles/east_desk")
    assert taken.json()["given"] == ["rep"]
    assert (await admin.send("DELETE", "/roles/east_desk")).status_code == 200
    assert await seen(han) == []


async def test_a_role_is_read_as_it_was_saved(company: Company, admin: Page) -> None:
    scopes = {"customers": {"scope": "CUSTOM_DEPTS", "departments": [company.east.id]}}
    fields = {"phone": {"owned": "MASKED", "pool": "HIDDEN"}, "note": {"owned": "READ"}}
    await admin.send("POST", "/roles", {**EAST, "scopes": scopes, "fields": fields})
    said = (await admin.get("/roles")).json()
    role = said["roles"][-1]
    assert (role["code"], role["fields"]) == ("east_desk", fields)
    assert said["departments"] == {company.east.id: company.east.name}
    assert set(role["permissions"]) < set(said["permissions"])
    wanted = {name: role[name] for name in ("title", "permissions", "scopes", "fields")}
    again = await admin.send("PUT", "/roles/east_desk", wanted)
    assert again.json() == said


async def test_what_a_role_may_not_is_refused(company: Company, admin: Page, han: Page) -> None:
    await admin.send("PUT", f"/members/{company.hanmeimei.id}/roles/auditor")
    await admin.send("DELETE", f"/members/{company.hanmeimei.id}/roles/rep")
    assert await seen(han) == ["总部的店", "李雷的店"]
    assert (await han.get("/me")).json()["roles"] == ["auditor"]
    new = await han.send("POST", "/customers", {"name": "新店", "phone": "13800138000"})
    assert (new.status_code, new.json()["code"]) == (403, "not_allowed")
    assert (await han.get("/roles")).status_code == 403


async def test_leaders_oversee_unless_it_is_switched_off(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await admin.send("DELETE", f"/members/{company.wang.id}/roles/lead")
    async with a_page(runtime, company, company.wang) as wang:
        assert await seen(wang) == ["李雷的店"]
        off = await admin.send("PUT", "/roles/leaders", {"leaders_oversee": False})
        assert off.json() == {"leaders_oversee": False}
        assert await seen(wang) == []
    assert (await admin.get("/roles")).json()["leaders_oversee"] is False


async def test_nobody_locks_the_company_out(company: Company, admin: Page) -> None:
    refused = await admin.send("DELETE", f"/members/{company.admin.id}/roles/admin")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    await admin.send("PUT", f"/members/{company.wang.id}/roles/it_admin")
    assert (await admin.send("DELETE", f"/members/{company.admin.id}/roles/admin")).json()[
        "given"
    ] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "admin"}, 409, "role_is_built_in"),
        ({"permissions": ["customers.burn"]}, 422, "fields_invalid"),
        ({"scopes": {"customers": {"scope": "CUSTOM_DEPTS"}}}, 422, "department_unknown"),
    ],
)
async def test_a_role_that_cannot_be_is_refused(
    admin: Page, change: dict[str, object], status: int, code: str
) -> None:
    refused = await admin.send("POST", "/roles", {**EAST, "scopes": {}, **change})
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_the_bot_knows_the_roles_of_the_company_too(
    runtime: Runtime, company: Company, admin: Page
) -> None:
    await admin.send("POST", "/roles", {**EAST, "scopes": {"customers": {"scope": "ALL"}}})
    await admin.send("PUT", f"/members/{company.lilei.id}/roles/east_desk")
    door = Actor(company.tenant.id, None, via="bot", connection_id=company.connection.id)
    async with runtime.database.reading() as session:
        found = await actor_for(session, door, "lilei")
    assert found is not None
    assert [code for code, _ in found[0].made_roles] == ["east_desk"]
