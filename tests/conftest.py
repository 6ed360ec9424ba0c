"""What every test may ask for: a migrated database (SQLite and PostgreSQL), and the usual people.

李雷 and 韩梅梅 are reps, 王主管 leads them; 华联, 红星 and 新华书店 are customers.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from field_ops.db import Database
from field_ops.migrations import upgrade
from field_ops.models import metadata
from tests import databases, postgres
from tests.databases import Shared

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY_MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI).astimezone(UTC)


LONGEST_FIRST = ("tests/browser/", "tests/scenarios/", "tests/field_ops/", "tests/integrations/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two workers share the files in this order: what is short comes last, so they end together."""
    items.sort(key=_place_in_the_run)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file that each test copies; also those that are not async."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
async def postgres_url() -> AsyncIterator[str]:
    """An empty, migrated PostgreSQL database of this test run, dropped at the end."""
    async with postgres.scratch_database(durable=False) as url:
        await upgrade(url)
        yield url


def kinds() -> list[str]:
    """Which databases the suite runs on: both, unless WAIQIN_TEST_DATABASES names one."""
    return os.environ.get("WAIQIN_TEST_DATABASES", "sqlite,postgresql").split(",")


@pytest.fixture(params=kinds())
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
async def shared_sqlite(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shared]:
    path = tmp_path_factory.mktemp("shared") / "waiqin.sqlite3"
    async with databases.shared_sqlite(sqlite_template, path) as shared:
        yield shared


@pytest.fixture(scope="session")
async def shared_postgresql(postgres_url: str) -> AsyncIterator[Shared]:
    async with databases.shared_postgres(postgres_url) as shared:
        yield shared


@pytest.fixture
def shared(database_kind: str, request: pytest.FixtureRequest) -> Shared:
    found: Shared = request.getfixturevalue(f"shared_{database_kind}")
    return found


@pytest.fixture
async def database_url(shared: Shared) -> str:
    """The address of an empty, migrated database. Whoever writes there asks for `database` too."""
    await shared.renew()
    return shared.url


@pytest.fixture
async def database(shared: Shared, database_url: str) -> AsyncIterator[Database]:
    """The real database, migrated by the real migrations, empty at the start of each test."""
    yield shared.database
    await shared.empty()


def _place_in_the_run(item: pytest.Item) -> int:
    for place, folder in enumerate(LONGEST_FIRST):
        if item.nodeid.startswith(folder):
            return place
    return len(LONGEST_FIRST)


assert metadata.tables, "models are imported, so that factories can use them"
