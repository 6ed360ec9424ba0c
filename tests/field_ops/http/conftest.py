"""The usual company in the real app, and 李雷's page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.db import Database
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company
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
