"""Ringing for what is urgent: the host's own alarm, once, beside a message that it has accepted.

The message and its alarm are two calls, so each has its own mark. Before the host is asked, the
doubt is written down that it may ring; a clear answer takes it back. A host has no duplicate check
for alarms, so after an answer that was lost it is asked once more and then never again: at most one
alarm too many, and none that nobody hears of. Whatever becomes of it, the message stands.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections import services
from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.errors import (
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)
from ..host.messages import from_payload
from ..host.platform import HostPlatform
from ..host.urgent import Urgent
from ..logs import log
from .claims import UNFINISHED
from .held import peace_of
from .metrics import RUNG
from .models import Alarm, OutboxMessage
from .policy import next_allowed
from .urgency import in_short

SERVICE = "urgent"
AT_ONCE = 20
TAKES_AT_MOST = timedelta(seconds=30)
LEASE = timedelta(seconds=60)
TRIES_AGAIN_AFTER = timedelta(minutes=1)
# Half an hour after the message an alarm is no alarm any more.
PATIENCE = timedelta(minutes=30)
MOST_DOUBTS = 2
# Written out, not bound, so that the partial index serves.
OPEN: list[ColumnElement[str]] = [literal_column("'waiting'"), literal_column("'ringing'")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alarm that may be due, with the message beside it."""

    message_id: str
    host_user_id: str
    payload: dict[str, Any]
    state: str  # of the message
    sent_at: datetime | None
    is_urgent: bool
    doubts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written down. `state`: rung, waiting (again), fell_back, given_up or moot."""

    state: str
    error: str = ""
    retry_at: datetime | None = None
    was_clear: bool = True  # whether the host surely did not ring
    host_alarm_id: str = ""


async def ring(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Callable[[], datetime],
) -> int:
    """Ring for what this connection has accepted and not rung for; how many were dealt with."""
    async with database.reading() as session:
        due = await _due(session, connection, clock())
        if not due:
            return 0
        may = await services.may_try(session, connection, SERVICE, clock())
        peace = await peace_of(session, connection.tenant_id, clock())
    for one in due:
        now = clock()
        is_peace = next_allowed(now, peace.zone, peace.calendar, {}, peace.waking) > now
        outcome = _without_asking(one, now, is_peace=is_peace and not one.is_urgent)
        if outcome is None and (platform.urgent is None or not may):
            outcome = Outcome("fell_back", "the service is off, or the host refuses it for now")
        if outcome is not None:
            await _lay_down(database, connection, one, outcome, now)
        elif platform.urgent is not None and await _take_up(database, connection, one, now):
            outcome, refused = await _ask(platform.urgent, one, clock)
            await _lay_down(database, connection, one, outcome, clock(), claimed=True)
            if refused is not None:
                async with database.writing() as session:
                    await services.pause(session, connection, SERVICE, refused, clock())
                may = False
        if outcome is not None:
            _tell(connection, one, outcome)
    return len(due)


def _without_asking(one: Wanted, now: datetime, *, is_peace: bool) -> Outcome | None:
    if one.state != "sent" or one.sent_at is None:
        return Outcome("moot", "the message itself was not sent")
    if one.doubts >= MOST_DOUBTS:
        return Outcome("given_up", "nobody knows whether it rang", was_clear=False)
    if now - one.sent_at > PATIENCE:
        return Outcome("given_up", "too late for an alarm")
    # An escalation is no emergency: what could not ring by day does not ring by night.
    return Outcome("given_up", "quiet hours") if is_peace else None


async def _ask(
    host: Urgent, one: Wanted, clock: Callable[[], datetime]
) -> tuple[Outcome, SendError | None]:
    """Ring, and whether the host refuses the service altogether."""
    text = in_short(from_payload(one.payload))
    again = clock() + TRIES_AGAIN_AFTER
    try:
        async with asyncio.timeout(TAKES_AT_MOST.total_seconds()):
            alarm_id = await host.remind([one.host_user_id], text, once=one.message_id)
    except HostBusy as failure:
        wait = timedelta(seconds=failure.retry_after_s)
        return Outcome("waiting", str(failure), clock() + wait), None
    except HostUnavailable as failure:
        clear = not failure.maybe_done
        return Outcome("waiting", str(failure), again, was_clear=clear), None
    except TimeoutError:
        return Outcome("waiting", "no answer in time", again, was_clear=False), None
    except (PermissionMissing, CredentialsRejected) as failure:
        return Outcome("fell_back", str(failure)), failure
    except HostRefused as failure:
        return Outcome("fell_back", str(failure)), None
    return Outcome("rung", host_alarm_id=alarm_id), None


async def _due(session: AsyncSession, connection: ConnectionRef, now: datetime) -> Sequence[Wanted]:
    found = await session.execute(
        select(
            Alarm.message_id,
            OutboxMessage.host_user_id,
            OutboxMessage.message,
            OutboxMessage.state,
            OutboxMessage.sent_at,
            OutboxMessage.urgent,
            Alarm.doubts,
        )
        .join(
            OutboxMessage,
            and_(
                OutboxMessage.tenant_id == Alarm.tenant_id,
                OutboxMessage.id == Alarm.message_id,
            ),
        )
        .where(
            Alarm.tenant_id == connection.tenant_id,
            Alarm.connection_id == connection.id,
            Alarm.state.in_(OPEN),
            or_(Alarm.retry_at.is_(None), Alarm.retry_at <= now),
            OutboxMessage.tenant_id == connection.tenant_id,
            OutboxMessage.state.not_in(UNFINISHED),
        )
        .order_by(Alarm.message_id)
        .limit(AT_ONCE)
    )
    return [Wanted(*row) for row in found]


async def _take_up(
    database: Database, connection: ConnectionRef, one: Wanted, now: datetime
) -> bool:
    """Write down that it may ring from now on; False when somebody else did."""
    async with database.writing() as session:
        taken = await session.execute(
            update(Alarm)
            .where(
                *_is(connection, one),
                Alarm.doubts == one.doubts,
                Alarm.state.in_(OPEN),
                or_(Alarm.retry_at.is_(None), Alarm.retry_at <= now),
            )
            .values(state="ringing", doubts=one.doubts + 1, retry_at=now + LEASE)
            .returning(Alarm.message_id)
            .execution_options(synchronize_session=False)
        )
        return taken.first() is not None


async def _lay_down(
    database: Database,
    connection: ConnectionRef,
    one: Wanted,
    outcome: Outcome,
    now: datetime,
    *,
    claimed: bool = False,
) -> None:
    doubts = one.doubts + (1 if claimed and not outcome.was_clear else 0)
    async with database.writing() as session:
        await session.execute(
            update(Alarm)
            .where(*_is(connection, one), Alarm.doubts == one.doubts + (1 if claimed else 0))
            .values(
                state=outcome.state,
                error=outcome.error[:500],
                retry_at=outcome.retry_at,
                doubts=doubts,
                host_alarm_id=outcome.host_alarm_id[:128],
                rung_at=now if outcome.state == "rung" else None,
            )
            .execution_options(synchronize_session=False)
        )


def _is(connection: ConnectionRef, one: Wanted) -> tuple[Any, ...]:
    return (
        Alarm.tenant_id == connection.tenant_id,
        Alarm.connection_id == connection.id,
        Alarm.message_id == one.message_id,
    )


def _tell(connection: ConnectionRef, one: Wanted, outcome: Outcome) -> None:
    RUNG.labels(connection.host, outcome.state).inc()
    if outcome.state in ("fell_back", "given_up"):
        log.warning(
            "outbox.not_rung", connection=connection.id, message=one.message_id,
            outcome=outcome.state, reason=outcome.error,
        )  # fmt: skip
