"""The lean driver gives what sqlite3 itself would give."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.sqlite_driver import BUSY_TIMEOUT_MS, Connection, Opener


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    opened = await Opener(str(tmp_path / "one.sqlite3"))()
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


async def test_a_cancelled_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """The thread may still hold a statement of a task that is gone: the rollback comes after it."""
    opener = Opener(str(tmp_path / "two.sqlite3"))
    opened, other = await opener(), await opener()
    await opened.cursor().execute("CREATE TABLE shop (name TEXT)")
    await opened.cursor().execute("BEGIN IMMEDIATE")
    many = [(f"华联{number}",) for number in range(200_000)]
    writing = asyncio.create_task(
        opened.cursor().executemany("INSERT INTO shop (name) VALUES (?)", many)
    )
    await asyncio.sleep(0)  # it is in the thread's hands now
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await opened.rollback()
    await opened.cursor().execute("BEGIN IMMEDIATE")
    await opened.commit()
    found = other.cursor()
    await found.execute("SELECT count(*) FROM shop")
    assert await found.fetchall() == [(0,)]
    await opened.close()
    await other.close()


async def test_who_waits_for_the_writer_does_not_stop_the_others(tmp_path: Path) -> None:
    opener = Opener(str(tmp_path / "three.sqlite3"))
    first, second = await opener(), await opener()
    await first.cursor().execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(second.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0)  # the loop goes on although the file is locked
    assert not waiting.done()
    await first.rollback()
    await waiting
    await second.rollback()
    await first.close()
    await second.close()


async def test_a_long_statement_goes_to_the_thread_the_next_time(connection: Connection) -> None:
    count = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
        " SELECT count(*) FROM n"
    )
    cursor = connection.cursor()
    await cursor.execute(count)  # here, because nobody knew
    ran_on = asyncio.create_task(cursor.execute(count))
    await asyncio.sleep(0)
    assert not ran_on.done()
    await ran_on
    assert await cursor.fetchall() == [(300000,)]


async def test_who_was_refused_the_file_can_wait_for_it_afterwards(tmp_path: Path) -> None:
    """The first try does not wait; what is left of it must not make the next one give up."""
    opener = Opener(str(tmp_path / "four.sqlite3"))
    first, second = await opener(), await opener()
    await first.cursor().execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(second.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0.05)
    await first.commit()
    await waiting
    timeout = second.cursor()
    await timeout.execute("PRAGMA busy_timeout")
    assert await timeout.fetchall() == [(BUSY_TIMEOUT_MS,)]
    await second.rollback()
    await first.close()
    await second.close()
