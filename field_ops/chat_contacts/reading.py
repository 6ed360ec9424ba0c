"""A host's chat contacts brought in line: what events hinted at within seconds, all every week.

The host is asked outside any transaction, and each answer is one transaction that also says how far
we have come; so a worker may die anywhere, and the next one goes on. What the host refuses for want
of a permission pauses the service and nothing else.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections import services
from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.errors import CredentialsRejected, HostRefused, PermissionMissing, SendError
from ..host.external_contacts import ExternalContacts, HostExternalContact
from ..host.platform import HostPlatform
from ..logs import log
from ..people.models import MemberIdentity
from ..people.reader import OF_THE_HOSTS_RATE, Pace, Sleep
from ..work import Actor, Work
from .apply import end, end_unseen, take_in
from .hints import SERVICE, Hint, drop_hints, waiting_hints
from .models import ChatContactReading

Clock = Callable[[], datetime]
EVERY = timedelta(days=7)
HINTS_AT_ONCE = 100
PAGES_AT_ONCE = 200  # then others have their turn


async def read_hinted(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Read again whom events hinted at; returns how many hints are settled. They stay when the
    host does not answer."""
    async with database.reading() as session:
        if not await services.may_try(session, connection, SERVICE, clock()):
            return 0
        waiting = await waiting_hints(session, connection, HINTS_AT_ONCE)
    part = platform.external_contacts
    if part is None or not waiting:
        return 0
    pace = _pace(platform, sleep)
    told: dict[str, tuple[HostExternalContact, ...] | None] = {}
    try:
        for external_id in dict.fromkeys(hint.external_id for hint in waiting):
            await pace.wait()
            told[external_id] = await _told_of(part, external_id)
    except SendError as failure:
        await _not_now(database, connection, failure, clock())
    settled = [hint for hint in waiting if hint.external_id in told]
    async with database.writing() as session:
        work = _work(session, connection, clock())
        for hint in settled:
            if (pairs := told[hint.external_id]) is not None:
                await _settle(work, connection, hint, pairs)
        await drop_hints(session, connection, settled)
        if settled:
            await services.end_pause(session, connection.tenant_id, connection.id, SERVICE)
    return len(settled)


async def compare_some(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    most_pages: int = PAGES_AT_ONCE,
) -> bool:
    """Go on comparing with the host, or begin when the last time was a week ago.

    True when there is nothing to do until the next week.
    """
    part = platform.external_contacts
    async with database.reading() as session:
        if part is None or not await services.may_try(session, connection, SERVICE, clock()):
            return True
        before = await session.get(ChatContactReading, (connection.tenant_id, connection.id))
    if before is not None and before.finished_at and clock() < before.finished_at + EVERY:
        return True
    reading = _Reading(database, part, connection, clock, _pace(platform, sleep))
    try:
        return await reading.go_on(before, most_pages)
    except SendError as failure:
        await _not_now(database, connection, failure, clock())
        return False


class _Reading:
    def __init__(
        self,
        database: Database,
        part: ExternalContacts,
        connection: ConnectionRef,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._database, self._part, self._connection = database, part, connection
        self._clock, self._pace = clock, pace

    async def go_on(self, before: ChatContactReading | None, most_pages: int) -> bool:
        members = await self._members()
        at = before
        if at is None or at.finished_at is not None:
            at = ChatContactReading(
                tenant_id=self._connection.tenant_id,
                connection_id=self._connection.id,
                started_at=self._clock(),
                after="",
                block=[],
                page="",
            )
        await self._keep(at)
        for _ in range(most_pages):
            if not at.block:
                left = [who for who in members if who > at.after]
                at.block = left[: self._part.members_at_once]
            if not at.block:
                at.finished_at = self._clock()
                await self._keep(at)
                return True
            await self._one_page(at)
        return False

    async def _members(self) -> list[str]:
        """Whom the host tells about and we know, in the order in which they are read."""
        await self._pace.wait()
        told = set(await self._part.members())
        async with self._database.reading() as session:
            known = await session.scalars(
                select(MemberIdentity.host_user_id).where(
                    MemberIdentity.tenant_id == self._connection.tenant_id,
                    MemberIdentity.connection_id == self._connection.id,
                    MemberIdentity.left_at.is_(None),
                )
            )
            return sorted(told.intersection(known))

    async def _one_page(self, at: ChatContactReading) -> None:
        await self._pace.wait()
        try:
            page = await self._part.of_members(at.block, at.page)
        except PermissionMissing:
            raise
        except HostRefused as refusal:
            self._smaller(at, refusal)
            await self._keep(at)
            return
        async with self._database.writing() as session:
            work = _work(session, self._connection, self._clock())
            await take_in(work, self._connection, page.contacts)
            if not page.next_page:
                await end_unseen(work, self._connection, at.block, at.started_at)
                at.after, at.block = at.block[-1], []
            at.page = page.next_page
            await _write(session, at)

    def _smaller(self, at: ChatContactReading, refusal: HostRefused) -> None:
        """One of them may not be asked about, or the cursor is of an older reading: half as many
        from the beginning, until the one is alone. He is passed over, and keeps what we have."""
        at.page = ""
        if len(at.block) > 1:
            at.block = at.block[: len(at.block) // 2]
            return
        log.info("chat_contacts.passed_over", connection=self._connection.id, code=refusal.code)
        at.after, at.block = at.block[-1], []

    async def _keep(self, at: ChatContactReading) -> None:
        """How far we are. The host has just answered, so nothing is refused any more."""
        async with self._database.writing() as session:
            await _write(session, at)
            await services.end_pause(
                session, self._connection.tenant_id, self._connection.id, SERVICE
            )


async def _write(session: AsyncSession, at: ChatContactReading) -> None:
    columns = ChatContactReading.__table__.columns.keys()
    await session.merge(ChatContactReading(**{name: getattr(at, name) for name in columns}))


async def _settle(
    work: Work, connection: ConnectionRef, hint: Hint, pairs: tuple[HostExternalContact, ...]
) -> None:
    mine = [pair for pair in pairs if pair.host_user_id == hint.host_user_id]
    if hint.change == "left":  # what the host shows of it may be the member's side only
        mine = [pair for pair in mine if pair.added_at and pair.added_at > hint.happened_at]
    await take_in(work, connection, mine)
    if not mine:
        why = hint.change if hint.change in ("left", "removed") else "absent"
        await end(work, connection, hint.external_id, hint.host_user_id, why)


async def _told_of(
    part: ExternalContacts, external_id: str
) -> tuple[HostExternalContact, ...] | None:
    """None where the host tells nothing about him and never will."""
    try:
        return await part.known_to(external_id)
    except PermissionMissing:
        raise
    except HostRefused as refusal:
        log.info("chat_contacts.refused", code=refusal.code)
        return None


async def _not_now(
    database: Database, connection: ConnectionRef, failure: SendError, now: datetime
) -> None:
    if isinstance(failure, PermissionMissing | CredentialsRejected):
        async with database.writing() as session:
            await services.pause(session, connection, SERVICE, failure, now)
    log.warning("chat_contacts.not_read", connection=connection.id, reason=str(failure))


def _work(session: AsyncSession, connection: ConnectionRef, now: datetime) -> Work:
    actor = Actor(connection.tenant_id, None, via="worker", connection_id=connection.id)
    return Work(session, actor, now, connection.zone)


def _pace(platform: HostPlatform, sleep: Sleep) -> Pace:
    return Pace(platform.limits.per_app_second * OF_THE_HOSTS_RATE, sleep)
