"""Rules before they are saved: a pool is as it is typed for as long as one looks (the dry run)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ..access import require
from ..errors import NotFound
from ..work import Work
from . import queries
from .actions import put
from .queries import KnownPool
from .rules import PoolRules

Members = Sequence[tuple[str, str, bool]]


@asynccontextmanager
async def as_if(
    work: Work,
    pool_id: str,
    rules: PoolRules,
    position: int | None = None,
    members: Members | None = None,
) -> AsyncIterator[KnownPool]:
    """Within, the pool has these rules (`pool_id` "": a new one), and this place and these members
    where they are given; behind it nothing has changed. What was found is to be said within.
    Needs `pool.configure`. Raises NotFound or PoolMemberUnknown."""
    require(work, "pool.configure")
    known = {one.id: one for one in await queries.every_pool(work)}
    if pool_id and pool_id not in known:
        raise NotFound()
    if position is None:
        position = known[pool_id].position if pool_id else 0
    if members is None:
        told = (await queries.members_by_pool(work)).get(pool_id, [])
        members = [(str(one["kind"]), str(one["id"]), bool(one["is_admin"])) for one in told]
    savepoint = await work.session.begin_nested()
    try:
        name = known[pool_id].name if pool_id else ""
        _, settled = await put(
            work, pool_id or None, name=name, position=position, rules=rules, members=members
        )
        yield next(one for one in await queries.every_pool(work) if one.id == settled)
    finally:
        await savepoint.rollback()
