"""The usual company with its pages, and fields in one line each."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from field_ops.db import Database
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_company
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
async def lilei(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.lilei) as page:
        yield page


@pytest.fixture
async def admin(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.admin) as page:
        yield page


def a_field(key: str, type_: str = "text", label: str = "", **rules: Any) -> dict[str, Any]:
    """What an administrator sends to define a field."""
    return {"key": key, "type": type_, "label": {"zh": label or f"字段{key}"}, **rules}


def options(*keys: str, retired: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": {"zh": f"选项{key}"}, "is_retired": key in retired} for key in keys
    ]


async def define(admin: Page, *fields: dict[str, Any]) -> dict[str, Any]:
    """Define them in order; what the last request answered."""
    for field in fields:
        answer = await admin.send("POST", "/fields/customer", field)
        assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def a_shop(page: Page, **fields: Any) -> dict[str, Any]:
    shop = {
        "name": "武汉华联超市",
        "location": {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02"},
        **fields,
    }
    answer = await page.send("POST", "/customers", shop)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def change(page: Page, shop: dict[str, Any], **custom: Any) -> Any:
    """PATCH the values of its own fields with the revision that was read."""
    body = {"revision": shop["revision"], "custom": custom}
    return await page.send("PATCH", f"/customers/{shop['id']}", body)
