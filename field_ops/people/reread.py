"""Some of the organisation, read again: what events hinted at, or one who knocks at our door.

The host says who he is now, and our tree says the rest. What does not fit into our tree, and what
would make very many go, becomes a hint at everybody: a full reading settles it.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.errors import SendError
from ..host.platform import HostPlatform
from . import answers, hints
from .again import Again, Misfit, fitted, ours, people_in
from .apply import apply
from .changes import Changes
from .compare import compare
from .hints import DEPARTMENT, EVERYTHING, MEMBER, Hint
from .known import known
from .queries import departments_of, members_at
from .reader import Reader, Sleep
from .report import SyncReport
from .revision import bump, lock
from .ripples import with_echoes
from .runs import add_run, log_changes
from .safety import Going, too_many_would_go
from .snapshot import Snapshot
from .sync import full_sync

Clock = Callable[[], datetime]


async def sync_hints(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport | None:
    """Read again what events hinted at, and everybody where that does not do; None when nothing
    was hinted. Hints stay when it fails."""
    report = await sync_named(database, platform, connection, clock, sleep=sleep)
    if report is not None and report.state == "failed":
        return report
    whole = await sync_everybody_hinted(database, platform, connection, clock, sleep=sleep)
    return whole or report


async def sync_named(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport | None:
    """Read again the members and departments that events named; None when none was. What needs a
    reading of everybody is left as a hint at everybody."""
    async with database.reading() as session:
        waiting = await hints.waiting_hints(session, connection)
        before = await ours(session, connection) if waiting else None
    named = [hint for hint in waiting if not hints.is_about_all(hint)]
    if before is None or not named:
        return None

    async def who_is_in(department_ids: Collection[str]) -> set[str]:
        async with database.reading() as session:
            return await people_in(session, connection, department_ids)

    again = Again(Reader(platform, sleep), before, who_is_in)
    return await _Named(database, connection, clock, again).settle(named)


async def sync_everybody_hinted(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    *,
    sleep: Sleep = asyncio.sleep,
) -> SyncReport | None:
    """Read everybody when that was hinted, else None."""
    async with database.reading() as session:
        waiting = await hints.waiting_hints(session, connection)
    if not any(hints.is_about_all(hint) for hint in waiting):
        return None
    agreed = hints.agreed_in(waiting)
    report = await full_sync(database, platform, connection, clock, agreed=agreed, sleep=sleep)
    if report.state != "failed":
        # A reading that was gone on with has answers from before some of the hints.
        settled_by_it = [hint for hint in waiting if _is_older(hint, report)]
        async with database.writing() as session:
            await hints.drop_hints(session, connection, settled_by_it)
    return report


async def sync_member(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    host_user_id: str,
    clock: Clock,
) -> SyncReport:
    """Read one member again, who may be new. Raises a `SendError` when the host does not answer
    at once: he waits for it.

    Departments of his that we do not have are left as hints for the worker.
    """
    read = await Reader(platform, patient=False).members([host_user_id])
    try:
        changes = await _apply(database, connection, read, clock, {host_user_id})
    except Misfit:
        await _hint(database, connection, [EVERYTHING], clock())
        return SyncReport("members", "done")
    if changes.unsettled:
        await _hint(database, connection, [EVERYTHING], clock())
    elif changes.unknown_places:
        async with database.reading() as session:
            is_first = not await departments_of(session, connection)
        wanted = [EVERYTHING] if is_first else sorted(changes.unknown_places)
        await _hint(database, connection, wanted, clock())
    return changes.report


class _Named:
    """One reading of what hints name, from the host into our tables."""

    def __init__(
        self, database: Database, connection: ConnectionRef, clock: Clock, again: Again
    ) -> None:
        self._database = database
        self._connection = connection
        self._clock = clock
        self._again = again

    async def settle(self, named: Collection[Hint]) -> SyncReport:
        members = [hint for hint in named if hint.kind == MEMBER]
        departments = [hint for hint in named if hint.kind == DEPARTMENT]
        try:
            await self._again.members(hint.host_id for hint in members)
        except SendError as failure:
            return _failed(failure)
        except Misfit as reason:
            return await self._leave_to_all(named, reason)
        only_members = self._again.read
        try:
            await self._again.departments(hint.host_id for hint in departments)
            report = await self._apply(self._again.read, named)
        except SendError as failure:
            # Who left must be out within five minutes, whatever departments do.
            await self._apply_or_leave(only_members, members)
            return _failed(failure)
        except Misfit as reason:
            report = await self._apply_or_leave(only_members, members)
            return await self._leave_to_all(named, reason, report)
        return report

    async def _apply(self, read: Snapshot, hinted: Collection[Hint]) -> SyncReport:
        named = {hint.host_id for hint in hinted if hint.kind == MEMBER}
        changes = await _apply(self._database, self._connection, read, self._clock, named)
        async with self._database.writing() as session:
            await hints.drop_hints(session, self._connection, hinted)
            if changes.unsettled:
                await _note(session, self._connection, [EVERYTHING], self._clock())
        return changes.report

    async def _apply_or_leave(self, read: Snapshot, hinted: Collection[Hint]) -> SyncReport:
        try:
            return await self._apply(read, hinted)
        except Misfit as reason:
            return await self._leave_to_all(hinted, reason)

    async def _leave_to_all(
        self, hinted: Collection[Hint], reason: Misfit, report: SyncReport | None = None
    ) -> SyncReport:
        """A reading of everybody settles these."""
        async with self._database.writing() as session:
            await hints.drop_hints(session, self._connection, hinted)
            await _note(session, self._connection, [EVERYTHING], self._clock())
        return report or SyncReport("members", "done", str(reason))


async def _apply(
    database: Database,
    connection: ConnectionRef,
    read: Snapshot,
    clock: Clock,
    named: Collection[str],
) -> Changes:
    """Bring our tables in line with a reading of some, of whom the host itself spoke of `named`.
    Raises `Misfit`, and has written nothing."""
    started_at = clock()
    async with database.reading() as session:
        changes = await _compare(session, connection, read, named, started_at)
        readings = await answers.open_readings(session, connection)
    if changes.is_empty and not readings:
        return changes
    async with database.writing() as session:
        await lock(session, connection.tenant_id)
        readings = await answers.open_readings(session, connection)
        await answers.add_single_readings(session, connection, readings, read)
        now = clock()
        changes = await _compare(session, connection, read, named, now)
        if not changes.is_empty:
            await apply(session, connection, changes, now)
            await bump(session, connection.tenant_id)
            add_run(session, connection, changes.report, started_at, now)
    log_changes(connection, changes)
    return changes


async def _compare(
    session: AsyncSession,
    connection: ConnectionRef,
    read: Snapshot,
    named: Collection[str],
    now: datetime,
) -> Changes:
    """What to write, for those who were read and for whomever that reaches."""
    before = await known(session, connection, read)
    snapshot = fitted(read, before)
    # Of whom the host says twice that he is not there, in an event and when asked, he is not.
    doubtful = read.gone - (frozenset(named) - read.unseen)
    would_go = Going(
        members=sum(one.host_id in doubtful for one in before.present),
        departments=sum(one.host_id in read.closed for one in before.standing),
        of_members=await members_at(session, connection),
        of_departments=len(before.standing),
    )
    if reason := too_many_would_go(would_go):
        raise Misfit(reason)
    changes = compare(connection, snapshot, before, now)
    if not changes.ripple:
        return changes
    reached = await known(session, connection, snapshot, changes.ripple)
    echoed = with_echoes(snapshot, reached, changes.ripple)
    if echoed is None:
        changes.unsettled = True
        return changes
    if len(echoed.members) == len(snapshot.members):
        return changes
    before = await known(session, connection, echoed)
    return compare(connection, echoed, before, now)


async def _hint(
    database: Database, connection: ConnectionRef, departments: Collection[str], now: datetime
) -> None:
    async with database.writing() as session:
        await _note(session, connection, departments, now)


async def _note(
    session: AsyncSession, connection: ConnectionRef, departments: Collection[str], now: datetime
) -> None:
    for one in departments:
        await hints.note(session, connection.tenant_id, connection.id, DEPARTMENT, one, now)


def _is_older(hint: Hint, report: SyncReport) -> bool:
    return report.read_since is not None and hint.noticed_at <= report.read_since


def _failed(failure: SendError) -> SyncReport:
    return SyncReport("members", "failed", f"{type(failure).__name__}: {failure}")
