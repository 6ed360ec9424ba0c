"""The disk is full when a host delivers something."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
from sqlalchemy import event, func, select
from starlette.applications import Starlette
from starlette.middleware import Middleware

from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.host.events import HostEvent, TextReceived, to_payload
from field_ops.host.messages import Notice
from field_ops.inbox.models import InboxEvent
from field_ops.inbox.receive import Intake
from field_ops.inbox.routes import HostDoors
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.post import answer
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_company
from tests.fakes import Clock, FakeHost, FakePlatforms

A_LONG_STORY = TextReceived(
    event_id="e1", happened_at=TUESDAY_MORNING, host_user_id="lilei", text="很长的话" * 5000
)


async def repeat(work: Work, said: HostEvent) -> None:
    """A bot that says everything again."""
    assert isinstance(said, TextReceived)
    await answer(work, said.conversation, said.host_user_id, Notice(said.text), once=said.event_id)


def without_room(path: Path) -> Database:
    """The same file on a disk where it cannot grow by a single page."""
    database = Database(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(database.engine.sync_engine, "connect")
    def _no_more_pages(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")  # SQLite takes the present size instead
        cursor.close()

    return database


async def deliver(database: Database, ref: ConnectionRef) -> int:
    app = Starlette(middleware=[Middleware(HostDoors)])
    app.state.platforms = FakePlatforms({ref.id: FakeHost()}, refs={"default": ref})
    app.state.edge = SimpleNamespace(database=database, clock=Clock())
    app.state.intake = Intake(database, repeat, Clock())
    body = orjson.dumps({"signed": True, "events": [to_payload(A_LONG_STORY)]})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waiqin.example") as host:
        return (await host.post("/hosts/wecom/default/callback", content=body)).status_code


async def stored(database: Database) -> tuple[int, int]:
    async with database.reading() as session:
        events = await session.scalar(select(func.count()).select_from(InboxEvent)) or 0
        answers = await session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
        return events, answers


async def test_a_full_disk_makes_the_host_come_again_and_leaves_nothing_half_written(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "waiqin.sqlite3"
    shutil.copy(sqlite_template, path)
    roomy = Database(f"sqlite+aiosqlite:///{path}")
    async with roomy.writing() as session:
        company = await a_company(session)
    ref = ConnectionRef(company.tenant.id, company.connection.id, "wecom", "default", SHANGHAI)

    full = without_room(path)
    assert (await deliver(full, ref), await stored(roomy)) == (503, (0, 0))
    await full.close()

    assert (await deliver(roomy, ref), await stored(roomy)) == (200, (1, 1))
    await roomy.close()
