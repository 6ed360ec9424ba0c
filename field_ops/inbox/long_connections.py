"""The connections that we open: one process holds each, and its events are taken in as at the door.

Who holds one is a lease in the database, so that several workers do not push each other out. The
host's own part (`HostPlatform.long_connection`) connects, reconnects and acknowledges.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from ..connections.leases import give_back, take_lease
from ..connections.refs import ConnectionRef
from ..db import Database
from ..errors import StorageBusy, StorageFull
from ..host.errors import CredentialsRejected
from ..host.events import HostEvent
from ..host.platform import HostPlatform, LongConnection
from ..logs import log
from ..loop import sleep_unless
from .metrics import LONG_CONNECTIONS
from .receive import Handle, Intake

LEASE = "long connection/"
LEASE_LASTS = timedelta(seconds=30)
UP = "up"  # what the lease says while the host would bring an event
LOOKS_EVERY_S = 5.0
RESTS = timedelta(minutes=1)  # after an end that nobody asked for
RESTS_REJECTED = timedelta(minutes=10)  # after the host refused; new credentials end it at once


class LivePlatforms(Protocol):
    """The connections that are there: `field_ops.connections.platforms.Platforms`."""

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None: ...

    async def live(self) -> list[str]: ...


@dataclass(slots=True)
class _Held:
    """What this process holds, or held and lets rest: by which part, since when, until when."""

    part: LongConnection
    ref: ConnectionRef
    task: asyncio.Task[None] | None
    leased_until: datetime
    rests_until: datetime | None = None


class LongConnections:
    """Holds the long connections that no other process holds. `name` tells the processes apart."""

    def __init__(
        self,
        database: Database,
        platforms: LivePlatforms,
        clock: Callable[[], datetime],
        name: str,
        handle: Handle,
    ) -> None:
        self._database, self._platforms = database, platforms
        self._clock, self._name = clock, name
        self._intake = Intake(database, handle, clock)
        self._held: dict[str, _Held] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop` is set, then close all and give the leases back."""
        try:
            while not stop.is_set():
                try:
                    await self.look()
                except Exception:  # the database may be away for a while; the leases then end
                    log.exception("long_connections.not_looked", worker=self._name)
                    await self._let_go_of_lapsed()
                await sleep_unless(stop, LOOKS_EVERY_S)
        finally:
            for connection_id in list(self._held):
                await self._let_go(connection_id)
            with suppress(SQLAlchemyError, StorageBusy, StorageFull):  # only statistics
                await self._intake.tally.write()

    def holds(self) -> list[str]:
        """The connections by which this process could answer now."""
        return [
            connection_id
            for connection_id, held in self._held.items()
            if held.task is not None and held.part.is_up()
        ]

    async def look(self) -> None:
        """Take up what is free, keep what is held, and let go of what changed or was lost."""
        wanted = await self._wanted()
        for connection_id, held in list(self._held.items()):
            now_wanted = wanted.get(connection_id)
            if now_wanted is None or now_wanted[0] is not held.part:
                await self._let_go(connection_id)
        for connection_id, (part, ref) in wanted.items():
            await self._keep(connection_id, part, ref)
        for held in self._held.values():
            up = held.task is not None and held.part.is_up()
            LONG_CONNECTIONS.labels(held.ref.host, held.ref.name).set(up)
        await self._intake.tally.write()

    async def _wanted(self) -> dict[str, tuple[LongConnection, ConnectionRef]]:
        wanted = {}
        for connection_id in await self._platforms.live():
            try:
                found = await self._platforms.find(connection_id)
            except CredentialsRejected:  # stored settings that cannot be right; the relay says so
                continue
            if found is not None and found[0].long_connection is not None and not found[1].paused:
                wanted[connection_id] = (found[0].long_connection, found[1])
        return wanted

    async def _keep(self, connection_id: str, part: LongConnection, ref: ConnectionRef) -> None:
        now, held = self._clock(), self._held.get(connection_id)
        if held is not None and held.task is not None and held.task.done():
            await self._note_end(connection_id, held)
        if held is not None and held.rests_until is not None and held.rests_until > now:
            return
        up = held is not None and held.task is not None and held.part.is_up()
        taken = await take_lease(
            self._database, LEASE + connection_id, self._name, now, LEASE_LASTS, UP if up else ""
        )
        if not taken:
            await self._let_go(connection_id)
        elif held is not None and held.task is not None:
            held.leased_until = now + LEASE_LASTS
        else:
            task = asyncio.create_task(self._run_one(part, ref))
            self._held[connection_id] = _Held(part, ref, task, now + LEASE_LASTS)

    async def _run_one(self, part: LongConnection, ref: ConnectionRef) -> None:
        async def deliver(events: Sequence[HostEvent]) -> None:
            await self._intake.take(ref, events)

        log.info("long_connection.opening", connection=ref.id, host=ref.host)
        await part.run(deliver)

    async def _note_end(self, connection_id: str, held: _Held) -> None:
        """It ended by itself: it rests, and another process may try."""
        assert held.task is not None
        failure = None if held.task.cancelled() else held.task.exception()
        rejected = isinstance(failure, CredentialsRejected)
        held.rests_until = self._clock() + (RESTS_REJECTED if rejected else RESTS)
        held.task = None
        if rejected:
            log.error("long_connection.rejected", connection=connection_id, reason=str(failure))
        elif failure is not None:
            log.error("long_connection.failed", connection=connection_id, exc_info=failure)
        else:
            log.warning("long_connection.ended", connection=connection_id)
        await give_back(self._database, LEASE + connection_id, self._name)

    async def _let_go_of_lapsed(self) -> None:
        now = self._clock()
        for connection_id, held in list(self._held.items()):
            if held.task is not None and held.leased_until <= now:
                await self._let_go(connection_id, lapsed=True)

    async def _let_go(self, connection_id: str, *, lapsed: bool = False) -> None:
        held = self._held.pop(connection_id, None)
        if held is None or held.task is None:
            return
        held.task.cancel()
        await asyncio.wait([held.task])
        LONG_CONNECTIONS.labels(held.ref.host, held.ref.name).set(0)
        if not lapsed:
            await give_back(self._database, LEASE + connection_id, self._name)
