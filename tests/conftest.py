"""What every test may ask for: a migrated database (SQLite and PostgreSQL), and the usual people.

李雷 and 韩梅梅 are reps, 王主管 leads them; 华联, 红星 and 新华书店 are customers.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from field_ops.db import Database
from field_ops.migrations import upgrade
from field_ops.models import metadata
from tests import postgres

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY_MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    await upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
async def postgres_url() -> AsyncIterator[str]:
    """An empty, migrated PostgreSQL database of this test run, dropped at the end."""
    async with postgres.scratch_database(durable=False) as url:
        await upgrade(url)
        yield url


def databases() -> list[str]:
    """Which databases the suite runs on: both, unless WAIQIN_TEST_DATABASES names one."""
    return os.environ.get("WAIQIN_TEST_DATABASES", "sqlite,postgresql").split(",")


@pytest.fixture(params=databases())
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of an empty, migrated database."""
    if database_kind == "sqlite":
        path = tmp_path / "waiqin.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The real database, migrated by the real migrations, empty at the start of each test."""
    opened = Database(database_url, synchronous="NORMAL", pool_size=4)
    yield opened
    if not opened.is_sqlite:
        async with opened.engine.begin() as connection:
            await postgres.empty(connection)
    await opened.close()


assert metadata.tables, "models are imported, so that factories can use them"
