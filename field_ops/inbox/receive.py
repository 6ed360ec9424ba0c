"""Each event once: its row and its effect are one transaction.

A bug rolls the whole effect back; then a second, tiny transaction keeps the event as `failed`, with
its payload, for the worker. So the host is told "received" and nothing is lost. When even that
cannot be written (disk full), the error rises: the host hears no answer and repeats the event.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.events import HostEvent, Unsupported
from ..logs import log
from ..work import Actor, Work
from .metrics import EVENTS
from .rows import keep_failed, key_of, take_in

Handle = Callable[[Work, HostEvent], Awaitable[None]]
"""Handles one event. Its `Work` acts for the company, through the event's connection."""

Clock = Callable[[], datetime]


async def receive(
    database: Database,
    connection: ConnectionRef,
    events: Sequence[HostEvent],
    handle: Handle,
    clock: Clock,
) -> dict[str, str]:
    """Handle the events of one callback, in one commit; what became of each, by event id.

    An outcome is `done`, `repeated` (was here before), `unsupported` or `failed` (kept for retry).
    """
    wanted = [event for event in events if not isinstance(event, Unsupported)]
    outcomes = {event.event_id: "unsupported" for event in events}
    failed: dict[str, Exception] = {}
    if len(wanted) == 1:
        outcomes |= await _receive_one(database, connection, wanted[0], handle, clock, failed)
    elif wanted:
        outcomes |= await _receive_many(database, connection, wanted, handle, clock, failed)
    for event in wanted:
        if event.event_id in failed:
            await _keep(database, connection, event, failed[event.event_id], clock)
    for event in events:
        EVENTS.labels(connection.host, type(event).__name__, outcomes[event.event_id]).inc()
    return outcomes


def work_for(session: AsyncSession, connection: ConnectionRef, now: datetime) -> Work:
    """The company at work, through the door that the event came by."""
    actor = Actor(connection.tenant_id, None, via="bot", connection_id=connection.id)
    return Work(session, actor, now, connection.zone)


async def _receive_one(
    database: Database,
    connection: ConnectionRef,
    event: HostEvent,
    handle: Handle,
    clock: Clock,
    failed: dict[str, Exception],
) -> dict[str, str]:
    """The usual case, without the two extra round trips of a savepoint."""
    try:
        async with database.writing() as session:
            outcome = await _handle_once(session, connection, event, handle, clock())
    except Exception as bug:
        failed[event.event_id] = bug
        outcome = "failed"
    return {event.event_id: outcome}


async def _receive_many(
    database: Database,
    connection: ConnectionRef,
    events: Sequence[HostEvent],
    handle: Handle,
    clock: Clock,
    failed: dict[str, Exception],
) -> dict[str, str]:
    """One commit for all; one that fails leaves nothing but its savepoint."""
    outcomes: dict[str, str] = {}
    async with database.writing() as session:
        for event in events:
            try:
                async with session.begin_nested():
                    outcome = await _handle_once(session, connection, event, handle, clock())
            except Exception as bug:
                failed[event.event_id] = bug
                outcome = "failed"
            if outcomes.get(event.event_id) is None:
                outcomes[event.event_id] = outcome
    return outcomes


async def _handle_once(
    session: AsyncSession,
    connection: ConnectionRef,
    event: HostEvent,
    handle: Handle,
    now: datetime,
) -> str:
    if not await take_in(session, connection, event, now):
        return "repeated"
    await handle(work_for(session, connection, now), event)
    await session.flush()
    return "done"


async def _keep(
    database: Database,
    connection: ConnectionRef,
    event: HostEvent,
    bug: Exception,
    clock: Clock,
) -> None:
    log.error(
        "inbox.failed", connection=connection.id, event_id=key_of(event),
        kind=type(event).__name__, exc_info=bug,
    )  # fmt: skip
    error = f"{type(bug).__name__}: {bug}"
    async with database.writing() as session:
        await keep_failed(session, connection, event, clock(), error)
