"""aiosqlite without a hop to its thread where the hop would cost more than the statement.

A statement by key takes tens of microseconds; handing it to a thread and back takes several times
that, and up to the interpreter's switch interval (5 ms) when the event loop is busy. So short
statements run right here, and the thread keeps what may wait or take long: opening the file,
`BEGIN IMMEDIATE` (waits for another process), `COMMIT` of a write (waits for the disk), statements
with many values, and every statement that took long the last time it ran.
"""

import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import aiosqlite

Row = tuple[Any, ...]
Result = TypeVar("Result")

LONG_S = 0.003  # a statement that took this long goes to the thread the next time
SHORT_S = 0.001  # and comes back when it took no longer than this
MANY_VALUES = 200
BEGIN_WRITE, COMMIT = "BEGIN IMMEDIATE", "COMMIT"
BUSY_TIMEOUT_MS = 5000  # how long a writer waits for another process before it gives up
MOST_REMEMBERED = 1000


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
        self._outcome = await self._connection.run(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        self._outcome = await self._connection.run_many(sql, parameters)
        return self

    async def fetchall(self) -> list[Row]:
        return self._outcome.rows

    async def close(self) -> None:
        """Nothing is open."""


class Connection(aiosqlite.Connection):
    """One connection with its own thread, used by one task at a time."""

    _long: dict[str, None]  # statements that took long the last time, oldest first
    _writes = False
    _given = _done = 0  # to the thread, and by it

    def cursor(self) -> Cursor:  # type: ignore[override]  # aiosqlite's own takes a hop
        return Cursor(self)

    async def run(self, sql: str, parameters: Sequence[Any]) -> Outcome:
        """Run one statement, here or in the thread, and bring back what it gave."""

        def whole() -> Outcome:
            began = time.perf_counter()
            cursor = self._conn.execute(sql, parameters)
            rows = cursor.fetchall() if cursor.description else []
            self._remember(sql, time.perf_counter() - began)
            return Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)

        if self._thread_is_busy():
            outcome = await self._in_thread(whole)
        elif sql == BEGIN_WRITE:
            outcome = Outcome([]) if self._begins_at_once() else await self._in_thread(whole)
        elif sql in self._long or len(parameters) > MANY_VALUES:
            outcome = await self._in_thread(whole)
        else:
            outcome = whole()
        self._writes = self._writes or sql == BEGIN_WRITE
        return outcome

    async def run_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Outcome:
        """Run one statement for many rows of values, in the thread."""

        def whole() -> Outcome:
            cursor = self._conn.executemany(sql, parameters)
            return Outcome([], None, cursor.rowcount, cursor.lastrowid)

        return await self._in_thread(whole)

    async def commit(self) -> None:
        """Here, unless the disk let the last writer wait."""

        def whole() -> None:
            began = time.perf_counter()
            self._conn.commit()
            if self._writes:
                self._remember(COMMIT, time.perf_counter() - began)

        if self._thread_is_busy() or (self._writes and COMMIT in self._long):
            await self._in_thread(whole)
        else:
            whole()
        self._writes = False

    async def rollback(self) -> None:
        """Waits for nothing but what the thread still does for a task that was cancelled."""
        if self._thread_is_busy():
            await self._in_thread(self._conn.rollback)
        else:
            self._conn.rollback()
        self._writes = False

    def _begins_at_once(self) -> bool:
        """Begin to write if nobody else does; False, without a wait, when somebody does."""
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute(BEGIN_WRITE)
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return True

    def _thread_is_busy(self) -> bool:
        """Whether the thread was given something that it has not done: order must be kept."""
        return self._given != self._done

    async def _in_thread(self, do: Callable[[], Result]) -> Result:
        def done() -> Result:
            try:
                return do()
            finally:
                self._done += 1

        self._given += 1
        execute: Callable[[Callable[[], Result]], Awaitable[Result]] = self._execute
        return await execute(done)

    def _remember(self, sql: str, took_s: float) -> None:
        if took_s > LONG_S:
            self._long[sql] = None
            if len(self._long) > MOST_REMEMBERED:
                del self._long[next(iter(self._long))]
        elif took_s < SHORT_S:
            self._long.pop(sql, None)


class Opener:
    """Opens connections to one file, which share what they know of their statements."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._long: dict[str, None] = {}

    async def __call__(self) -> Connection:
        """Open the file. The thread never keeps the process from ending."""
        # One task at a time uses a connection, from the event loop or through the thread.
        connection = Connection(
            lambda: sqlite3.connect(self._path, check_same_thread=False), iter_chunk_size=64
        )
        connection._long = self._long
        connection._thread.daemon = True
        return await connection  # type: ignore[return-value]  # it returns itself
