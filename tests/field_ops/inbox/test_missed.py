"""What a host could not bring is fetched, taken in once, and only then forgotten by the host."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.files.store import LocalStore
from field_ops.host.errors import HostUnavailable
from field_ops.host.events import AppOpened, HostEvent
from field_ops.host.platform import HostPlatform, MissedEvents
from field_ops.jobs.queues import fetch_missed_events
from field_ops.jobs.tools import Tools
from field_ops.reminders.drain import Drain
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_company
from tests.fakes import Clock, FakeHost, FakePlatforms


@dataclass
class Kept:
    """A host's list: each call forgets what the call before told."""

    kept: list[str]
    at_a_time: int = 2
    told: int = 0
    failure: Exception | None = None

    async def fetch(self) -> Sequence[HostEvent]:
        if self.failure is not None:
            raise self.failure
        del self.kept[: self.told]
        ids = self.kept[: self.at_a_time]
        self.told = len(ids)
        return [AppOpened(event_id=i, happened_at=TUESDAY_MORNING, host_user_id="u") for i in ids]


@dataclass
class Office(FakePlatforms):
    """Some connections, each with a list of its own."""

    lists: dict[str, MissedEvents] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    breaks_on: str = ""

    async def live(self) -> list[str]:
        return list(self.lists)

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None:
        platform = replace(self.hosts[connection_id].platform, missed=self.lists[connection_id])
        return platform, self.refs[connection_id]

    async def hear(self, work: Work, event: HostEvent) -> None:
        if event.event_id == self.breaks_on:
            raise ZeroDivisionError
        self.heard.append(event.event_id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(database: Database) -> Office:
    made = Office({})
    for name in ("first", "second"):
        async with database.writing() as session:
            company = await a_company(session, name, connection=name)
        key = company.connection.id
        made.hosts[key] = FakeHost()
        made.refs[key] = ConnectionRef(company.tenant.id, key, "wecom", name, SHANGHAI)
        made.lists[key] = Kept([f"{name}-{n}" for n in range(5)])
    return made


@pytest.fixture
def tools(database: Database, office: Office, clock: Clock, tmp_path: Path) -> Tools:
    drain = Drain(database, [], clock, "tools", Random(1))
    return Tools(database, office, clock, office.hear, drain, Random(1), LocalStore(tmp_path))


async def test_everything_that_was_kept_is_taken_in_once(office: Office, tools: Tools) -> None:
    await fetch_missed_events(tools)
    await fetch_missed_events(tools)
    expected = {f"{name}-{n}" for name in ("first", "second") for n in range(5)}
    assert set(office.heard) == expected
    assert len(office.heard) == 10


async def test_an_event_that_breaks_is_kept_by_us(office: Office, tools: Tools) -> None:
    office.breaks_on = "first-1"
    await fetch_missed_events(tools)
    assert len(office.heard) == 9


async def test_a_host_that_does_not_answer_stops_nobody(office: Office, tools: Tools) -> None:
    first, _ = office.lists.values()
    assert isinstance(first, Kept)
    first.failure = HostUnavailable("down")
    await fetch_missed_events(tools)
    assert len(office.heard) == 5
    first.failure = None
    await fetch_missed_events(tools)
    assert len(office.heard) == 10
