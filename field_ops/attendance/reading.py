"""Reading the hosts' attendance records beside our visits.

Only people with a check-in or check-out in the time that is asked for are named to the host. Their
records are asked for outside any transaction; what says something about a visit is kept and
compared in one, and everything else is counted and dropped. Whatever fails, or is read twice,
nothing is kept twice: how far it was read is written down last.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from ..connections import services
from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.attendance import AttendanceRecord, AttendanceRecords
from ..host.errors import HostBusy, HostUnavailable, SendError
from ..host.platform import HostPlatform
from ..logs import log
from ..texts import Text
from ..work import Actor, Work
from . import actions, queries
from .metrics import READ
from .rules import NEXT_TO, Match, VisitEnd, match
from .window import Window, next_window

SERVICE = "attendance"
PEOPLE_AT_ONCE = 100


class Visits(Protocol):
    """What reading must know of visits, and tell them: `field_ops.visits.cross_check`."""

    async def ends_between(
        self, work: Work, connection: ConnectionRef, since: datetime, until: datetime
    ) -> list[VisitEnd]:
        """The ends of visits in this time, of members who are on this connection."""
        ...

    async def compare(self, work: Work, title: Text, found: Sequence[Match]) -> None:
        """Draw from these records what they mean for the visits. The same ones again change
        nothing. `title` is the host's name."""
        ...


@dataclass(slots=True)
class ReadingReport:
    """How many records the host answered with, and how many of them were kept."""

    read: int = 0
    kept: int = 0


async def read_attendance(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    visits: Visits,
    clock: Callable[[], datetime],
) -> ReadingReport | None:
    """Read what is new at this connection. None when nothing was to be read: the service is off,
    the host has none or refuses it for now, or it is too early."""
    asked = platform.attendance
    if asked is None or not services.is_on(connection, SERVICE):
        return None
    async with database.reading() as session:
        work = _system(session, connection, clock())
        if not await services.may_try(session, connection, SERVICE, work.now):
            return None
        before = await queries.progress_of(work, connection.id)
        window = next_window(before, work.now, platform.limits)
        if window is None:
            return None
        ends = await visits.ends_between(
            work, connection, window.since - NEXT_TO, window.until + NEXT_TO
        )
    reader = _Reader(database, platform.title, asked, connection, visits, clock)
    try:
        return await reader.read(window, ends)
    except SendError as failure:
        await reader.leave_alone(failure)
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    database: Database
    title: Text
    asked: AttendanceRecords
    connection: ConnectionRef
    visits: Visits
    clock: Callable[[], datetime]

    async def read(self, window: Window, ends: Sequence[VisitEnd]) -> ReadingReport:
        report = ReadingReport()
        for some in _by_people(ends):
            users = sorted({end.host_user_id for end in some})
            # No wider than their own visits: some hosts answer a day at a time.
            since = max(window.since, min(end.at for end in some) - NEXT_TO)
            until = min(window.until, max(end.at for end in some) + NEXT_TO)
            if since < until:
                await self._take_in(await self.asked.records(users, since, until), some, report)
        async with self.database.writing() as session:
            work = _system(session, self.connection, self.clock())
            await actions.have_read(work, self.connection, window)
            await services.end_pause(
                session, self.connection.tenant_id, self.connection.id, SERVICE
            )
        return report

    async def _take_in(
        self, records: Sequence[AttendanceRecord], ends: Sequence[VisitEnd], report: ReadingReport
    ) -> None:
        of_user: dict[str, list[VisitEnd]] = {}
        for end in ends:
            of_user.setdefault(end.host_user_id.casefold(), []).append(end)
        found = [
            said
            for record in records
            if (said := match(record, of_user.get(record.host_user_id.casefold(), ())))
        ]
        if found:
            async with self.database.writing() as session:
                work = _system(session, self.connection, self.clock())
                await actions.keep(work, self.connection, found)
                await self.visits.compare(work, self.title, found)
        report.read += len(records)
        report.kept += len(found)
        READ.labels(self.connection.host, "kept").inc(len(found))
        READ.labels(self.connection.host, "thrown_away").inc(len(records) - len(found))

    async def leave_alone(self, failure: SendError) -> None:
        """What will not heal by itself pauses the service; the next run tries the rest again."""
        passes_soon = isinstance(failure, HostUnavailable | HostBusy)
        log.warning(
            "attendance.not_read", connection=self.connection.id, reason=str(failure),
            paused=not passes_soon,
        )  # fmt: skip
        if not passes_soon:
            async with self.database.writing() as session:
                await services.pause(session, self.connection, SERVICE, failure, self.clock())


def _by_people(ends: Sequence[VisitEnd]) -> Iterator[list[VisitEnd]]:
    """The ends of at most so many people at once, all of one person together."""
    people = sorted({end.host_user_id for end in ends})
    for first in range(0, len(people), PEOPLE_AT_ONCE):
        some = set(people[first : first + PEOPLE_AT_ONCE])
        yield [end for end in ends if end.host_user_id in some]


def _system(session: AsyncSession, connection: ConnectionRef, now: datetime) -> Work:
    return Work(session, Actor(connection.tenant_id, None, via="worker"), now, connection.zone)
