"""An app with the usual company and a customer of 李雷."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.runtime import Runtime
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.pages import Page, a_page, an_app


@dataclass
class Clock:
    """The server's clock, which a test may move."""

    now: datetime = TUESDAY_MORNING

    def __call__(self) -> datetime:
        return self.now


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


@pytest.fixture
async def wang(runtime: Runtime, company: Company) -> AsyncIterator[Page]:
    async with a_page(runtime, company, company.wang) as page:
        yield page
