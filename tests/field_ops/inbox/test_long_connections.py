"""Long connections: one process holds each, and what it brings is taken in once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.host.errors import CredentialsRejected
from field_ops.host.events import AppOpened, HostEvent
from field_ops.host.platform import HostPlatform
from field_ops.inbox.long_connections import LongConnections
from field_ops.inbox.models import InboxEvent
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_company
from tests.fakes import Clock, FakeHost, FakeLongConnection, FakePlatforms


@dataclass
class Live(FakePlatforms):
    async def live(self) -> list[str]:
        return list(self.hosts)

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None:
        return self.hosts[connection_id].platform, self.refs[connection_id]


@dataclass
class Office:
    """One company whose host brings its events over `line`, and the processes that serve it."""

    database: Database
    connection_id: str
    host: FakeHost
    platforms: Live
    clock: Clock = field(default_factory=Clock)
    heard: list[str] = field(default_factory=list)

    @property
    def line(self) -> FakeLongConnection:
        assert self.host.long_connection is not None
        return self.host.long_connection

    def process(self, name: str) -> LongConnections:
        return LongConnections(self.database, self.platforms, self.clock, name, self.hear)

    async def hear(self, work: Work, event: HostEvent) -> None:
        self.heard.append(event.event_id)

    async def brings(self, *event_ids: str) -> None:
        """Waits until the process that holds the line has taken all of them in."""
        for event_id in event_ids:
            opened = AppOpened(event_id=event_id, happened_at=TUESDAY_MORNING, host_user_id="lilei")
            self.line.coming.put_nowait(opened)
        await self.line.coming.join()


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with database.writing() as session:
        company = await a_company(session)
    connection, host = company.connection, FakeHost(long_connection=FakeLongConnection())
    ref = ConnectionRef(company.tenant.id, connection.id, "wecom", "default", SHANGHAI)
    platforms = Live({connection.id: host}, refs={connection.id: ref})
    yield Office(database, connection.id, host, platforms)


async def settled() -> None:
    """What was started has begun."""
    for _ in range(5):
        await asyncio.sleep(0)


async def stopped(process: LongConnections) -> None:
    stop = asyncio.Event()
    stop.set()
    await process.run(stop)


async def test_an_event_is_taken_in_once_however_often_it_comes(office: Office) -> None:
    process = office.process("worker-1")
    await process.look()
    await office.brings("e1", "e1", "e2")
    async with office.database.reading() as session:
        kept = await session.scalars(select(InboxEvent.event_id).order_by(InboxEvent.event_id))
        assert list(kept) == ["e1", "e2"]
    assert office.heard == ["e1", "e2"]
    await stopped(process)
    assert office.line.runs == 0


async def test_one_of_two_processes_holds_it_and_the_other_follows(office: Office) -> None:
    first, second = office.process("worker-1"), office.process("worker-2")
    await first.look()
    await second.look()
    await settled()
    assert office.line.runs_ever == 1
    await stopped(first)
    await second.look()
    await settled()
    assert (office.line.runs, office.line.runs_ever) == (1, 2)
    await stopped(second)


async def test_a_process_that_died_is_followed_when_its_lease_ends(office: Office) -> None:
    dead, other = office.process("worker-1"), office.process("worker-2")
    await dead.look()
    office.clock.forward(seconds=29)
    await other.look()
    await settled()
    assert office.line.runs_ever == 1
    office.clock.forward(seconds=2)
    await other.look()
    await settled()
    assert office.line.runs_ever == 2
    await dead.look()  # it was only asleep: it sees that it lost the line
    assert office.line.runs == 1
    await stopped(other)


async def test_an_end_is_followed_by_a_rest(office: Office) -> None:
    process = office.process("worker-1")
    await process.look()
    await settled()
    office.line.ends.set()
    await settled()
    await process.look()  # notes the end
    office.clock.forward(seconds=50)
    await process.look()
    await settled()
    assert office.line.runs_ever == 1
    office.line.ends.clear()
    office.clock.forward(seconds=11)
    await process.look()
    await settled()
    assert office.line.runs_ever == 2
    await stopped(process)


async def test_refused_credentials_wait_for_better_ones(office: Office) -> None:
    process = office.process("worker-1")
    office.line.ends_with = CredentialsRejected("bad secret")
    office.line.ends.set()
    refused = office.line
    await process.look()
    await settled()
    await process.look()
    office.clock.forward(minutes=5)
    await process.look()
    await settled()
    assert refused.runs_ever == 1
    office.host.long_connection = FakeLongConnection()  # somebody mended the settings
    await process.look()
    await settled()
    assert office.line.runs == 1
    await stopped(process)
