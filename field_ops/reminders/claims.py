"""Taking due reminders up and laying them down, in plain SQL.

A worker that dies keeps its lease until it ends; then its reminders are free again. One that met a
bug stays claimed until its next try.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..queues import shares, take_up
from ..tenants.models import Tenant
from .models import Reminder
from .rules import Due

LEASE = timedelta(seconds=60)
# Written out, not bound: only so do both databases see that the partial indexes serve.
WAITING: ColumnElement[str] = literal_column("'waiting'")
CLAIMED: ColumnElement[str] = literal_column("'claimed'")
DUE_COLUMNS = (
    Reminder.tenant_id,
    Reminder.id,
    Reminder.rule,
    Reminder.subject_id,
    Reminder.member_id,
    Reminder.due_at,
    Reminder.attempts,
)


async def tenants_with_work(session: AsyncSession, now: datetime) -> list[int]:
    """The tenants that have something to be reminded of, asked without taking any lock."""
    # Asked for each tenant, so that a million promises for later are not read every second.
    has_work = or_(
        *(exists().where(Reminder.tenant_id == Tenant.id, free) for free in _ways_to_be_free(now))
    )
    return list(await session.scalars(select(Tenant.id).where(has_work).order_by(Tenant.id)))


async def claim(
    session: AsyncSession, tenants: Sequence[int], worker: str, now: datetime, limit: int, turn: int
) -> list[Due]:
    """Lease up to `limit` reminders whose time has come, oldest first."""
    claimed: list[Due] = []
    for tenant_id, share in shares(tenants, limit, turn):
        free = (
            select(Reminder.id)
            .where(Reminder.tenant_id == tenant_id, or_(*_ways_to_be_free(now)))
            .order_by(Reminder.due_at, Reminder.id)
            .limit(share)
        )
        rows = await take_up(
            session,
            Reminder,
            Reminder.id,
            free,
            [Reminder.tenant_id == tenant_id],
            {
                "state": "claimed",
                "worker": worker,
                "lease_until": now + LEASE,
                "attempts": Reminder.attempts + 1,
            },
            DUE_COLUMNS,
        )
        claimed += sorted((Due(*row) for row in rows), key=lambda due: (due.due_at, due.id))
    return claimed


async def lay_down(
    session: AsyncSession,
    tenant_id: int,
    ids: Collection[str],
    worker: str,
    now: datetime,
    state: str,
    again_at: datetime | None = None,
) -> set[str]:
    """Record what became of claimed reminders; returns those that were still this worker's."""
    if not ids:
        return set()
    kept = await session.scalars(
        update(Reminder)
        .where(
            Reminder.tenant_id == tenant_id,
            Reminder.id.in_(ids),
            Reminder.state == CLAIMED,
            Reminder.worker == worker,
        )
        .values(state=state, lease_until=again_at, done_at=None if again_at else now)
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    )
    return set(kept)


def _ways_to_be_free(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Due, or left over by a worker whose lease has ended; each has its own index."""
    return (
        and_(Reminder.state == WAITING, Reminder.due_at <= now),
        and_(Reminder.state == CLAIMED, Reminder.lease_until <= now),
    )
