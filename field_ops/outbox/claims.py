"""Taking messages up and laying them down: the rows behind the relay, in plain SQL.

A message is free when it is due, its last failure has been waited out, its connection is not
paused, and nothing earlier is on its way in the same line (to the same person, or to the same card)
through the same connection. A relay that dies keeps its lease until it ends; then the message is
free again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..connections.models import HostConnection
from ..db import is_sqlite
from ..host.messages import Message, from_payload
from ..host.platform import Recipient
from ..queues import shares, take_up
from .models import OutboxMessage
from .post import conversation_of

# Longer than a whole batch may take to send; the relay looks at it before each message.
LEASE = timedelta(seconds=120)
# What only the holder of a long connection can deliver is his for so long; then anybody looks.
HOLDER_FIRST = timedelta(seconds=5)
# Written out, not bound: only so do both databases see that the partial indexes serve.
UNFINISHED: list[ColumnElement[str]] = [
    literal_column(f"'{state}'") for state in ("queued", "sending", "unknown")
]
ANSWER: ColumnElement[str] = literal_column("'answer'")
SENT: ColumnElement[str] = literal_column("'sent'")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this relay may send until `lease_until`, and nobody else."""

    tenant_id: int
    id: str
    connection_id: str
    member_id: str | None
    host_user_id: str
    revises: str
    revise_with: str
    conversation: dict[str, Any] | None
    kind: str
    payload: dict[str, Any]
    urgent: bool
    created_at: datetime
    due_at: datetime
    attempts: int
    lease_until: datetime

    @property
    def person(self) -> tuple[str, str]:
        """Whom it is for, as this connection knows him."""
        return self.connection_id, self.host_user_id

    @property
    def recipient(self) -> Recipient:
        talk = conversation_of(self.conversation) if self.conversation else None
        return Recipient(self.host_user_id, talk)

    @property
    def message(self) -> Message:
        return from_payload(self.payload)


