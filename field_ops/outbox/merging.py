"""Several waiting messages of one kind to one person become one, just before it would go.

One transaction: the one that is said is a new row, leased to the same relay, and the others are
`merged` into it. A relay that dies before it leaves a row to do, and one that dies after it a row
to send; what was posted stays as it was, to be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import is_sqlite, new_id
from ..host.messages import Card, from_payload, to_payload
from .claims import Claimed
from .models import WAITING, OutboxMessage
from .plurals import Plural
from .policy import is_push

MOST_TOGETHER = 100


class LeaseLost(Exception):
    """Another relay has the message by now."""


def may_merge(one: Claimed, plurals: Mapping[str, Plural]) -> bool:
    """Whether this one may be said together with others: a push of such a kind that was never
    tried, because the host may have what was."""
    is_new = one.attempts == 1 and not one.revises and one.conversation is None
    return is_new and one.kind in plurals and is_push(one.kind, urgent=one.urgent)


async def merge(
    session: AsyncSession, one: Claimed, relay: str, now: datetime, plural: Plural
) -> Claimed | None:
    """The message that says `one` and all that may go with it; None when it is alone.

    Raises `LeaseLost`: then nothing may be kept of this transaction.
    """
    others = await _waiting_with(session, one, now)
    if not others:
        return None
    together = [one.id, *others]
    cards = await _cards_of(session, one.tenant_id, together)
    if len(cards) < 2:
        return None
    said = to_payload(replace(plural(cards, cards[-1].language), language=cards[-1].language))
    merged = replace(one, id=new_id(), payload=said, created_at=now, due_at=now)
    await _write(session, merged, relay)
    ours = update(OutboxMessage).where(
        OutboxMessage.tenant_id == one.tenant_id,
        OutboxMessage.id == one.id,
        OutboxMessage.state == "sending",
        OutboxMessage.relay == relay,
        OutboxMessage.attempts == one.attempts,
    )
    values = {"state": "merged", "merged_into": merged.id, "lease_until": None}
    found = await session.execute(ours.values(values).execution_options(synchronize_session=False))
    assert isinstance(found, CursorResult)
    if found.rowcount != 1:
        raise LeaseLost
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.tenant_id == one.tenant_id,
            or_(OutboxMessage.id.in_(others), _merged_into(together)),
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return merged


async def _waiting_with(session: AsyncSession, one: Claimed, now: datetime) -> list[str]:
    waiting = (
        select(OutboxMessage.id, OutboxMessage.conversation)
        .where(
            OutboxMessage.tenant_id == one.tenant_id,
            OutboxMessage.connection_id == one.connection_id,
            OutboxMessage.line == one.host_user_id,
            OutboxMessage.id != one.id,
            OutboxMessage.kind == one.kind,
            OutboxMessage.state == "queued",
            WAITING,  # in the words of the index
            OutboxMessage.urgent.is_(False),
            OutboxMessage.attempts == 0,
            OutboxMessage.due_at <= now,
        )
        .order_by(OutboxMessage.id)
        .limit(MOST_TOGETHER)
    )
    if not is_sqlite(session):
        waiting = waiting.with_for_update(skip_locked=True)
    return [row_id for row_id, talk in await session.execute(waiting) if talk is None]


async def _cards_of(session: AsyncSession, tenant_id: int, ids: Sequence[str]) -> list[Card]:
    """Their cards in the order of posting; of one that was itself merged, those it stands for."""
    found = await session.execute(
        select(OutboxMessage.id, OutboxMessage.merged_into, OutboxMessage.message)
        .where(
            OutboxMessage.tenant_id == tenant_id,
            or_(OutboxMessage.id.in_(ids), _merged_into(ids)),
        )
        .order_by(OutboxMessage.id)
    )
    rows = found.all()
    stands_for_others = {row.merged_into for row in rows}
    said = [from_payload(row.message) for row in rows if row.id not in stands_for_others]
    return [message for message in said if isinstance(message, Card)]


def _merged_into(ids: Sequence[str]) -> ColumnElement[bool]:
    # The second half is what the partial index is of.
    return and_(
        OutboxMessage.merged_into.in_(ids), OutboxMessage.merged_into != literal_column("''")
    )


async def _write(session: AsyncSession, merged: Claimed, relay: str) -> None:
    values: dict[str, Any] = {
        "tenant_id": merged.tenant_id,
        "id": merged.id,
        "connection_id": merged.connection_id,
        "member_id": merged.member_id,
        "host_user_id": merged.host_user_id,
        "line": merged.host_user_id,
        "conversation": None,
        "kind": merged.kind,
        "message": merged.payload,
        "once": f"merged-{merged.id}",
        "state": "sending",
        "relay": relay,
        "lease_until": merged.lease_until,
        "attempts": merged.attempts,
        "created_at": merged.created_at,
        "due_at": merged.due_at,
    }
    await session.execute(insert(OutboxMessage).values(values))
