"""What our queues share: how long to wait after a failure, and whose turn it is."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from .db import Base, is_sqlite

STEPS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # domain.md §12.2


def wait_after(failures: int, dice: Random, steps: Sequence[timedelta] = STEPS) -> timedelta:
    """The wait after the `failures`-th failure (from 1); the last step repeats.

    Up to a tenth is added at random, so that a crowd that failed together does not come back
    together.
    """
    step = steps[min(max(failures, 1), len(steps)) - 1]
    return step * (1 + dice.random() / 10)


async def take_up(
    session: AsyncSession,
    table: type[Base],
    key: InstrumentedAttribute[Any],
    free: Select[Any],
    within: Sequence[Any],
    values: dict[str, Any],
    columns: Sequence[Any],
) -> list[Any]:
    """Change the rows that `free` selects by their `key`, and give their columns: nobody else takes
    them up. `within` are conditions beside the key."""
    if not is_sqlite(session):
        free = free.with_for_update(skip_locked=True)
    # A CTE is computed once; a plain subquery may be asked again and lock more than its share.
    chosen = free.cte("chosen")
    (chosen_key,) = chosen.c
    found = await session.execute(
        update(table)
        .where(*within, key.in_(select(chosen_key)))
        .values(**values)
        .returning(*columns)
        .execution_options(synchronize_session=False)
    )
    return list(found)


def shares(tenants: Sequence[int], limit: int, turn: int) -> list[tuple[int, int]]:
    """How many of `limit` each tenant may have: nobody more than an equal part, at least one.

    `turn` moves the beginning, so that with more tenants than places everybody has his turn.
    """
    if not tenants:
        return []
    start = turn % len(tenants)
    ordered = [*tenants[start:], *tenants[:start]][:limit]
    return [(tenant, max(limit // len(ordered), 1)) for tenant in ordered]
