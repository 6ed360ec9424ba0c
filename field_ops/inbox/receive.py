"""Each event once: its row and its effect are one transaction.

Events that arrive together share a transaction and its commit, because a commit waits for the disk
and an answer to a host must not. When anything in such a group fails, all of it is rolled back and
each event is taken in alone. Then a bug rolls back that event's effect only, and a second, tiny
transaction keeps the event as `failed`, with its payload, for the worker. So the host is told
"received" and nothing is lost. When even that cannot be written (disk full), the error rises: the
host hears no answer and repeats the event.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database, joined
from ..host.events import HostEvent, Unsupported
from ..logs import log
from ..work import Actor, Work
from .metrics import EVENTS
from .rows import keep_failed, key_of, take_in
from .tally import Tally

Handle = Callable[[Work, HostEvent], Awaitable[None]]
"""Handles one event. Its `Work` acts for the company, through the event's connection.

It may be called again for the same event after a rollback, so it touches nothing but the database.
"""

Clock = Callable[[], datetime]
Outcomes = dict[str, str]

MOST_TOGETHER = 64
TOGETHER_S = 0.05  # about as long as the first of a group may wait for the last
# However slow each is: a group waits once for the writer and once for the disk, and events that
# each waited alone would come in faster than they are taken.
FEWEST_TOGETHER = 8
# PostgreSQL has many writers, and each statement waits for an answer by network and for the event
# loop. With one lane, a dozen questions a second stood behind each other's waits.
LANES = 4


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The events of one callback, and who waits for what becomes of them."""

    connection: ConnectionRef
    events: list[HostEvent]
    outcomes: asyncio.Future[Outcomes] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Intake:
    """Takes in what hosts deliver, whichever way it came. One for a process."""

    def __init__(self, database: Database, handle: Handle, clock: Clock) -> None:
        lanes = 1 if database.is_sqlite else LANES
        self._lanes = [_Lane(database, handle, clock) for _ in range(lanes)]
        self._clock = clock
        self.tally = Tally(database, clock)

    async def take(self, connection: ConnectionRef, events: Sequence[HostEvent]) -> Outcomes:
        """Handle the events of one callback; returns after the commit what became of each, by id.

        An outcome is `done`, `repeated` (was here before), `unsupported` or `failed` (kept for
        retry). Raises what the database raises when nothing could be kept.
        """
        outcomes = {event.event_id: "unsupported" for event in events}
        wanted = [event for event in events if not isinstance(event, Unsupported)]
        if wanted:
            arrived = _Arrived(connection, wanted)
            self._lane_of(wanted[0]).put(arrived)
            outcomes |= await arrived.outcomes
        for event in events:
            kind, outcome = type(event).__name__, outcomes[event.event_id]
            _counter(connection.host, kind, outcome).inc()
            self.tally.count(connection, kind, outcome)
        return outcomes

    def _lane_of(self, event: HostEvent) -> "_Lane":
        person = getattr(event, "host_user_id", "")
        return self._lanes[hash(person) % len(self._lanes)]


