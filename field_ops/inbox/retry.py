"""What failed is tried again: by the worker after a while, or by a person at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.events import from_payload
from ..logs import log
from ..queues import STEPS, wait_after
from ..tenants.models import Tenant
from ..work import Work
from .metrics import EVENTS
from .models import InboxEvent
from .receive import Clock, Handle, work_for
from .rows import due_for_retry, failed_again, take_up

# After the last of these an event is given up: a person must look.
WAITS = (*STEPS, timedelta(hours=2))
KEPT = ("failed", "given_up")

Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """A line of `waiqin inbox list`."""

    connection_id: str
    event_id: str
    kind: str
    state: str
    received_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    error: str


async def retry_failed(
    database: Database, handle: Handle, clock: Clock, dice: Random, limit: int = 50
) -> dict[str, str]:
    """Try what is due for a retry; what became of each, by event id: done, failed, given_up."""
    async with database.reading() as session:
        due = await due_for_retry(session, clock(), limit)
    return await _try_all(database, due, handle, clock, dice)


async def replay(
    database: Database,
    tenant_id: int,
    event_ids: Collection[str],
    handle: Handle,
    clock: Clock,
    dice: Random,
) -> dict[str, str]:
    """Try these kept events of a company now, whatever their state; all of them when none is named.

    An event that was handled is not there to be replayed.
    """
    wanted = select(InboxEvent.connection_id, InboxEvent.event_id).where(
        InboxEvent.tenant_id == tenant_id, InboxEvent.state.in_(KEPT)
    )
    if event_ids:
        wanted = wanted.where(InboxEvent.event_id.in_(event_ids))
    async with database.reading() as session:
        found = (await session.execute(wanted.order_by(InboxEvent.received_at))).all()
    keys = [(tenant_id, row.connection_id, row.event_id) for row in found]
    return await _try_all(database, keys, handle, clock, dice)


async def kept(work: Work, limit: int = 100) -> list[KeptEvent]:
    """The company's events that failed and wait for a retry or a person, oldest first."""
    found = await work.session.scalars(
        select(InboxEvent)
        .where(InboxEvent.tenant_id == work.tenant_id, InboxEvent.state.in_(KEPT))
        .order_by(InboxEvent.received_at)
        .limit(limit)
    )
    return [
        KeptEvent(
            connection_id=row.connection_id,
            event_id=row.event_id,
            kind=row.kind,
            state=row.state,
            received_at=row.received_at,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            error=row.error,
        )
        for row in found
    ]


async def _try_all(
    database: Database, keys: Collection[Key], handle: Handle, clock: Clock, dice: Random
) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    for key in keys:
        outcome = await _try_again(database, key, handle, clock, dice)
        if outcome is not None:
            outcomes[key[2]] = outcome
    return outcomes


async def _try_again(
    database: Database, key: Key, handle: Handle, clock: Clock, dice: Random
) -> str | None:
    """One more attempt, its mark and its effect in one transaction. None: another was faster."""
    now, attempt, kind, host = clock(), 0, "", ""
    try:
        async with database.writing() as session:
            connection = await _connection(session, key)
            taken = await take_up(session, key, now)
            if taken is None:
                return None
            payload, attempt = taken
            kind, host = str(payload.get("event", "")), connection.host
            await handle(work_for(session, connection, now), from_payload(payload))
            await session.flush()
        outcome = "done"
    except Exception as bug:
        outcome = await _note_failure(database, key, attempt, bug, now, dice)
    EVENTS.labels(host, kind, f"retry_{outcome}").inc()
    return outcome


async def _note_failure(
    database: Database, key: Key, attempt: int, bug: Exception, now: datetime, dice: Random
) -> str:
    log.error("inbox.failed_again", event_id=key[2], attempt=attempt, exc_info=bug)
    waits = attempt - 1  # how many waits it has had: the first attempt was at the door
    over = waits >= len(WAITS)
    again_at = None if over else now + wait_after(waits + 1, dice, WAITS)
    async with database.writing() as session:
        await failed_again(session, key, attempt, f"{type(bug).__name__}: {bug}", again_at)
    return "given_up" if over else "failed"


async def _connection(session: AsyncSession, key: Key) -> ConnectionRef:
    tenant_id, connection_id, _ = key
    row = (
        await session.execute(
            select(HostConnection.host, HostConnection.name, Tenant.zone)
            .join(Tenant, Tenant.id == HostConnection.tenant_id)
            .where(HostConnection.tenant_id == tenant_id, HostConnection.id == connection_id)
        )
    ).one()
    return ConnectionRef(tenant_id, connection_id, row.host, row.name, ZoneInfo(row.zone))
