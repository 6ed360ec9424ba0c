"""The database: one engine, short transactions, and the column types every table uses.

SQLite (WAL) has one writer: a write transaction waits for its turn in this process, then does
`BEGIN IMMEDIATE`. The driver's own implicit BEGIN loses updates silently, and a plain BEGIN fails
with a stale snapshot; both were measured. Readers use other connections and never wait.
"""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, String, TypeDecorator, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from . import sqlite_driver
from .errors import StorageBusy, StorageFull
from .turns import Turns

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ID = String(26)  # a ULID: sorts by time of birth, unique without asking the database

MAY_BE_GONE_AFTER_S = 1.0

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values, stores UTC, and gives UTC back on both databases.

    SQLite drops time zones silently; without this 15:00+08:00 would come back as 15:00.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A new ULID in lower case: 48 bits of milliseconds, 80 random bits.

    Ids made by one process sort in the order in which they were made, within a millisecond too:
    messages to one person leave in that order.
    """
    global _last_id
    fresh = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    with _id_lock:
        if fresh <= _last_id:
            fresh = _last_id + 1 + int.from_bytes(os.urandom(4), "big")
        _last_id = fresh
    return "".join(CROCKFORD[fresh >> shift & 31] for shift in range(125, -1, -5))


def first_id_at(moment: datetime) -> str:
    """No id that is made from this moment on is smaller: what is newer is a range of the key."""
    value = int(moment.timestamp() * 1000) << 80
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


_id_lock = threading.Lock()
_last_id = 0


KEPT_AFTER = "kept_after"  # in the info of a session that only reads


def kept_after(session: AsyncSession, row: Base) -> None:
    """Store a row that says that something was read: at once, or, where the session only reads,
    when the reader has his answer (`Database.keep_after`)."""
    if (rows := session.info.get(KEPT_AFTER)) is not None:
        rows.append(row)
    else:
        session.add(row)


LAST = "last"  # in the info of a session that writes


def do_last(session: AsyncSession, name: str, what: Callable[[], Awaitable[None]]) -> None:
    """Run `what` right before this transaction commits, once for all who ask under this name."""
    session.info.setdefault(LAST, {}).setdefault(name, what)


async def _do_what_is_last(session: AsyncSession) -> None:
    # By name, so that two who lock for the same companies never wait for each other.
    for _, what in sorted(session.info.pop(LAST, {}).items()):
        await what()


class Database:
    """The engine and the two ways to use it: `reading()` and `writing()`.

    `pool_size` connections are kept open: enough for the relay, the jobs and the doors of one
    process at once. Those beyond are closed after each use, and opening one takes PostgreSQL as
    long as many statements.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL", pool_size: int = 16) -> None:
        self.engine = _engine(url, synchronous, pool_size)
        self._reads = async_sessionmaker(self.engine, expire_on_commit=False)
        self._for_writing = self.engine.execution_options(write=True)
        self._writer = Turns()
        self._writers: AsyncConnection | None = None  # kept open, because its turns are many
        self.awaited = asyncio.Event()  # set when something that somebody waits for was written

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading: it never waits for the writer and is rolled back at the end."""
        async with self._reads(info={KEPT_AFTER: []}) as session:
            yield session

    async def keep_after(self, session: AsyncSession) -> None:
        """Store what a reading session left to be stored, in a short transaction of its own."""
        if rows := session.info.get(KEPT_AFTER):
            async with self.writing() as writer:
                writer.add_all(rows)
            rows.clear()

    @asynccontextmanager
    async def writing(self, *, awaited: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back whole when anything is raised.

        Never keep it open across a call to a host, an upload or a sleep, nor for more rows than
        take some milliseconds. `awaited`: a person or a host waits for it, and on SQLite it goes
        before what nobody waits for.
        """
        async with self.transaction(awaited=awaited) as connection, joined(connection) as session:
            yield session

    @asynccontextmanager
    async def transaction(self, *, awaited: bool = False) -> AsyncIterator[AsyncConnection]:
        """`writing` without a session, which costs more than a statement or two."""
        async with self._transaction(awaited=awaited) as connection:
            yield connection
        if awaited:
            self.awaited.set()

    @asynccontextmanager
    async def _transaction(self, *, awaited: bool) -> AsyncIterator[AsyncConnection]:
        if not self.is_sqlite:
            async with _storage_refusals(), self._for_writing.begin() as connection:
                yield connection
            return
        async with self._writer.turn(awaited=awaited), _storage_refusals():
            connection = self._writers = self._writers or await self._for_writing.connect()
            try:
                async with connection.begin():
                    yield connection
            finally:
                if connection.invalidated or connection.in_transaction():
                    self._writers = None
                    await connection.close()

    async def close(self) -> None:
        """Close what is open. It opens again when it is used."""
        writers, self._writers = self._writers, None
        if writers is not None:
            await writers.close()
        await self.engine.dispose()


