"""Looking into the inbox: what came through a connection lately, and what could not be handled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select, update

from ..work import Work
from .models import EventTally, InboxEvent

# Written out, so that the partial index serves.
KEPT: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in ("failed", "given_up")]


@dataclass(frozen=True, slots=True)
class Tallied:
    """So many events of a kind within an hour, and when the last of them came."""

    hour: datetime
    kind: str
    outcome: str
    count: int
    last_at: datetime


async def tallied(work: Work, connection_id: str, since: datetime) -> list[Tallied]:
    """What came through the connection in the hours from `since` on."""
    found = await work.session.execute(
        select(
            EventTally.hour,
            EventTally.kind,
            EventTally.outcome,
            EventTally.count,
            EventTally.last_at,
        )
        .where(
            EventTally.tenant_id == work.tenant_id,
            EventTally.connection_id == connection_id,
            EventTally.hour >= since,
        )
        .order_by(EventTally.hour, EventTally.kind, EventTally.outcome)
    )
    return [Tallied(*row) for row in found]


async def last_event(work: Work, connection_id: str) -> tuple[str, datetime] | None:
    """Kind and time of the last authentic event within the last month."""
    hour = (
        select(func.max(EventTally.hour))
        .where(
            EventTally.tenant_id == work.tenant_id,
            EventTally.connection_id == connection_id,
            EventTally.kind != "",
        )
        .scalar_subquery()
    )
    found = await work.session.execute(
        select(EventTally.kind, EventTally.last_at)
        .where(
            EventTally.tenant_id == work.tenant_id,
            EventTally.connection_id == connection_id,
            EventTally.hour == hour,
            EventTally.kind != "",
        )
        .order_by(EventTally.last_at.desc())
        .limit(1)
    )
    row = found.first()
    return (row.kind, row.last_at) if row else None


async def kept_by_state(work: Work, connection_id: str) -> dict[str, int]:
    """How many events wait for a retry (`failed`) or for a person (`given_up`)."""
    found = await work.session.execute(
        select(InboxEvent.state, func.count())
        .where(
            InboxEvent.tenant_id == work.tenant_id,
            InboxEvent.connection_id == connection_id,
            InboxEvent.state.in_(KEPT),
        )
        .group_by(InboxEvent.state)
    )
    return dict(found.all())


async def retry_soon(work: Work, connection_id: str) -> int:
    """Let the worker try all kept events of the connection again at once. Returns how many."""
    changed = await work.session.execute(
        update(InboxEvent)
        .where(
            InboxEvent.tenant_id == work.tenant_id,
            InboxEvent.connection_id == connection_id,
            InboxEvent.state.in_(KEPT),
        )
        .values(state="failed", next_attempt_at=work.now)
        .returning(InboxEvent.event_id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())
