"""aiosqlite with one hop to its thread per statement instead of four.

A hop costs more than what SQLite does in it. aiosqlite takes one each to open a cursor, to run the
statement, to fetch its rows and to close; here one function does the four in the thread. Rows come
all at once, which is what SQLAlchemy asks of it anyway.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiosqlite

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement left: a copy, so that nothing of it stays behind in the thread."""

    rows: list[Row]
    description: Sequence[Any] | None = None
    rowcount: int = -1
    lastrowid: int | None = None


class Cursor:
    """What SQLAlchemy uses of an asynchronous cursor."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._outcome = Outcome([])

    async def __aenter__(self) -> "Cursor":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def description(self) -> Sequence[Any] | None:
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._outcome.lastrowid

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "Cursor":
        self._outcome = await self._connection.run(lambda cursor: cursor.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        self._outcome = await self._connection.run(
            lambda cursor: cursor.executemany(sql, parameters)
        )
        return self

    async def fetchall(self) -> list[Row]:
        return self._outcome.rows

    async def close(self) -> None:
        """Nothing is open."""


class Connection(aiosqlite.Connection):
    """One connection with its own thread."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # aiosqlite's own takes a hop
        return Cursor(self)

    async def run(self, statement: Callable[[sqlite3.Cursor], object]) -> Outcome:
        """Run one statement in the connection's thread, and bring back what it gave."""

        def whole() -> Outcome:
            cursor = self._conn.cursor()
            try:
                statement(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
            finally:
                cursor.close()

        in_thread: Callable[[Callable[[], Outcome]], Awaitable[Outcome]] = self._execute
        return await in_thread(whole)


async def connect(path: str) -> Connection:
    """Open the database file. The thread never keeps the process from ending."""
    connection = Connection(lambda: sqlite3.connect(path), iter_chunk_size=64)
    connection._thread.daemon = True
    return await connection  # type: ignore[return-value]  # it returns itself
