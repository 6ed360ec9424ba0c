"""The lean driver gives what sqlite3 itself would give."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.sqlite_driver import Connection, connect


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    opened = await connect(str(tmp_path / "one.sqlite3"))
    await opened.cursor().execute("CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    yield opened
    await opened.close()


async def test_rows_come_with_their_names(connection: Connection) -> None:
    cursor = connection.cursor()
    await cursor.executemany("INSERT INTO shop (name) VALUES (?)", [("华联",), ("红星",)])
    assert cursor.rowcount == 2
    await cursor.execute("SELECT name FROM shop WHERE id > ? ORDER BY id", (0,))
    assert await cursor.fetchall() == [("华联",), ("红星",)]
    assert [column[0] for column in cursor.description or ()] == ["name"]


async def test_a_write_that_returns_is_complete(connection: Connection) -> None:
    cursor = connection.cursor()
    await cursor.execute("INSERT INTO shop (name) VALUES ('华联'), ('红星') RETURNING id")
    assert await cursor.fetchall() == [(1,), (2,)]
    await cursor.execute("UPDATE shop SET name = name || '店'")
    assert (cursor.rowcount, cursor.description, await cursor.fetchall()) == (2, None, [])


async def test_a_failure_leaves_the_connection_usable(connection: Connection) -> None:
    cursor = connection.cursor()
    await cursor.execute("INSERT INTO shop (name) VALUES ('华联')")
    with pytest.raises(sqlite3.IntegrityError, match=r"shop\.name"):
        await cursor.execute("INSERT INTO shop (name) VALUES ('华联')")
    await cursor.execute("SELECT count(*) FROM shop")
    assert await cursor.fetchall() == [(1,)]
