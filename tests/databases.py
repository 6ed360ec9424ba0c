"""One engine of each kind for all tests of a process, as the program has one.

An engine compiles every statement once, and that takes longer than most tests: with an engine for
each test it was half of the suite's time.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from field_ops.db import Database
from tests import postgres

OPENED: dict[str, Database] = {}  # by address: whoever opens a runtime there takes it


@dataclass(frozen=True, slots=True)
class Shared:
    """A database that each test finds empty and migrated. Of SQLite, `template` is the empty file
    and `path` where a copy of it lies."""

    url: str
    database: Database
    template: Path | None = None
    path: Path = Path()

    async def renew(self) -> None:
        """Before a test. A new file, in which nobody of yesterday can write."""
        if self.template is None:
            return
        await self.database.close()
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copy(self.template, self.path)

    async def empty(self) -> None:
        """After a test."""
        if self.template is None:
            async with self.database.engine.begin() as connection:
                await postgres.empty(connection)
        else:
            await self.database.close()


@asynccontextmanager
async def shared_sqlite(template: Path, path: Path) -> AsyncIterator[Shared]:
    url = f"sqlite+aiosqlite:///{path}"
    async with _opened(url) as database:
        yield Shared(url, database, template, path)


@asynccontextmanager
async def shared_postgres(url: str) -> AsyncIterator[Shared]:
    async with _opened(url) as database:
        yield Shared(url, database)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    # A commit that waits for the disk would only help against a power cut.
    OPENED[url] = Database(url, synchronous="OFF")
    yield OPENED[url]
    await OPENED.pop(url).close()