class _Lane:
    """Takes in one group after the other: what one person did, in the order in which it came."""

    def __init__(self, database: Database, handle: Handle, clock: Clock) -> None:
        self._database, self._handle, self._clock = database, handle, clock
        self._waiting: deque[_Arrived] = deque()
        self._taking: asyncio.Task[None] | None = None
        self._seconds_each = TOGETHER_S / 10

    def put(self, arrived: _Arrived) -> None:
        self._waiting.append(arrived)
        if self._taking is None:
            self._taking = asyncio.create_task(self._take_all())

    async def _take_all(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # what has arrived by now shares this commit
                group = self._next_group()
                if len(group) == 1 or not await self._take_together(group):
                    for arrived in group:
                        await self._take_alone(arrived)
        finally:
            self._taking = None
            while self._waiting:  # the process ends: who waits must not wait for ever
                self._waiting.popleft().outcomes.cancel()

    def _next_group(self) -> list[_Arrived]:
        fits = max(FEWEST_TOGETHER, int(TOGETHER_S / self._seconds_each))
        size = min(MOST_TOGETHER, fits, len(self._waiting))
        return [self._waiting.popleft() for _ in range(size)]

    def _note_time(self, began: float, events: int) -> None:
        """Learn how long an event takes by itself: not the wait for the writer and for the disk,
        which a group shares. Counted in, it would make groups small just when many wait."""
        each = (time.perf_counter() - began) / events
        self._seconds_each += (each - self._seconds_each) / 4

    async def _take_together(self, group: list[_Arrived]) -> bool:
        """One commit for all. False when something failed: then nothing of it is left."""
        all_outcomes: list[Outcomes] = []
        try:
            async with (
                self._database.transaction(awaited=True) as connected,
                joined(connected) as session,
            ):
                began, now = time.perf_counter(), self._clock()
                pairs = [(one.connection, event) for one in group for event in one.events]
                fresh = await take_in(connected, pairs, now)
                for arrived in group:
                    outcomes: Outcomes = {}
                    for event in arrived.events:
                        outcome = await self._effect(session, arrived.connection, event, fresh, now)
                        outcomes.setdefault(event.event_id, outcome)
                    all_outcomes.append(outcomes)
                self._note_time(began, len(group))
        except Exception as failure:
            # Whose fault it was shows when each is taken in alone.
            log.info("inbox.group_split", events=len(group), error=type(failure).__name__)
            return False
        for arrived, outcomes in zip(group, all_outcomes, strict=True):
            _tell(arrived, outcomes)
        return True

    async def _take_alone(self, arrived: _Arrived) -> None:
        outcomes: Outcomes = {}
        try:
            for event in arrived.events:
                outcome = await self._take_one(arrived.connection, event)
                outcomes.setdefault(event.event_id, outcome)
        except Exception as failure:
            if not arrived.outcomes.done():
                arrived.outcomes.set_exception(failure)
            return
        _tell(arrived, outcomes)

    async def _take_one(self, connection: ConnectionRef, event: HostEvent) -> str:
        try:
            async with (
                self._database.transaction(awaited=True) as connected,
                joined(connected) as session,
            ):
                began, now = time.perf_counter(), self._clock()
                fresh = await take_in(connected, [(connection, event)], now)
                outcome = await self._effect(session, connection, event, fresh, now)
                self._note_time(began, 1)
                return outcome
        except Exception as bug:
            await self._keep(connection, event, bug)
            return "failed"

    async def _effect(
        self,
        session: AsyncSession,
        connection: ConnectionRef,
        event: HostEvent,
        fresh: set[tuple[str, str]],
        now: datetime,
    ) -> str:
        """Handle the event if it is among the fresh ones; the second of two equal ones is not."""
        key = (connection.id, key_of(event))
        if key not in fresh:
            return "repeated"
        fresh.remove(key)
        await self._handle(work_for(session, connection, now), event)
        return "done"

    async def _keep(self, connection: ConnectionRef, event: HostEvent, bug: Exception) -> None:
        log.error(
            "inbox.failed", connection=connection.id, event_id=key_of(event),
            kind=type(event).__name__, exc_info=bug,
        )  # fmt: skip
        error = f"{type(bug).__name__}: {bug}"
        async with self._database.writing(awaited=True) as session:
            await keep_failed(session, connection, event, self._clock(), error)


async def receive(
    database: Database,
    connection: ConnectionRef,
    events: Sequence[HostEvent],
    handle: Handle,
    clock: Clock,
) -> Outcomes:
    """`Intake.take`, for who takes events in now and then."""
    return await Intake(database, handle, clock).take(connection, events)


def work_for(session: AsyncSession, connection: ConnectionRef, now: datetime) -> Work:
    """The company at work, through the door that the event came by."""
    actor = Actor(connection.tenant_id, None, via="bot", connection_id=connection.id)
    return Work(session, actor, now, connection.zone)


@lru_cache(maxsize=256)
def _counter(host: str, kind: str, outcome: str) -> Any:
    """Finding a counter by its labels costs several times what counting does."""
    return EVENTS.labels(host, kind, outcome)


def _tell(arrived: _Arrived, outcomes: Outcomes) -> None:
    if not arrived.outcomes.done():  # whoever asked may be gone
        arrived.outcomes.set_result(outcomes)
