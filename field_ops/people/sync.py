"""The organisation, brought in line with the host: read first, then one transaction.

The host is asked outside any transaction, and nothing is written unless everything could be read.
An unchanged company costs the host's answers and one pass in memory.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database, new_id
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..logs import log
from . import answers, hints, links
from .answers import StoredAnswers
from .apply import apply
from .changes import Changes
from .compare import compare
from .hints import note_hints as note_hints  # the other half of the story, for who hears events
from .known import known
from .models import SyncRun
from .queries import departments_of
from .reader import Progress, Reader, Sleep
from .report import SyncReport
from .revision import bump, lock, revision
from .safety import Going, going, missing, too_many_would_go
from .snapshot import ContradictoryAnswers, with_single_readings

Clock = Callable[[], datetime]
RUNS_KEPT_FOR = timedelta(days=90)
MANY_HINTS = 200  # members; for more than that, and than departments, everybody is read


async def full_sync(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    force: bool = False,
    agreed: Going | None = None,
    afresh: bool = False,
    sleep: Sleep = asyncio.sleep,
    progress: Progress = lambda _read, _found: None,
) -> SyncReport:
    """Read the whole organisation and apply the differences. Never raises a `SendError`: the
    report's `state` says `failed` or, when too many would go and `force` is not given, `halted`.
    `agreed` lets as many go as a person has seen and confirmed.

    A reading that was interrupted within the last hours goes on where it was, unless `afresh`.
    """
    started_at = clock()
    told = await answers.begin(database, connection, clock, afresh=afresh)
    try:
        report = await _read_and_apply(
            database,
            Reader(platform, sleep, told, progress),
            told,
            connection,
            clock,
            lambda would_go: "" if force else too_many_would_go(would_go, agreed),
        )
    except ContradictoryAnswers as failure:
        await told.forget()
        report = SyncReport(state="failed", reason=f"{type(failure).__name__}: {failure}")
    except SendError as failure:
        await told.write(given_up=True)
        report = SyncReport(state="failed", reason=f"{type(failure).__name__}: {failure}")
    except asyncio.CancelledError:
        await told.write(given_up=True)  # we are told to stop: the next one may go on at once
        raise
    report.read_since = told.began_at
    if report.run_id:
        return report
    return await _remember(database, connection, report, started_at, clock())


async def sync_hints(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    members_only: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport | None:
    """Read again what events hinted at; None when nothing was hinted. Hints stay when it fails.

    With `members_only` what needs a reading of everybody is left for another time.
    """
    async with database.reading() as session:
        waiting = await hints.waiting_hints(session, connection)
        if not waiting:
            return None
        many = max(MANY_HINTS, await departments_of(session, connection))
    members = [hint for hint in waiting if hint.kind == hints.MEMBER]
    report: SyncReport | None = None
    if members and len(members) <= many:
        # Before all departments, which may take minutes: who left must be out within five.
        reader = Reader(platform, sleep)
        try:
            report = await _sync_hinted_members(database, reader, connection, members, clock)
        except SendError as failure:
            return SyncReport("members", "failed", f"{type(failure).__name__}: {failure}")
    async with database.reading() as session:
        waiting = await hints.waiting_hints(session, connection)
    is_enough = report is not None and all(hint.kind == hints.MEMBER for hint in waiting)
    if members_only or is_enough:
        return report
    agreed = hints.agreed_in(waiting)
    report = await full_sync(database, platform, connection, clock, agreed=agreed, sleep=sleep)
    if report.state != "failed":
        # A reading that was gone on with has answers from before some of the hints.
        settled_by_it = [hint for hint in waiting if _is_older(hint, report)]
        async with database.writing() as session:
            await hints.drop_hints(session, connection, settled_by_it)
    return report


async def _sync_hinted_members(
    database: Database,
    reader: Reader,
    connection: ConnectionRef,
    members: Collection[hints.Hint],
    clock: Clock,
) -> SyncReport:
    """Their hints are gone then, or have become one about everybody."""
    asked = {hint.host_id for hint in members}
    report, settled = await _sync_members(database, reader, connection, asked, clock)
    async with database.writing() as session:
        await hints.drop_hints(session, connection, members)
        if not settled:
            await _hint_at_everybody(session, connection, clock())
    return report


async def _hint_at_everybody(
    session: AsyncSession, connection: ConnectionRef, now: datetime
) -> None:
    tenant_id, everything = connection.tenant_id, hints.EVERYTHING
    await hints.note(session, tenant_id, connection.id, hints.DEPARTMENT, everything, now)


def _is_older(hint: hints.Hint, report: SyncReport) -> bool:
    return report.read_since is not None and hint.noticed_at <= report.read_since


async def sync_member(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    host_user_id: str,
    clock: Clock,
) -> SyncReport:
    """Read one member again, who may be new. Raises a `SendError` when the host does not answer
    at once: he waits for it.

    What only a full reading can settle is left as a hint for the worker.
    """
    reader = Reader(platform, patient=False)
    report, settled = await _sync_members(database, reader, connection, [host_user_id], clock)
    if not settled:
        async with database.writing() as session:
            await _hint_at_everybody(session, connection, clock())
    return report


async def forget_the_old(session: AsyncSession, now: datetime) -> None:
    """For the timetable: readings that nobody went on with, and what readings of long ago did."""
    await answers.forget_old(session, now)
    await session.execute(delete(SyncRun).where(SyncRun.finished_at < now - RUNS_KEPT_FOR))


async def _read_and_apply(
    database: Database,
    reader: Reader,
    told: StoredAnswers,
    connection: ConnectionRef,
    clock: Clock,
    objection: Callable[[Going], str],
) -> SyncReport:
    started_at = clock()
    snapshot = await reader.everything()
    async with database.reading() as session:
        seen = await revision(session, connection.tenant_id)
        before = await known(session, connection)
    members, departments = len(snapshot.members), len(snapshot.departments)
    would_go = going(snapshot, before)
    if reason := objection(would_go):
        await told.forget()
        return SyncReport(
            state="halted",
            reason=reason,
            read_members=members,
            read_departments=departments,
            would_go=would_go,
        )
    absent = missing(snapshot, before)
    # Nobody departs because a list was short: the host is asked for each who is absent.
    snapshot = with_single_readings(snapshot, await reader.members(absent))
    changes = await asyncio.to_thread(compare, connection, snapshot, before, clock())
    del before
    async with database.writing() as session:
        await lock(session, connection.tenant_id)
        newer = await answers.single_readings(session, connection, told.reading_id)
        current = with_single_readings(snapshot, newer)
        if await revision(session, connection.tenant_id) != seen or current != snapshot:
            before = await known(session, connection)
            changes = await asyncio.to_thread(compare, connection, current, before, clock())
        if not changes.is_empty:
            await apply(session, connection, changes, clock())
            await bump(session, connection.tenant_id)
        changes.report.read_members = members
        changes.report.read_departments = departments
        await told.finish(session)
        await links.link_by_phone(session, connection, changes.report, clock())
        _add_run(session, connection, changes.report, started_at, clock())
    _log(connection, changes)
    return changes.report


async def _sync_members(
    database: Database,
    reader: Reader,
    connection: ConnectionRef,
    host_user_ids: Collection[str],
    clock: Clock,
) -> tuple[SyncReport, bool]:
    """The report, and whether nothing is left that only a full reading can settle."""
    started_at = clock()
    snapshot = await reader.members(host_user_ids)
    async with database.reading() as session:
        before = await known(session, connection, snapshot)
        readings = await answers.open_readings(session, connection)
    changes = compare(connection, snapshot, before, clock())
    if changes.is_empty and not readings:
        return changes.report, not changes.unsettled
    async with database.writing() as session:
        await lock(session, connection.tenant_id)
        readings = await answers.open_readings(session, connection)
        await answers.add_single_readings(session, connection, readings, snapshot)
        before = await known(session, connection, snapshot)
        now = clock()
        changes = compare(connection, snapshot, before, now)
        if not changes.is_empty:
            await apply(session, connection, changes, now)
            await bump(session, connection.tenant_id)
            _add_run(session, connection, changes.report, started_at, now)
    _log(connection, changes)
    return changes.report, not changes.unsettled


def _log(connection: ConnectionRef, changes: Changes) -> None:
    if not changes.is_empty:
        log.info(
            "people.synced",
            tenant=connection.tenant_id,
            connection=connection.id,
            kind=changes.report.kind,
            **{name: count for name, count in changes.report.counts.items() if count},
        )


async def _remember(
    database: Database,
    connection: ConnectionRef,
    report: SyncReport,
    started_at: datetime,
    now: datetime,
) -> SyncReport:
    async with database.writing() as session:
        _add_run(session, connection, report, started_at, now)
    log.warning(
        "people.not_synced",
        tenant=connection.tenant_id,
        connection=connection.id,
        state=report.state,
        reason=report.reason,
    )
    return report


def _add_run(
    session: AsyncSession,
    connection: ConnectionRef,
    report: SyncReport,
    started_at: datetime,
    now: datetime,
) -> None:
    report.run_id = new_id()
    session.add(
        SyncRun(
            tenant_id=connection.tenant_id,
            id=report.run_id,
            connection_id=connection.id,
            started_at=started_at,
            finished_at=now,
            state=report.state,
            report=report.to_payload(),
        )
    )