@asynccontextmanager
async def joined(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """A session in the transaction of `connection`, which it neither begins nor commits."""
    session = AsyncSession(
        connection, expire_on_commit=False, join_transaction_mode="rollback_only"
    )
    try:
        yield session
        if session.new or session.dirty or session.deleted:
            await session.flush()
        await _do_what_is_last(session)
    finally:
        await session.close()


def is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


async def alone_with(session: AsyncSession, what: str) -> None:
    """Until this transaction ends, whoever else asks to be alone with `what` waits here.

    For rows that are looked for and then made, where no unique key says that there is one already.
    Ask before looking: what the one before us made is then seen. SQLite's writers are alone anyway.
    """
    if not is_sqlite(session):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))


def insert_into(session: AsyncSession, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which the two databases spell alike."""
    return sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)


class InsertUnlessThere:
    """Rows into `table`, without those whose `keys` are taken.

    For the hottest paths: the statement is built once, and SQLAlchemy only binds the values. A
    writer that adds an equal row right now makes this wait.
    """

    def __init__(self, table: type[Base], keys: list[str]) -> None:
        columns = table.__table__.c
        self._statements = {
            kind.dialect.name: kind.insert(table.__table__)
            .on_conflict_do_nothing(index_elements=keys)
            .returning(*(columns[key] for key in keys))
            for kind in (sqlite, postgresql)
        }

    async def row(self, session: AsyncSession, values: dict[str, Any]) -> bool:
        """False when such a row was there."""
        connection = await session.connection()
        written = await connection.execute(self._statements[connection.dialect.name], values)
        return written.first() is not None

    async def rows(self, session: AsyncSession, rows: list[dict[str, Any]]) -> list[Any]:
        """The keys of the rows that were not there."""
        connection = await session.connection()
        written = await connection.execute(self._statements[connection.dialect.name], rows)
        return [tuple(row) for row in written]


@asynccontextmanager
async def _storage_refusals() -> AsyncIterator[None]:
    """Disk full and database locked are sentences for a person; the transaction is already gone."""
    try:
        yield
    except (DBAPIError, sqlite3.OperationalError) as failure:
        text = str(failure.orig if isinstance(failure, DBAPIError) else failure).lower()
        if "disk is full" in text or "no space left" in text or "disk i/o" in text:
            raise StorageFull() from failure
        operational = isinstance(failure, OperationalError | sqlite3.OperationalError)
        if operational and ("locked" in text or "busy" in text):
            raise StorageBusy() from failure
        raise


def _alive(engine: AsyncEngine) -> AsyncEngine:
    """Ask a connection that rested whether its server is still there, before it is used.

    SQLAlchemy's own way asks at every use, which are three round trips before the first statement.
    """
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at", time.monotonic()) < MAY_BE_GONE_AFTER_S:
            return
        try:
            dialect.do_ping(connection)
        except (DBAPIError, dialect.loaded_dbapi.Error, OSError) as failure:
            # The others rested as long: all of them are opened anew.
            raise InvalidatePoolError() from failure

    @event.listens_for(engine.sync_engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    return engine


def _engine(url: str, synchronous: str, pool_size: int) -> AsyncEngine:
    if not url.startswith("sqlite"):
        # Compiling a statement takes PostgreSQL 30 ms, which it spends where it expects many rows.
        settings = {"server_settings": {"jit": "off"}}
        return _alive(create_async_engine(url, pool_size=pool_size, connect_args=settings))
    path = make_url(url).database or ":memory:"
    engine = create_async_engine(url, pool_size=pool_size, async_creator=sqlite_driver.Opener(path))

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must open no transaction of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            f"busy_timeout={sqlite_driver.BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "cache_size=-32000",
        ):
            cursor.execute("PRAGMA " + pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("write")
        # The driver's own cursor: what SQLAlchemy puts around it takes longer than the statement.
        cursor = connection.connection.cursor()
        cursor.execute(sqlite_driver.BEGIN_WRITE if writes else "BEGIN")
        cursor.close()

    return engine
