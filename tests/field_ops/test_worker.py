"""The worker: the timetable is run, once where once is meant, and stops in order."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlalchemy import func, select

from field_ops.connections.leases import a_worker_lives, take_lease
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database, new_id
from field_ops.files.store import FileStore, LocalStore
from field_ops.history import chain, heads
from field_ops.host.errors import HostUnavailable
from field_ops.host.events import HostEvent
from field_ops.host.messages import Notice
from field_ops.host.platform import HostDepartment, HostMember, HostPlatform
from field_ops.http.models import AnsweredRequest
from field_ops.inbox.models import InboxEvent
from field_ops.jobs.queues import measure
from field_ops.jobs.tidying import tidy
from field_ops.jobs.tools import Company, Tools
from field_ops.jobs.visits import promise_day_plans
from field_ops.keys import Keys
from field_ops.outbox.metrics import OLDEST_WAITING
from field_ops.outbox.post import post
from field_ops.reminders.drain import Drain
from field_ops.reminders.models import DailyRun, Reminder
from field_ops.settings import Settings
from field_ops.timetable import TIMETABLE, Daily, Every, read_aloud
from field_ops.visits.models import Visit
from field_ops.work import Work
from field_ops.worker import LEADERSHIP, Worker
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_company, a_customer, work_as
from tests.fakes import Clock, FakeDirectory, FakeHost, FakePlatforms, as_is

AN_AGE_AGO = TUESDAY_MORNING - timedelta(days=31)


@dataclass
class Live(FakePlatforms):
    """The platforms as a worker asks for them."""

    async def live(self) -> list[str]:
        return list(self.hosts)

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None:
        host = self.hosts[connection_id]
        return host.platform, self.refs[connection_id]


@dataclass
class Office:
    """One company, and the workers that serve it."""

    database: Database
    tenant_id: int
    lilei_id: str
    host: FakeHost
    platforms: Live
    clock: Clock = field(default_factory=Clock)
    name: str = "worker-1"
    files: FileStore = field(default_factory=lambda: LocalStore(Path("unused")))
    outside: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)
    keys: Keys = field(default_factory=lambda: Keys("a secret of the tests"))
    settings: Settings = field(default_factory=Settings)

    def worker(self, name: str = "worker-1") -> Worker:
        self.name = name
        return Worker(self, self.hear, Random(1))

    def tools(self) -> Tools:
        drain = Drain(self.database, [], self.clock, "tools", Random(1))
        return Tools(
            self.database, self.platforms, self.clock, self.hear, drain, Random(1), self.files
        )

    async def hear(self, work: Work, event: HostEvent) -> None:
        raise AssertionError("no event is due")

    async def daily_runs(self) -> dict[str, datetime]:
        async with self.database.reading() as session:
            rows = await session.execute(select(DailyRun.job, DailyRun.due_at))
            return {row.job: row.due_at.astimezone(SHANGHAI) for row in rows}

    async def count(self, table: type) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
async def office(database: Database) -> Office:
    async with database.writing() as session:
        company = await a_company(session)
    connection, host = company.connection, FakeHost(directory=the_same_people())
    ref = ConnectionRef(company.tenant.id, connection.id, "wecom", "default", SHANGHAI)
    platforms = Live({connection.id: host}, refs={connection.id: ref})
    return Office(database, company.tenant.id, company.lilei.id, host, platforms)


def the_same_people() -> FakeDirectory:
    members = [
        HostMember(user_id, user_id, ("1",)) for user_id in ("lilei", "hanmeimei", "wang", "gl")
    ]
    return FakeDirectory([HostDepartment("1", "总部", "")], members)


async def an_open_visit(office: Office) -> str:
    async with office.database.writing() as session:
        company = await a_company(session, "又一家", connection="second")
        work = work_as(session, company.lilei)
        customer = await a_customer(work)
        visit = Visit(
            tenant_id=work.tenant_id,
            id=new_id(),
            number="V-20260310-0001",
            owner_id=company.lilei.id,
            customer_id=customer.id,
            visit_type="routine",
            business_date=work.today,
            checked_in_at=work.now,
            check_in_verdict="VERIFIED",
        )
        session.add(visit)
        return visit.id


async def is_forced_out(office: Office, visit_id: str) -> bool:
    async with office.database.reading() as session:
        visit = (await session.scalars(select(Visit).where(Visit.id == visit_id))).one()
        return visit.forced_check_out


def test_the_timetable_can_be_read_aloud() -> None:
    lines = dict(read_aloud())
    assert lines["daily at 23:59"] == "End the visits that nobody checked out of: the day is over."
    assert all(lines.values())


def test_every_entry_of_the_timetable_has_its_own_name() -> None:
    names = [entry.name for entry in TIMETABLE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("at", "now", "due"),
    [
        (time(3), "03-10 09:30", "03-10 03:00"),
        (time(3), "03-10 03:00", "03-10 03:00"),
        (time(3), "03-10 02:59", "03-09 03:00"),
        (time(23, 59), "03-10 09:30", "03-09 23:59"),
    ],
)
def test_a_daily_job_is_due_by_the_clock_of_the_company(at: time, now: str, due: str) -> None:
    async def nothing(tools: Tools, company: Company) -> bool:
        return True

    found = Daily(at, nothing).last_due(moment(now).astimezone(UTC), Company(1, SHANGHAI))
    assert found == moment(due)


def moment(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


async def test_the_worker_sends_what_waits_and_leaves_nothing_behind(office: Office) -> None:
    async with office.database.writing() as session:
        company = Company(office.tenant_id, SHANGHAI)
        work = company.work(session, office.clock())
        await post(work, to=office.lilei_id, message=as_is(Notice("早")), kind="answer", once="1")
    stop = asyncio.Event()
    office.host.messenger.after_send = stop.set
    async with asyncio.timeout(60):
        await office.worker().run(stop)
    assert office.host.heard_by("lilei") == [Notice("早")]
    assert not await a_worker_lives(office.database, office.clock())
    lead = await take_lease(
        office.database, LEADERSHIP, "next", office.clock(), timedelta(seconds=1)
    )
    assert lead


async def test_a_worker_that_beats_is_alive_for_a_minute(office: Office) -> None:
    await office.worker().heartbeat()
    alive = [
        await a_worker_lives(office.database, office.clock() + timedelta(seconds=seconds))
        for seconds in (0, 59, 61)
    ]
    assert alive == [True, True, False]


async def test_one_of_two_workers_does_what_is_for_one(office: Office) -> None:
    first, second, ran = office.worker("w1"), office.worker("w2"), []

    async def note(tools: Tools) -> None:
        ran.append(1)

    entry = Every(timedelta(seconds=5), note, alone=True)
    for worker in (first, second):
        await worker.heartbeat()
        await worker.do(entry)
    assert len(ran) == 1
    office.clock.forward(seconds=61)  # the first one died
    await second.heartbeat()
    await second.do(entry)
    assert len(ran) == 2


async def test_a_job_that_breaks_does_not_stop_the_worker(office: Office) -> None:
    async def broken(tools: Tools) -> None:
        raise ZeroDivisionError

    worker = office.worker()
    await worker.do(Every(timedelta(seconds=1), broken))
    await worker.heartbeat()
    assert await a_worker_lives(office.database, office.clock())


async def test_forgotten_visits_end_when_the_day_does(office: Office) -> None:
    visit_id, worker = await an_open_visit(office), office.worker()
    for text, ended in (("03-10 23:58", False), ("03-10 23:59", True)):
        office.clock.now = moment(text).astimezone(UTC)
        await worker.heartbeat()
        await worker.do_the_day()
        assert await is_forced_out(office, visit_id) is ended


async def test_what_a_dead_server_missed_is_done_after_the_restart(office: Office) -> None:
    visit_id = await an_open_visit(office)
    office.clock.now = moment("03-11 07:00").astimezone(UTC)
    worker = office.worker("after the restart")
    await worker.heartbeat()
    await worker.do_the_day()
    assert await is_forced_out(office, visit_id)
    assert (await office.daily_runs())["end_open_visits"] == moment("03-10 23:59")


async def a_link(office: Office, at: datetime) -> None:
    async with office.database.writing() as session:
        work = Company(office.tenant_id, SHANGHAI).work(session, at)
        await chain.add_links(work, [chain.prove(work, "check_in", "v1", {})])


async def sealed_days(office: Office) -> list[str]:
    async with office.database.reading() as session:
        work = Company(office.tenant_id, SHANGHAI).work(session, office.clock())
        return [f"{head.day:%m-%d}" for head in await heads.heads_of(work)]


async def test_each_day_is_sealed_once_and_missed_ones_after_the_restart(office: Office) -> None:
    for text in ("03-10 09:00", "03-11 09:00", "03-12 09:00"):
        await a_link(office, moment(text))
    for text, sealed in (
        ("03-10 23:58", []),
        ("03-11 00:10", ["03-10"]),
        ("03-11 00:20", ["03-10"]),
        ("03-13 08:00", ["03-10", "03-11", "03-12"]),
    ):
        office.clock.now = moment(text).astimezone(UTC)
        worker = office.worker(f"worker at {text}")
        await worker.heartbeat()
        await worker.do_the_day()
        await worker.do_the_day()
        assert await sealed_days(office) == sealed


async def test_a_daily_job_is_not_run_again_after_a_restart(office: Office) -> None:
    first = office.worker("before")
    await first.heartbeat()
    await first.do_the_day()
    calls = len(office.host.directory.asked)
    office.clock.forward(minutes=2)
    second = office.worker("after")
    await second.heartbeat()
    await second.do_the_day()
    assert calls > 0
    assert len(office.host.directory.asked) == calls


async def test_a_company_whose_host_is_down_is_compared_half_an_hour_later(
    office: Office,
) -> None:
    office.host.directory.failures.append(HostUnavailable("down"))
    worker = office.worker()
    for minutes, done in ((0, False), (29, False), (2, True)):
        office.clock.forward(minutes=minutes)
        await worker.heartbeat()
        await worker.do_the_day()
        assert ("compare_people" in await office.daily_runs()) is done


async def test_the_day_plans_of_tomorrow_are_promised(office: Office) -> None:
    await promise_day_plans(office.tools())
    await promise_day_plans(office.tools())
    async with office.database.reading() as session:
        due = set(await session.scalars(select(Reminder.due_at)))
    assert due == {moment("03-11 08:30")}
    assert await office.count(Reminder) == 2


async def test_old_answers_and_handled_events_are_forgotten(office: Office) -> None:
    async with office.database.writing() as session:
        for number, (at, state) in enumerate(
            ((AN_AGE_AGO, "done"), (TUESDAY_MORNING, "done"), (AN_AGE_AGO, "failed"))
        ):
            session.add(
                InboxEvent(
                    tenant_id=office.tenant_id,
                    connection_id="c",
                    event_id=str(number),
                    kind="TextReceived",
                    state=state,
                    received_at=at,
                )
            )
            session.add(
                AnsweredRequest(
                    tenant_id=office.tenant_id,
                    member_id=office.lilei_id,
                    key=str(number),
                    fingerprint="",
                    status=200,
                    body=b"",
                    answered_at=at,
                )
            )
    await tidy(office.tools())
    assert (await office.count(InboxEvent), await office.count(AnsweredRequest)) == (2, 1)


async def test_what_waits_is_measured(office: Office) -> None:
    async with office.database.writing() as session:
        work = Company(office.tenant_id, SHANGHAI).work(session, office.clock())
        await post(work, to=office.lilei_id, message=as_is(Notice("早")), kind="answer", once="1")
    office.clock.forward(minutes=5)
    await measure(office.tools())
    assert OLDEST_WAITING.collect()[0].samples[0].value == 300
