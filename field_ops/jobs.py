"""What the program does by itself: each a short function that the timetable lists."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .agenda.mirror import bring_in_line
from .attendance.actions import forget_the_old as forget_old_attendance
from .attendance.reading import read_attendance as read_at
from .chat_contacts.actions import forget_orphans
from .chat_contacts.hints import forget_old_hints
from .chat_contacts.reading import compare_some, read_hinted
from .connections.refs import ConnectionRef
from .customers import index
from .db import Base, Database
from .exchange import export_files
from .files.store import FileStore
from .handovers.actions import go_on, notice_leavers
from .history.heads import find_heads, write_heads
from .host.errors import CredentialsRejected, SendError
from .host.platform import HostPlatform
from .http.models import AnsweredRequest
from .inbox.missed import take_in_missed
from .inbox.models import EventTally, InboxEvent
from .inbox.receive import Handle
from .inbox.retry import retry_failed
from .logs import log
from .merges import scan
from .outbox import alarms, deliveries, queries, quota
from .outbox.metrics import CALLS_THIS_MONTH, OLDEST_WAITING, WAITING
from .people.queries import departments_of
from .people.reader import seconds_for
from .people.reread import sync_everybody_hinted, sync_named
from .people.sync import forget_the_old, full_sync
from .plans.day_plan import promise_plans, who_gets_a_plan
from .pool import recycling
from .reminders.drain import Drain
from .tenants.models import Tenant
from .visits import cross_check
from .visits.actions import force_check_outs
from .work import Actor, Work

KEPT_FOR = timedelta(days=30)
READ_QUICKLY_S = 60.0
CONNECTIONS_AT_ONCE = 8
ROWS_AT_ONCE = 200  # of one transaction: callbacks wait for its end
MOST_BATCHES = 20  # a drain that outlives its second makes way for the next one


class LivePlatforms(Protocol):
    """The connections that are there: `field_ops.connections.platforms.Platforms`."""

    async def platform_of(self, connection_id: str) -> HostPlatform | None: ...

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None: ...

    async def live(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the jobs work with. `hear` handles a host's event."""

    database: Database
    platforms: LivePlatforms
    clock: Callable[[], datetime]
    hear: Handle
    drain: Drain
    dice: Random
    files: FileStore


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant, as the timetable sees it: by its own clock."""

    tenant_id: int
    zone: ZoneInfo

    def work(self, session: AsyncSession, now: datetime) -> Work:
        """The company itself at work."""
        return Work(session, Actor(self.tenant_id, None, via="worker"), now, self.zone)


async def companies(database: Database) -> list[Company]:
    """Every tenant of this installation."""
    async with database.reading() as session:
        found = await session.execute(select(Tenant.id, Tenant.zone).order_by(Tenant.id))
        return [Company(tenant_id, ZoneInfo(zone)) for tenant_id, zone in found]


async def send_reminders(tools: Tools) -> None:
    """Send the reminders whose time has come."""
    for _ in range(MOST_BATCHES):
        if not await tools.drain.pass_once():
            return


async def mend_lookups(tools: Tools) -> None:
    """Make customers findable that are not in the lookup index, as after an upgrade."""
    for company in await companies(tools.database):
        mended, last = 0, ""
        while True:
            async with tools.database.reading() as session:
                ids = await index.missing(company.work(session, tools.clock()), last)
            if not ids:
                break
            async with tools.database.writing() as session:
                await index.refresh(company.work(session, tools.clock()), ids)
            mended, last = mended + len(ids), ids[-1]
        if mended:
            log.info("lookup.mended", tenant=company.tenant_id, customers=mended)


async def look_for_duplicates(tools: Tools, company: Company) -> bool:
    """Compare the customers that changed with all others: which may be one?"""
    while True:
        async with tools.database.reading() as session:
            looked = await scan.look(company.work(session, tools.clock()))
        if looked is None:
            return True
        async with tools.database.writing() as session:
            await scan.note(company.work(session, tools.clock()), looked)


async def write_exports(tools: Tools) -> None:
    """Write the export files that were asked for and are too large to be waited for."""
    for company in await companies(tools.database):
        await export_files.write_waiting(tools.database, tools.files, tools.clock, company)


async def forget_exports(tools: Tools) -> None:
    """Remove export files whose links have ended."""
    for company in await companies(tools.database):
        await export_files.forget_ended(tools.database, tools.files, tools.clock(), company)


async def retry_inbox(tools: Tools) -> None:
    """Try again the host events whose handling met a bug."""
    await retry_failed(tools.database, tools.hear, tools.clock, tools.dice)


async def read_what_changed(tools: Tools) -> None:
    """Read again the people and departments that host events named."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await sync_named(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, read)


