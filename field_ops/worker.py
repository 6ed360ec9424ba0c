"""The worker: runs the timetable, the relay, the courier and the long connections until it is told
to stop.

APScheduler is the clock and nothing else: what is to be done stands in tables, so a worker may die
at any moment, and several may run.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Counter
from sqlalchemy import select

from .connections.leases import beat, give_back, last_breath, take_lease
from .db import Database, insert_into
from .files.store import FileStore
from .inbox.long_connections import LongConnections
from .inbox.receive import Handle
from .jobs.tools import Company, LivePlatforms, Tools, companies
from .keys import Keys
from .logs import log
from .outbox.relay import Relay
from .plurals import PLURALS
from .reminders.drain import Drain
from .reminders.models import DailyRun
from .settings import Settings
from .timetable import REMINDERS, TIMETABLE, Daily, Every
from .webhooks.courier import Courier
from .webhooks.targets import read_networks

LEADERSHIP = "company-wide jobs"
LEADERSHIP_LASTS = timedelta(seconds=60)
BEATS = timedelta(seconds=15)
LOOKS_AT_THE_DAY = timedelta(seconds=20)
TRIES_AGAIN_AFTER = timedelta(minutes=30)
LAST_JOBS_MAY_TAKE_S = 20.0

JOBS = Counter("waiqin_jobs_total", "Jobs of the timetable that ran", ["job", "outcome"])


class Resources(Protocol):
    """What a worker needs of the runtime. `name` is unique among the processes that run."""

    @property
    def database(self) -> Database: ...
    @property
    def platforms(self) -> LivePlatforms: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def outside(self) -> httpx.AsyncClient: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def name(self) -> str: ...


class Worker:
    """`hear` handles host events that are tried again; `dice` spreads retries."""

    def __init__(self, resources: Resources, hear: Handle, dice: Random | None = None) -> None:
        dice = dice or Random()  # noqa: S311 - spreads retries, guards nothing
        self._database, self._clock = resources.database, resources.clock
        self._name = resources.name
        drain = Drain(self._database, REMINDERS, self._clock, self._name, dice)
        self._tools = Tools(
            self._database, resources.platforms, self._clock, hear, drain, dice, resources.files
        )
        self._long_connections = LongConnections(
            self._database, resources.platforms, self._clock, self._name, hear
        )
        self._relay = Relay(
            self._database,
            resources.platforms,
            self._clock,
            self._name,
            dice,
            self._long_connections.holds,
            PLURALS,
        )
        self._courier = Courier(
            self._database,
            resources.outside,
            resources.keys,
            self._clock,
            self._name,
            dice,
            read_networks(resources.settings.webhook_networks),
        )
        self._stopping = False
        self._leads_until: datetime | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._not_before: dict[tuple[int, str], datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is being done and give back what is held."""
        await self._run("heartbeat", self.heartbeat)
        scheduler = self._scheduler()
        scheduler.start()
        log.info("worker.started", worker=self._name)
        holding = asyncio.create_task(self._long_connections.run(stop))
        try:
            await asyncio.gather(self._relay.run(stop), self._courier.run(stop))
        finally:
            self._stopping = True
            stop.set()  # when the relay broke, the rest ends with it
            await holding
            # Shutting down cancels what runs, so that must have ended before.
            scheduler.pause()
            await self._finish_running()
            scheduler.shutdown(wait=False)
            await give_back(self._database, LEADERSHIP, self._name)
            await last_breath(self._database, self._name)
            log.info("worker.stopped", worker=self._name)

    async def heartbeat(self) -> None:
        """Show that this worker is alive, and take or keep the lead when nobody else has it."""
        now = self._clock()
        await beat(self._database, self._name, now)
        leads = await take_lease(self._database, LEADERSHIP, self._name, now, LEADERSHIP_LASTS)
        self._leads_until = now + LEADERSHIP_LASTS if leads else None

    async def do(self, entry: Every) -> None:
        """Run one entry of the timetable now, unless another worker leads and it is not ours."""
        if not entry.alone or self._is_leader():
            await self._run(entry.name, lambda: entry.job(self._tools))

    async def do_the_day(self) -> None:
        """Run the daily jobs that are due, for each company by its own clock."""
        if not self._is_leader():
            return
        for company in await companies(self._database):
            for entry in TIMETABLE:
                if isinstance(entry, Daily):
                    await self._do_daily(entry, company)

    async def _do_daily(self, entry: Daily, company: Company) -> None:
        now, key = self._clock(), (company.tenant_id, entry.name)
        due_at = entry.last_due(now, company)
        if self._not_before.get(key, now) > now or await self._was_done(entry, company, due_at):
            return
        self._not_before[key] = now + TRIES_AGAIN_AFTER

        async def job() -> None:
            if await entry.job(self._tools, company):
                await self._note_done(entry, company, due_at)
                del self._not_before[key]

        await self._run(entry.name, job)

    async def _was_done(self, entry: Daily, company: Company, due_at: datetime) -> bool:
        async with self._database.reading() as session:
            last = await session.scalar(
                select(DailyRun.due_at).where(
                    DailyRun.tenant_id == company.tenant_id, DailyRun.job == entry.name
                )
            )
        return last is not None and last >= due_at

    async def _note_done(self, entry: Daily, company: Company, due_at: datetime) -> None:
        async with self._database.writing() as session:
            row = insert_into(session, DailyRun).values(
                tenant_id=company.tenant_id,
                job=entry.name,
                due_at=due_at,
                done_at=self._clock(),
            )
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=["tenant_id", "job"],
                    set_={"due_at": row.excluded.due_at, "done_at": row.excluded.done_at},
                )
            )

    async def _run(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Every job runs in here: what it meets is logged and counted, and the next one runs."""
        if self._stopping:
            return
        task = asyncio.current_task()
        assert task is not None
        outermost = task not in self._running
        self._running.add(task)
        try:
            await job()
            JOBS.labels(name, "done").inc()
        except Exception:
            JOBS.labels(name, "failed").inc()
            log.exception("job.failed", job=name, worker=self._name)
        finally:
            if outermost:
                self._running.discard(task)

    def _is_leader(self) -> bool:
        return self._leads_until is not None and self._clock() < self._leads_until

    async def _finish_running(self) -> None:
        current = asyncio.current_task()
        running = [task for task in self._running if task is not current]
        if running:
            await asyncio.wait(running, timeout=LAST_JOBS_MAY_TAKE_S)

    def _scheduler(self) -> AsyncIOScheduler:
        # Without `misfire_grace_time=None` a run that is a second late is dropped silently.
        scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        at_once = datetime.now(UTC)
        for entry in TIMETABLE:
            if isinstance(entry, Every):
                scheduler.add_job(
                    self.do, "interval", args=[entry], id=entry.name,
                    seconds=entry.interval.total_seconds(), next_run_time=at_once,
                )  # fmt: skip
        for job, interval in ((self.heartbeat, BEATS), (self.do_the_day, LOOKS_AT_THE_DAY)):
            scheduler.add_job(
                self._run, "interval", args=[job.__name__, job], id=job.__name__,
                seconds=interval.total_seconds(), next_run_time=at_once,
            )  # fmt: skip
        return scheduler
