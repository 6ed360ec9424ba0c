"""Looking into the outbox and repairing it: for `waiqin outbox` and `/metrics`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..work import Work
from .claims import UNFINISHED
from .models import OutboxMessage

STUCK = ("refused", "given_up")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message, as an administrator sees it: what it is about, not what it says."""

    id: str
    connection_id: str
    host_user_id: str
    kind: str
    state: str
    created_at: datetime
    due_at: datetime
    retry_at: datetime | None
    attempts: int
    error: str


async def messages(work: Work, states: Collection[str] = (), limit: int = 100) -> list[Waiting]:
    """The company's messages in these states (any when none is named), newest first."""
    table = OutboxMessage
    query = select(
        table.id,
        table.connection_id,
        table.host_user_id,
        table.kind,
        table.state,
        table.created_at,
        table.due_at,
        table.retry_at,
        table.attempts,
        table.error,
    ).where(table.tenant_id == work.tenant_id)
    if states:
        query = query.where(table.state.in_(states))
    found = await work.session.execute(query.order_by(table.id.desc()).limit(limit))
    return [Waiting(**row._mapping) for row in found]


async def summary(work: Work) -> dict[str, int]:
    """How many of the company's messages are in each state."""
    found = await work.session.execute(
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.tenant_id == work.tenant_id)
        .group_by(OutboxMessage.state)
    )
    return dict(found.all())


async def retry(work: Work, ids: Collection[str] = ()) -> int:
    """Put what was refused or given up back into the queue; all of it when no id is named.

    A message that only waits for its next try goes at once when it is named. Returns how many.
    """
    stuck = OutboxMessage.state.in_(STUCK)
    named = OutboxMessage.id.in_(ids) & OutboxMessage.state.in_((*STUCK, "queued", "unknown"))
    changed = await work.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.tenant_id == work.tenant_id, named if ids else stuck)
        .values(state="queued", attempts=0, due_at=work.now, retry_at=None, error="")
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


async def waiting_by_state(session: AsyncSession) -> dict[str, int]:
    """How many unfinished messages of the whole installation are in each state."""
    found = await session.execute(
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.state.in_(UNFINISHED))
        .group_by(OutboxMessage.state)
    )
    return dict(found.all())


async def oldest_waiting_s(session: AsyncSession, now: datetime) -> float:
    """For how many seconds the oldest message that may go has been waiting; 0 when none does."""
    due = await session.scalar(
        select(func.min(OutboxMessage.due_at)).where(
            OutboxMessage.state.in_(UNFINISHED), OutboxMessage.due_at <= now
        )
    )
    return max((now - due).total_seconds(), 0.0) if due else 0.0
