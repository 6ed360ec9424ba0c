"""What the jobs work with, and how they go from company to company and from host to host."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database
from ..files.store import FileStore
from ..host.errors import CredentialsRejected
from ..host.platform import HostPlatform
from ..inbox.receive import Handle
from ..logs import log
from ..reminders.drain import Drain
from ..tenants.models import Tenant
from ..work import Actor, Work

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


async def at_each_connection(
    tools: Tools, work: Callable[[HostPlatform, ConnectionRef], Awaitable[None]]
) -> None:
    """A few at once, so that a slow host keeps few others waiting. The first bug rises at last."""
    seats = asyncio.Semaphore(CONNECTIONS_AT_ONCE)

    async def seated(platform: HostPlatform, connection: ConnectionRef) -> None:
        async with seats:
            await work(platform, connection)

    found = [seated(*one) async for one in open_connections(tools)]
    for outcome in await asyncio.gather(*found, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def open_connections(tools: Tools) -> AsyncIterator[tuple[HostPlatform, ConnectionRef]]:
    """The connections that can be used now; one with wrong settings does not hide the others."""
    for connection_id in await tools.platforms.live():
        try:
            found = await tools.platforms.find(connection_id)
        except CredentialsRejected as failure:
            log.warning("job.connection_unusable", connection=connection_id, reason=str(failure))
            continue
        if found is not None and not found[1].paused:
            yield found
