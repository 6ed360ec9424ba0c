"""The organisation, brought in line with the host: read first, then one transaction.

The host is asked outside any transaction, and nothing is written unless everything could be read.
An unchanged company costs the host's answers and one pass in memory.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from ..db import Database, new_id
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..logs import log
from . import hints
from .apply import apply
from .changes import Changes
from .compare import compare
from .hints import note_hints as note_hints  # the other half of the story, for who hears events
from .known import known
from .models import SyncRun
from .report import SyncReport
from .safety import missing, too_many_would_go
from .snapshot import Reader, Sleep, Snapshot, with_single_readings

Clock = Callable[[], datetime]
MANY_HINTS = 200  # members; above that reading everybody costs the host less


async def full_sync(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    force: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport:
    """Read the whole organisation and apply the differences. Never raises a `SendError`: the
    report's `state` says `failed` or, when too many would go and `force` is not given, `halted`."""
    started_at, reader = clock(), Reader(platform, sleep)
    try:
        snapshot = await reader.everything()
        async with database.reading() as session:
            before = await known(session, connection)
        reason = "" if force else too_many_would_go(snapshot, before)
        if not reason:
            snapshot = await _confirmed(reader, snapshot, missing(snapshot, before))
    except SendError as failure:
        report = SyncReport(state="failed", reason=f"{type(failure).__name__}: {failure}")
        return await _remember(database, connection, report, started_at, clock())
    if reason:
        report = SyncReport(state="halted", reason=reason)
        return await _remember(database, connection, report, started_at, clock())
    changes = await asyncio.to_thread(compare, connection, snapshot, before, clock())
    if changes.is_empty:
        return await _remember(database, connection, changes.report, started_at, clock())
    changes = await _apply(database, connection, snapshot, started_at, clock)
    return changes.report


async def sync_hints(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport | None:
    """Read again what events hinted at; None when nothing was hinted. Hints stay when it fails."""
    async with database.reading() as session:
        waiting = await hints.waiting_hints(session, connection)
    if not waiting:
        return None
    members = {hint.host_id for hint in waiting if hint.kind == hints.MEMBER}
    report: SyncReport | None = None
    if len(members) == len(waiting) and len(members) <= MANY_HINTS:
        try:
            report, settled = await _sync_members(database, platform, connection, members, clock)
        except SendError as failure:
            return SyncReport("members", "failed", f"{type(failure).__name__}: {failure}")
        if not settled:
            report = None
    if report is None:
        report = await full_sync(database, platform, connection, clock, sleep=sleep)
    if report.state != "failed":
        async with database.writing() as session:
            await hints.drop_hints(session, connection, waiting)
    return report


async def sync_member(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    host_user_id: str,
    clock: Clock,
) -> SyncReport:
    """Read one member again, who may be new. Raises a `SendError` when the host does not answer.

    What only a full reading can settle is left as a hint for the worker.
    """
    report, settled = await _sync_members(database, platform, connection, [host_user_id], clock)
    if not settled:
        async with database.writing() as session:
            await hints.note(
                session,
                connection.tenant_id,
                connection.id,
                hints.DEPARTMENT,
                hints.EVERYTHING,
                clock(),
            )
    return report


async def _sync_members(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    host_user_ids: Collection[str],
    clock: Clock,
) -> tuple[SyncReport, bool]:
    """The report, and whether nothing is left that only a full reading can settle."""
    started_at = clock()
    snapshot = await Reader(platform).members(host_user_ids)
    async with database.reading() as session:
        before = await known(session, connection, _asked_about(snapshot))
    changes = compare(connection, snapshot, before, clock())
    if not changes.is_empty:
        changes = await _apply(database, connection, snapshot, started_at, clock)
    return changes.report, not changes.unsettled


async def _confirmed(reader: Reader, snapshot: Snapshot, absent: frozenset[str]) -> Snapshot:
    """Nobody departs because a list was short: the host is asked for each who is absent."""
    single = await reader.members(absent)
    both = with_single_readings(snapshot, single)
    return Snapshot(both.departments, both.members, gone=single.gone)


async def _apply(
    database: Database,
    connection: ConnectionRef,
    snapshot: Snapshot,
    started_at: datetime,
    clock: Clock,
) -> Changes:
    """Compare once more inside the transaction, for somebody may have signed in meanwhile."""
    async with database.writing() as session:
        await _alone(session, connection)
        only = None if snapshot.complete else _asked_about(snapshot)
        before = await known(session, connection, only)
        now = clock()
        changes = await asyncio.to_thread(compare, connection, snapshot, before, now)
        await apply(session, connection, changes, now)
        _add_run(session, connection, changes.report, started_at, now)
    log.info(
        "people.synced",
        tenant=connection.tenant_id,
        connection=connection.id,
        kind=changes.report.kind,
        **{name: count for name, count in changes.report.counts.items() if count},
    )
    return changes


async def _alone(session: AsyncSession, connection: ConnectionRef) -> None:
    """Two syncs of one connection take turns (SQLite has one writer anyway)."""
    await session.execute(
        select(HostConnection.id)
        .where(HostConnection.tenant_id == connection.tenant_id, HostConnection.id == connection.id)
        .with_for_update()
    )


def _asked_about(snapshot: Snapshot) -> set[str]:
    """Everybody whom a reading of some members speaks of, direct leaders too."""
    leaders = {member.direct_leader_id for member in snapshot.members.values()}
    return {*snapshot.members, *snapshot.gone, *leaders} - {""}


async def _remember(
    database: Database,
    connection: ConnectionRef,
    report: SyncReport,
    started_at: datetime,
    now: datetime,
) -> SyncReport:
    async with database.writing() as session:
        _add_run(session, connection, report, started_at, now)
    if report.state != "done":
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
