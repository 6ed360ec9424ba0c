"""The organisation, brought in line with the host: read first, then one transaction.

The host is asked outside any transaction, and nothing is written unless everything could be read.
An unchanged company costs the host's answers and one pass in memory.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..logs import log
from . import answers, links
from .answers import StoredAnswers
from .apply import apply
from .compare import compare
from .known import known
from .models import SyncRun
from .reader import Progress, Reader, Sleep
from .report import SyncReport
from .revision import bump, lock, revision
from .runs import add_run, log_changes
from .safety import Going, going, missing, too_many_would_go
from .snapshot import ContradictoryAnswers, with_single_readings

Clock = Callable[[], datetime]
RUNS_KEPT_FOR = timedelta(days=90)


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
        add_run(session, connection, changes.report, started_at, clock())
    log_changes(connection, changes)
    return changes.report


async def _remember(
    database: Database,
    connection: ConnectionRef,
    report: SyncReport,
    started_at: datetime,
    now: datetime,
) -> SyncReport:
    async with database.writing() as session:
        add_run(session, connection, report, started_at, now)
    log.warning(
        "people.not_synced",
        tenant=connection.tenant_id,
        connection=connection.id,
        state=report.state,
        reason=report.reason,
    )
    return report
