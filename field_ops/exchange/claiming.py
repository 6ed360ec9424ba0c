"""Who works on what was asked for: one at a time, by a lease on the row. A worker that died is
followed by another one when its lease is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, TextClause, or_, select, update

from ..db import Database

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3  # to get on with it, before it is given up


class Claimable(Protocol):
    """A table whose rows are worked on by one at a time, until `taken_until`."""

    tenant_id: Any
    id: Any
    taken_until: Any
    attempts: Any


Row = TypeVar("Row", bound=Claimable)


async def waiting(
    database: Database, table: type[Claimable], is_open: TextClause, tenant_id: int, now: datetime
) -> Sequence[str]:
    """The ids of what waits, or of what somebody left who died, the oldest first."""
    async with database.reading() as session:
        found = await session.scalars(
            select(table.id)
            .where(table.tenant_id == tenant_id, is_open, _free(table, now))
            .order_by(table.id)
        )
        return found.all()


async def claim(
    database: Database,
    table: type[Row],
    is_open: TextClause,
    key: tuple[int, str],
    now: datetime,
    *,
    is_mine: bool = False,
    **values: Any,
) -> Row | None:
    """Take the row (tenant, id) for as long as a lease lasts, with these `values`; None when it is
    over, or somebody else has it. `is_mine`: the caller has the lease already."""
    free = [] if is_mine else [_free(table, now)]
    taken = (
        update(table)
        .where(table.tenant_id == key[0], table.id == key[1], is_open, *free)
        .values(taken_until=now + LEASE, attempts=table.attempts + 1, **values)
        .returning(table)
    )
    async with database.writing() as session:
        row: Row | None = await session.scalar(taken)
        return row


def _free(table: type[Claimable], now: datetime) -> ColumnElement[bool]:
    """Nobody works on it, or whoever did is gone."""
    return or_(table.taken_until.is_(None), table.taken_until < now)