async def read_everybody_again(tools: Tools) -> None:
    """Read organisations whole where an event could not be settled otherwise."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await sync_everybody_hinted(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, read)


async def look_at_people(tools: Tools) -> None:
    """Compare the organisations that are read within a minute: some hosts tell of no change."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        if await _is_read_quickly(tools, platform, connection):
            await full_sync(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, read)


async def read_chat_contacts(tools: Tools) -> None:
    """Read again the people outside that host events hinted at."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await read_hinted(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, read)


async def compare_chat_contacts(tools: Tools) -> None:
    """Compare all chat contacts with the hosts every week, a part at a time."""

    async def compare(platform: HostPlatform, connection: ConnectionRef) -> None:
        await compare_some(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, compare)


async def fetch_missed_events(tools: Tools) -> None:
    """Ask the hosts for events that they could not bring while we were away."""
    async for platform, connection in _open_connections(tools):
        if platform.missed is None:
            continue
        try:
            await take_in_missed(
                tools.database, platform.missed, connection, tools.hear, tools.clock
            )
        except SendError as failure:  # they are kept: the next time will do
            log.warning("inbox.not_fetched", connection=connection.id, reason=str(failure))


async def ring_alarms(tools: Tools) -> None:
    """Ring by the hosts' own alarms for what is urgent and was sent."""

    async def ring_at(platform: HostPlatform, connection: ConnectionRef) -> None:
        await alarms.ring(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, ring_at)


async def read_attendance(tools: Tools) -> None:
    """Compare check-ins with what the hosts' own attendance recorded beside them."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await read_at(tools.database, platform, connection, cross_check, tools.clock)

    await _at_each_connection(tools, read)


async def promise_day_plans(tools: Tools) -> None:
    """Promise every rep the day plan of today and of tomorrow."""
    for company in await companies(tools.database):
        today = tools.clock().astimezone(company.zone).date()
        for day in (today, today + timedelta(days=1)):
            async with tools.database.reading() as session:
                members = await who_gets_a_plan(company.work(session, tools.clock()), day)
            for start in range(0, len(members), ROWS_AT_ONCE):
                async with tools.database.writing() as session:
                    work = company.work(session, tools.clock())
                    await promise_plans(work, day, members[start : start + ROWS_AT_ONCE])


async def measure(tools: Tools) -> None:
    """Measure what waits in the outbox."""
    async with tools.database.reading() as session:
        waiting = await queries.waiting_by_state(session)
        oldest_s = await queries.oldest_waiting_s(session, tools.clock())
    for state in ("queued", "sending", "unknown"):
        WAITING.labels(state).set(waiting.get(state, 0))
    OLDEST_WAITING.set(oldest_s)


async def watch_quotas(tools: Tools) -> None:
    """Warn when a host's calls of the month are nearly used up."""
    async for platform, connection in _open_connections(tools):
        if platform.limits.per_app_month is None:
            continue
        async with tools.database.reading() as session:
            used = await quota.used_this_month(session, connection, tools.clock())
        CALLS_THIS_MONTH.labels(connection.host, connection.name).set(used)
        if quota.is_nearly_used(used, platform.limits):
            log.warning(
                "outbox.quota_nearly_used", connection=connection.id, host=connection.host,
                used=used, of=platform.limits.per_app_month,
            )  # fmt: skip


async def look_at_deliveries(tools: Tools) -> None:
    """Ask the hosts what became of messages that must not get lost, while calls are left."""
    async for platform, connection in _open_connections(tools):
        if platform.delivery is None or not platform.delivery.tells:
            continue
        async with tools.database.reading() as session:
            used = await quota.used_this_month(session, connection, tools.clock())
        if quota.is_nearly_used(used, platform.limits):
            continue
        try:
            await deliveries.look_at_waiting(tools.database, platform, connection, tools.clock)
        except SendError as failure:
            log.warning("outbox.not_looked", connection=connection.id, reason=str(failure))


async def tidy(tools: Tools) -> None:
    """Forget handled events and answered requests that are older than 30 days, old readings, and
    attendance records of the hosts after 180 days."""
    oldest = tools.clock() - KEPT_FOR
    async with tools.database.writing() as session:
        await forget_the_old(session, tools.clock())
        await forget_old_hints(session, tools.clock())
        await forget_orphans(session)
        forgotten = await forget_old_attendance(session, tools.clock())
    if forgotten:
        log.info("attendance.forgotten", records=forgotten)
    await _forget(tools, AnsweredRequest, AnsweredRequest.answered_at < oldest)
    await _forget(tools, InboxEvent, InboxEvent.state == "done", InboxEvent.received_at < oldest)
    await _forget(tools, EventTally, EventTally.hour < oldest)


async def end_open_visits(tools: Tools, company: Company) -> bool:
    """End the visits that nobody checked out of: the day is over."""
    async with tools.database.writing() as session:
        ended = await force_check_outs(company.work(session, tools.clock()))
    if ended:
        log.info("visits.forced_check_outs", tenant=company.tenant_id, ended=ended)
    return True


