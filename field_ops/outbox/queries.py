"""Looking into the outbox and repairing it: for `waiqin outbox` and `/metrics`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, extract, func, literal_column, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import first_id_at, is_sqlite
from ..work import Work
from .claims import UNFINISHED
from .models import OutboxMessage

STUCK = ("refused", "given_up")
# Written out, so that the partial index serves.
WRITTEN_OUT: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in STUCK]


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
    delivery: str
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
        table.delivery,
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


async def retry(work: Work, ids: Collection[str] = (), connection_id: str = "") -> int:
    """Put what was refused or given up back into the queue; all of it when no id is named.

    A message that only waits for its next try goes at once when it is named. With `connection_id`
    only those of that connection. Returns how many.
    """
    through = OutboxMessage.connection_id == connection_id if connection_id else true()
    stuck = OutboxMessage.state.in_(WRITTEN_OUT)
    named = OutboxMessage.id.in_(ids) & OutboxMessage.state.in_((*STUCK, "queued", "unknown"))
    changed = await work.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.tenant_id == work.tenant_id, through, named if ids else stuck)
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


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits in one connection, and what needs a person.

    `oldest_due_at`: since when the oldest message that may go has been waiting; None when none is.
    """

    waiting: int
    oldest_due_at: datetime | None
    refused: int
    given_up: int


async def standing(work: Work, connection_id: str) -> Standing:
    """How the outbox of one connection stands now."""
    table = OutboxMessage
    of_connection = (table.tenant_id == work.tenant_id, table.connection_id == connection_id)
    waiting = await work.session.scalar(
        select(func.count()).select_from(table).where(*of_connection, table.state.in_(UNFINISHED))
    )
    oldest = await work.session.scalar(
        select(func.min(table.due_at)).where(
            *of_connection, table.state.in_(UNFINISHED), table.due_at <= work.now
        )
    )
    stuck = await work.session.execute(
        select(table.state, func.count())
        .where(*of_connection, table.state.in_(WRITTEN_OUT))
        .group_by(table.state)
    )
    by_state = dict(stuck.all())
    return Standing(waiting or 0, oldest, by_state.get("refused", 0), by_state.get("given_up", 0))


async def posted_by_hour(
    work: Work, connection_id: str, since: datetime
) -> list[tuple[datetime, str, int]]:
    """Hour, state and number of the messages that were posted from `since` on, a whole hour.

    Ids sort by time of birth, so this reads a range of the primary key.
    """
    table = OutboxMessage
    utc = table.created_at if is_sqlite(work.session) else func.timezone("UTC", table.created_at)
    hour = extract("hour", utc)
    found = await work.session.execute(
        select(hour, table.state, func.count())
        .where(
            table.tenant_id == work.tenant_id,
            table.id >= first_id_at(since),
            table.connection_id == connection_id,
            table.created_at >= since,
        )
        .group_by(hour, table.state)
    )
    begins = {(since + timedelta(hours=n)).hour: since + timedelta(hours=n) for n in range(24)}
    return [(begins[int(of_day)], state, count) for of_day, state, count in found]
