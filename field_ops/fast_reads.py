"""Reading past SQLAlchemy, where being asked takes longer than the answer.

A statement by key takes SQLite a few microseconds and SQLAlchemy a hundred. That matters where one
answer to a person is half a dozen of them, and nowhere else.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import SelectBase
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from .db import is_sqlite
from .sqlite_driver import Outcome

CONNECTED = "connected"  # in the info of a session: the transaction that has its connection
PARAMETER = re.compile(r"(?<!:):(\w+)")


async def read(session: AsyncSession, sql: str, **values: Any) -> Sequence[Any]:
    """The rows of a statement that changes nothing, as the driver gives them.

    Written with `:name` for each value. Moments are what the driver makes of them: text on SQLite.
    It sees what was written in this transaction, as any statement of it does.
    """
    if session.new or session.dirty or session.deleted:
        await session.flush()
    inner = session.sync_session
    present = _present_transaction(inner)
    if present is None or session.info.get(CONNECTED) is not present:
        await session.connection()
        session.info[CONNECTED] = _present_transaction(inner)
    connection = inner.connection()
    driver: Any = connection.connection.driver_connection
    if is_sqlite(session):
        outcome: Outcome = await driver.run(sql, values)
        return outcome.rows
    numbered, names = _numbered(sql)
    rows: Sequence[Any] = await driver.fetch(numbered, *(values[name] for name in names))
    return rows


async def read_as_made(
    session: AsyncSession, statement: SelectBase, values: Mapping[str, Any]
) -> Sequence[Any]:
    """`read`, of a statement that was made once, with `values` for its open parameters.

    None of them may be a list.
    """
    sql, written_out = _as_text(statement, session.get_bind().dialect.name)
    return await read(session, sql, **{**written_out, **values})


def as_moment(given: datetime | str | None) -> datetime | None:
    """A moment from what `read` gives."""
    if isinstance(given, str):
        return datetime.fromisoformat(given).replace(tzinfo=UTC)
    return given.astimezone(UTC) if given else None


def _present_transaction(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()


@lru_cache(maxsize=256)
def _as_text(statement: SelectBase, dialect: str) -> tuple[str, Mapping[str, Any]]:
    kind = asyncpg.dialect if dialect == "postgresql" else sqlite.dialect
    compiled = statement.compile(dialect=kind(paramstyle="named"))
    return str(compiled), compiled.params


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement as PostgreSQL's driver takes it, and the names of its values in their order."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}"

    return PARAMETER.sub(number, sql), tuple(names)