async def seal_evidence(tools: Tools, company: Company) -> bool:
    """Write into the audit log what the evidence of each day was that is over."""
    async with tools.database.reading() as session:
        found = await find_heads(company.work(session, tools.clock()))
    async with tools.database.writing() as session:
        heads, walked = await write_heads(company.work(session, tools.clock()), found)
    for head in heads:
        links = head.last - head.first + 1
        log.info("evidence.sealed", tenant=company.tenant_id, day=str(head.day), links=links)
    if not walked.is_whole:
        log.error("evidence.broken", tenant=company.tenant_id, problem=walked.problem)
    return True


async def hand_over(tools: Tools) -> None:
    """Ask the leads of those who left what becomes of their customers, and do what is due."""
    for company in await companies(tools.database):
        for _ in range(MOST_BATCHES):
            async with tools.database.writing() as session:
                work = company.work(session, tools.clock())
                noticed, moved = await notice_leavers(work), await go_on(work)
            if not (noticed or moved):
                break


async def recycle_customers(tools: Tools, company: Company) -> bool:
    """Put back into the pools what nobody has worked on for too long, and tell whom it concerns."""
    async with tools.database.reading() as session:
        due = await recycling.due_in(company.work(session, tools.clock()))
    ids = [one.customer.id for one in due]
    recycled = 0
    for start in range(0, len(ids), recycling.AT_ONCE):
        async with tools.database.writing() as session:
            work = company.work(session, tools.clock())
            recycled += await recycling.recycle(work, ids[start : start + recycling.AT_ONCE])
    async with tools.database.writing() as session:
        await recycling.tell_about_recycled(company.work(session, tools.clock()))
    if recycled:
        log.info("customers.recycled", tenant=company.tenant_id, customers=recycled)
    return True


async def warn_before_recycling(tools: Tools, company: Company) -> bool:
    """Tell owners which customers they are about to lose, and what to do."""
    async with tools.database.reading() as session:
        ending = await recycling.warnings_today(company.work(session, tools.clock()))
    if ending:
        async with tools.database.writing() as session:
            await recycling.warn(company.work(session, tools.clock()), ending)
    return True


async def keep_agendas(tools: Tools) -> None:
    """Make members' calendars and to-dos in the hosts say what their visit plans say."""

    async def keep(platform: HostPlatform, connection: ConnectionRef) -> None:
        await bring_in_line(tools.database, platform, connection, tools.clock)

    await _at_each_connection(tools, keep)


async def compare_people(tools: Tools, company: Company) -> bool:
    """Compare the whole organisation with the hosts, in case an event was lost.

    False when a host did not answer completely: it is worth another try.
    """
    complete = True
    async for platform, connection in _open_connections(tools):
        if connection.tenant_id == company.tenant_id:
            report = await full_sync(tools.database, platform, connection, tools.clock)
            complete = complete and report.state != "failed"
    return complete


async def _forget(tools: Tools, table: type[Base], *is_old: ColumnElement[bool]) -> None:
    """Delete the rows that are old, and keep nobody waiting meanwhile."""
    columns = inspect(table).primary_key
    while True:
        async with tools.database.reading() as session:
            old = await session.execute(select(*columns).where(*is_old).limit(ROWS_AT_ONCE))
            keys = [tuple(row) for row in old]
        if not keys:
            return
        async with tools.database.writing() as session:
            await session.execute(
                delete(table)
                .where(tuple_(*columns).in_(keys), *is_old)
                .execution_options(synchronize_session=False)
            )


async def _is_read_quickly(tools: Tools, platform: HostPlatform, connection: ConnectionRef) -> bool:
    """Whether its host allows to read all of it within a minute."""
    async with tools.database.reading() as session:
        departments = await departments_of(session, connection)
    return seconds_for(departments, platform.limits) < READ_QUICKLY_S


async def _at_each_connection(
    tools: Tools, work: Callable[[HostPlatform, ConnectionRef], Awaitable[None]]
) -> None:
    """A few at once, so that a slow host keeps few others waiting. The first bug rises at last."""
    seats = asyncio.Semaphore(CONNECTIONS_AT_ONCE)

    async def seated(platform: HostPlatform, connection: ConnectionRef) -> None:
        async with seats:
            await work(platform, connection)

    found = [seated(*one) async for one in _open_connections(tools)]
    for outcome in await asyncio.gather(*found, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _open_connections(tools: Tools) -> AsyncIterator[tuple[HostPlatform, ConnectionRef]]:
    """The connections that can be used now; one with wrong settings does not hide the others."""
    for connection_id in await tools.platforms.live():
        try:
            found = await tools.platforms.find(connection_id)
        except CredentialsRejected as failure:
            log.warning("job.connection_unusable", connection=connection_id, reason=str(failure))
            continue
        if found is not None and not found[1].paused:
            yield found