CLAIMED_COLUMNS = (
    OutboxMessage.tenant_id,
    OutboxMessage.id,
    OutboxMessage.connection_id,
    OutboxMessage.member_id,
    OutboxMessage.host_user_id,
    OutboxMessage.revises,
    OutboxMessage.revise_with,
    OutboxMessage.conversation,
    OutboxMessage.kind,
    OutboxMessage.message,
    OutboxMessage.urgent,
    OutboxMessage.created_at,
    OutboxMessage.due_at,
    OutboxMessage.attempts,
    OutboxMessage.lease_until,
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the host accepted. `at_his_address`: as an answer by the way that the question
    itself gave, which no figure of the host for a member counts."""

    connection_id: str
    host_user_id: str
    sent_at: datetime
    kind: str
    urgent: bool
    payload: dict[str, Any]
    at_his_address: bool


async def tenants_with_work(
    session: AsyncSession, now: datetime, *, answers: bool = False
) -> list[int]:
    """The tenants that have something to send, asked without taking any lock. `answers`: something
    that somebody asked for."""
    # Asked for each connection, so that the index of what waits serves and not the whole history.
    has_work = exists().where(
        OutboxMessage.tenant_id == HostConnection.tenant_id,
        OutboxMessage.connection_id == HostConnection.id,
        OutboxMessage.state.in_(UNFINISHED),
        _is_due(now),
        *([OutboxMessage.kind == ANSWER] if answers else []),
    )
    found = await session.scalars(
        select(HostConnection.tenant_id)
        .where(*_is_open(), has_work)
        .distinct()
        .order_by(HostConnection.tenant_id)
    )
    return list(found)


async def claim(
    session: AsyncSession,
    tenants: Sequence[int],
    relay: str,
    now: datetime,
    limit: int,
    turn: int,
    resting: Sequence[str] = (),
    holds: Collection[str] = (),
    *,
    answers: bool = False,
) -> list[Claimed]:
    """Lease up to `limit` free messages, at most one of each line, oldest first.

    `resting` are connections to leave alone, `holds` those whose long connection is here. `answers`
    are what somebody asked the bot for: they wait for earlier answers to him and for nothing else.
    """
    if not is_sqlite(session):
        # When thousands have just come in, PostgreSQL does not know it yet, and would read and sort
        # all of them for each candidate. Until the end of this transaction it uses the indexes.
        await session.execute(text("SET LOCAL enable_sort = off"))
    claimed: list[Claimed] = []
    for tenant_id, share in shares(tenants, limit, turn):
        wanted = await _open_connections(session, tenant_id, resting)
        start, left = turn % max(len(wanted), 1), share
        for connection_id in [*wanted[start:], *wanted[:start]]:
            if left:
                free = _is_free(
                    tenant_id, connection_id, now, holds=connection_id in holds, answers=answers
                )
                got = await _claim_of(session, tenant_id, free, relay, now, left)
                claimed += got
                left -= len(got)
    return claimed


async def _open_connections(
    session: AsyncSession, tenant_id: int, resting: Sequence[str]
) -> list[str]:
    found = await session.scalars(
        select(HostConnection.id)
        .where(HostConnection.tenant_id == tenant_id, *_is_open())
        .order_by(HostConnection.id)
    )
    return [connection_id for connection_id in found if connection_id not in resting]


async def _claim_of(
    session: AsyncSession,
    tenant_id: int,
    is_free: Sequence[ColumnElement[bool]],
    relay: str,
    now: datetime,
    limit: int,
) -> list[Claimed]:
    # One connection at a time, and by due time alone: the index of what waits then gives the oldest
    # in order, and reading ends with the last that is wanted, however many thousands are due at the
    # same moment. The order for each person does not hang on it.
    free = select(OutboxMessage.id).where(*is_free).order_by(OutboxMessage.due_at).limit(limit)
    rows = await take_up(
        session,
        OutboxMessage,
        OutboxMessage.id,
        free,
        [OutboxMessage.tenant_id == tenant_id],
        {
            "state": "sending",
            "relay": relay,
            "lease_until": now + LEASE,
            "attempts": OutboxMessage.attempts + 1,
        },
        CLAIMED_COLUMNS,
    )
    return sorted((Claimed(*row) for row in rows), key=lambda one: one.id)


async def lay_down(session: AsyncSession, one: Claimed, relay: str, **what: Any) -> bool:
    """Record what became of a claimed message. False when the lease was lost to another relay."""
    result = await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.tenant_id == one.tenant_id,
            OutboxMessage.id == one.id,
            OutboxMessage.state == "sending",
            OutboxMessage.relay == relay,
            OutboxMessage.attempts == one.attempts,
        )
        .values(lease_until=None, **what)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def sent_since(
    session: AsyncSession, tenant_id: int, claimed: Sequence[Claimed], since: datetime
) -> list[Sent]:
    """What the persons of these messages were sent since then, through the same connections."""
    found = await session.execute(
        select(
            OutboxMessage.connection_id,
            OutboxMessage.host_user_id,
            OutboxMessage.sent_at,
            OutboxMessage.kind,
            OutboxMessage.urgent,
            OutboxMessage.message,
            OutboxMessage.host_message_id,
            OutboxMessage.conversation,
        ).where(
            OutboxMessage.tenant_id == tenant_id,
            OutboxMessage.connection_id.in_({one.connection_id for one in claimed}),
            OutboxMessage.host_user_id.in_({one.host_user_id for one in claimed}),
            OutboxMessage.state == SENT,
            OutboxMessage.sent_at >= since,
            OutboxMessage.revises == "",
        )
    )
    return [
        Sent(connection, user, at, kind, urgent, said, not host_id and _has_address(talk))
        for connection, user, at, kind, urgent, said, host_id, talk in found
    ]


def _has_address(conversation: dict[str, Any] | None) -> bool:
    return bool(conversation and conversation.get("reply_to"))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        OutboxMessage.due_at <= now,
        or_(OutboxMessage.retry_at.is_(None), OutboxMessage.retry_at <= now),
        or_(OutboxMessage.state != "sending", OutboxMessage.lease_until <= now),
    )


def _is_open() -> tuple[ColumnElement[bool], ...]:
    return HostConnection.paused_at.is_(None), HostConnection.removed_at.is_(None)


def _is_free(
    tenant_id: int, connection_id: str, now: datetime, *, holds: bool, answers: bool
) -> tuple[ColumnElement[bool], ...]:
    earlier = aliased(OutboxMessage)
    # "The first of its line", and not "there is none before it": of the latter PostgreSQL makes a
    # join of everything that waits with itself, and that takes minutes when many thousands do.
    first_of_line = (
        select(earlier.id)
        .where(
            earlier.tenant_id == tenant_id,
            earlier.connection_id == connection_id,
            earlier.line == OutboxMessage.line,
            earlier.state.in_(UNFINISHED),
            # One that is held for the morning stands in nobody's way. The column is hidden in an
            # expression, else both databases read all that is due instead of this one line.
            func.coalesce(earlier.due_at, earlier.created_at) <= now,
            *([earlier.kind == ANSWER] if answers else []),
        )
        .order_by(earlier.id)  # as the index of the lines has them
        .limit(1)
        .scalar_subquery()
    )
    return (
        OutboxMessage.tenant_id == tenant_id,
        OutboxMessage.connection_id == connection_id,
        OutboxMessage.state.in_(UNFINISHED),
        _is_due(now),
        *([OutboxMessage.kind == ANSWER] if answers else []),
        *([] if holds else [_is_for_anybody(now)]),
        OutboxMessage.id == first_of_line,
    )


def _is_for_anybody(now: datetime) -> ColumnElement[bool]:
    return or_(OutboxMessage.by_connection.is_(False), OutboxMessage.due_at <= now - HOLDER_FIRST)
