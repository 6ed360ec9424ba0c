"""The inbox rows, in plain SQL: this path is the hottest, and needs no ORM."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    CursorResult,
    Integer,
    Text,
    bindparam,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from ..connections.refs import ConnectionRef
from ..db import InsertUnlessThere, UtcDateTime
from ..host.events import HostEvent, to_payload
from .models import InboxEvent

LONGEST_ID = 200
LONGEST_ERROR = 2000
FIRST_RETRY = timedelta(minutes=1)
_insert = InsertUnlessThere(InboxEvent, ["tenant_id", "connection_id", "event_id"])
FAILED: Any = literal_column("'failed'")  # written out, so that the partial index serves


def key_of(event: HostEvent) -> str:
    """The event's id, or a hash of it when the host made it longer than we keep, or of characters
    that not every database keeps (NUL, half of a pair)."""
    if len(event.event_id) <= LONGEST_ID and event.event_id.isprintable():
        return event.event_id
    return hashlib.sha256(event.event_id.encode(errors="surrogatepass")).hexdigest()


async def take_in(
    connected: AsyncConnection, events: Sequence[tuple[ConnectionRef, HostEvent]], now: datetime
) -> set[tuple[str, str]]:
    """Note the events as handled, in the transaction of their effects.

    Gives connection and key of those that were not here before. Another process that handles the
    same event right now makes this wait for its end.
    """
    rows = {
        (connection.tenant_id, connection.id, key_of(event)): type(event).__name__
        for connection, event in events
    }
    # In one order everywhere: two processes that note the same events wait, and never deadlock.
    ordered = [(*key, rows[key]) for key in sorted(rows)]
    if connected.dialect.name == "sqlite":
        given: dict[str, Any] = {"rows": orjson.dumps(ordered).decode()}
        statement = _TAKE_IN_SQLITE
    else:
        names = ("tenants", "connections", "events", "kinds")
        given = {name: [row[number] for row in ordered] for number, name in enumerate(names)}
        statement = _TAKE_IN_POSTGRES
    fresh = await connected.execute(statement, {**given, "now": now})
    return {(connection_id, event_id) for connection_id, event_id in fresh}


# One statement of one text, however many events there are: SQLAlchemy would write and parse a new
# one for each number of rows, and that costs more than the rows.
_TAKE_IN = """
    INSERT INTO inbox_event (tenant_id, connection_id, event_id, kind, state, received_at,
                             handled_at, attempts, error)
    SELECT {columns}, 'done', {now}, {now}, 1, '' FROM {rows}
    ON CONFLICT (tenant_id, connection_id, event_id) DO NOTHING
    RETURNING connection_id, event_id
"""
_NOW = bindparam("now", type_=UtcDateTime())
_TAKE_IN_SQLITE = text(
    _TAKE_IN.format(
        columns=", ".join(f"json_extract(value, '$[{number}]')" for number in range(4)),
        now=":now",
        rows="json_each(:rows) WHERE true",  # without a WHERE the ON would belong to a join
    )
).bindparams(_NOW)
_TAKE_IN_POSTGRES = text(
    _TAKE_IN.format(
        columns="tenant_id, connection_id, event_id, kind",
        now="CAST(:now AS timestamptz)",
        rows="unnest(:tenants, :connections, :events, :kinds)"
        " AS given (tenant_id, connection_id, event_id, kind)",
    )
).bindparams(
    _NOW,
    bindparam("tenants", type_=ARRAY(Integer)),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("connections", "events", "kinds")),
)


async def keep_failed(
    session: AsyncSession,
    connection: ConnectionRef,
    event: HostEvent,
    now: datetime,
    error: str,
) -> None:
    """Keep an event whose handling met a bug, whole, for the worker's first retry in a minute."""
    await _insert.row(
        session,
        {
            "tenant_id": connection.tenant_id,
            "connection_id": connection.id,
            "event_id": key_of(event),
            "kind": type(event).__name__,
            "state": "failed",
            "received_at": now,
            "handled_at": None,
            "attempts": 1,
            "next_attempt_at": now + FIRST_RETRY,
            "error": error[:LONGEST_ERROR],
            "payload": to_payload(event),
        },
    )


async def due_for_retry(
    session: AsyncSession, now: datetime, limit: int
) -> list[tuple[int, str, str]]:
    """The keys (tenant, connection, event) of failed events whose wait is over."""
    found = await session.execute(
        select(InboxEvent.tenant_id, InboxEvent.connection_id, InboxEvent.event_id)
        .where(InboxEvent.state == FAILED, InboxEvent.next_attempt_at <= now)
        .order_by(InboxEvent.next_attempt_at)
        .limit(limit)
    )
    return [(tenant_id, connection_id, event_id) for tenant_id, connection_id, event_id in found]


async def take_up(
    session: AsyncSession, key: tuple[int, str, str], now: datetime
) -> tuple[dict[str, Any], int] | None:
    """Note a kept event as handled and give its payload and the number of this attempt.

    None when another worker was faster. A rollback makes it as it was.
    """
    # The payload must be read before it is cleared; the update below is what decides.
    kept = (
        await session.execute(
            select(InboxEvent.payload, InboxEvent.attempts).where(*_is(key)).with_for_update()
        )
    ).first()
    taken = await session.execute(
        update(InboxEvent)
        .where(*_is(key), InboxEvent.state.in_(("failed", "given_up")))
        .values(
            state="done",
            handled_at=now,
            attempts=InboxEvent.attempts + 1,
            next_attempt_at=None,
            error="",
            payload=None,
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if kept is None or not taken.rowcount or kept.payload is None:
        return None
    return kept.payload, kept.attempts + 1


async def failed_again(
    session: AsyncSession,
    key: tuple[int, str, str],
    attempt: int,
    error: str,
    next_attempt_at: datetime | None,
) -> None:
    """One more failure; without a next attempt the event is given up."""
    await session.execute(
        update(InboxEvent)
        .where(*_is(key), InboxEvent.attempts == attempt - 1)
        .values(
            state="failed" if next_attempt_at else "given_up",
            attempts=attempt,
            next_attempt_at=next_attempt_at,
            error=error[:LONGEST_ERROR],
        )
        .execution_options(synchronize_session=False)
    )


def _is(key: tuple[int, str, str]) -> tuple[Any, ...]:
    tenant_id, connection_id, event_id = key
    return (
        InboxEvent.tenant_id == tenant_id,
        InboxEvent.connection_id == connection_id,
        InboxEvent.event_id == event_id,
    )
