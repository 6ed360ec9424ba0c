"""The disk is full, or somebody else holds the database: the page hears a sentence, nothing is
half-written, and the same request goes through later."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.scenarios.stage import AT_THE_DOOR, Phone, Stage

pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("host", ["wecom"], indirect=True),
]

A_LONG_LOG = {"result": "progress", "summary": "谈了很久" * 1000}


@contextmanager
def no_room_to_grow(stage: Stage) -> Iterator[None]:
    """As on a full disk: the file stays as long as it is. Holds for connections opened inside."""
    engine = stage.database.engine.sync_engine

    def keep_its_length(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")  # SQLite takes the present size instead
        cursor.close()

    event.listen(engine, "connect", keep_its_length)
    try:
        yield
    finally:
        event.remove(engine, "connect", keep_its_length)


@contextmanager
def another_writer(stage: Stage) -> Iterator[None]:
    """A backup tool, say, that holds the one place for a writer."""
    path = str(stage.database.engine.url.database)
    with closing(sqlite3.connect(Path(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_log_on_a_full_disk_is_refused_whole_and_accepted_later(
    stage: Stage, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    path, before = f"/visits/{visit['id']}/log", await stage.row_counts()
    await stage.database.close()
    with no_room_to_grow(stage):
        answer = await lilei.page.send("PUT", path, A_LONG_LOG, key="log-1")
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "您的内容仍保留在手机上" in answer.json()["detail"]
    assert await stage.row_counts() == before

    await stage.database.close()
    answer = await lilei.page.send("PUT", path, A_LONG_LOG, key="log-1")
    assert (answer.status_code, answer.json()["log_result"]) == (200, "progress")


async def test_a_check_in_at_a_locked_database_is_refused_whole_and_accepted_later(
    stage: Stage, lilei: Phone
) -> None:
    body = {"customer_id": await lilei.creates("华联超市"), "fix": AT_THE_DOOR}
    before = await stage.row_counts()
    with another_writer(stage):
        answer = await lilei.page.send("POST", "/visits", body, key="visit-1")
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_busy")
        assert (await lilei.page.get("/today")).status_code == 200
        assert await stage.row_counts() == before
    answer = await lilei.page.send("POST", "/visits", body, key="visit-1")
    assert (answer.status_code, answer.json()["is_open"]) == (201, True)
