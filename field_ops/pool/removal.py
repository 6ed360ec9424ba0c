"""A pool is removed, and within a week it is there again."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import and_, delete, func, select, update

from ..access import require
from ..customers.models import Customer
from ..db import alone_with
from ..errors import NotFound
from ..history import audit, changes
from ..work import Work
from . import queries
from .actions import give_grace, tell_doors
from .errors import OwnPoolStays, PoolHasCustomers, PoolTooLarge, TooLateToRestore
from .models import DEFAULT, Pool, PoolMove

RESTORED_WITHIN = timedelta(days=7)
MOST = 5000  # customers of one transaction: each is told to copies and webhooks
IN_ONE_STATEMENT = 500


async def remove(work: Work, pool_id: str, into: str) -> int:
    """Remove a pool; what lies in it goes `into` another one, "" where it is empty. Whoever owns a
    customer keeps it. Returns how many moved. Needs `pool.configure`.

    Raises OwnPoolStays, PoolHasCustomers where nobody said whither, PoolTooLarge, NotFound.
    """
    require(work, "pool.configure")
    if pool_id == DEFAULT:
        raise OwnPoolStays()
    await alone_with(work.session, f"pools-{work.tenant_id}")
    known = {one.id for one in await queries.every_pool(work)}
    if pool_id not in known or (into and (into not in known or into == pool_id)):
        raise NotFound()
    ids = await _lying_in(work, pool_id)
    pool = await work.session.get_one(Pool, (work.tenant_id, pool_id))
    living = (await lying_in_each(work)).get(pool_id, 0)
    if living and not into:
        raise PoolHasCustomers(name=pool.name, count=living)
    into = into or DEFAULT
    if len(ids) > MOST:
        raise PoolTooLarge(name=pool.name, count=len(ids), limit=MOST)
    ruled = await queries.pool_of_everybody(work)
    pool.removed_at, pool.moved_to = work.now, into
    await work.session.flush()
    await _move(work, ids, pool_id, into)
    for customer_id in ids:
        row = PoolMove(tenant_id=work.tenant_id, pool_id=pool_id, customer_id=customer_id)
        work.session.add(row)
    await give_grace(work, ruled)
    change = {"name": (pool.name, None), "moved_to": (None, into), "customers": (len(ids), 0)}
    audit.record(work, "pool.removed", "pool", pool_id, change)
    await tell_doors(work)
    await work.session.flush()
    return len(ids)


async def restore(work: Work, pool_id: str) -> int:
    """The pool is there again, with its rules and members, and with those of its customers that
    still lie where they went. Returns how many came back. Needs `pool.configure`."""
    require(work, "pool.configure")
    await alone_with(work.session, f"pools-{work.tenant_id}")
    pool = await work.session.get(Pool, (work.tenant_id, pool_id))
    if pool is None or pool.removed_at is None:
        raise NotFound()
    if work.now - pool.removed_at > RESTORED_WITHIN:
        raise TooLateToRestore(name=pool.name, days=RESTORED_WITHIN.days)
    ruled = await queries.pool_of_everybody(work)
    at = pool.moved_to or DEFAULT
    pool.removed_at = pool.moved_to = None
    await work.session.flush()
    ids = await _moved_from(work, pool_id, at)
    await _move(work, ids, at, pool_id)
    await work.session.execute(
        delete(PoolMove).where(PoolMove.tenant_id == work.tenant_id, PoolMove.pool_id == pool_id)
    )
    await give_grace(work, ruled)
    audit.record(work, "pool.restored", "pool", pool_id, {"customers": (0, len(ids))})
    await tell_doors(work)
    await work.session.flush()
    return len(ids)


async def removed_pools(work: Work) -> Sequence[Pool]:
    """Those that can still be restored, the newest first."""
    found = await work.session.scalars(
        select(Pool)
        .where(Pool.tenant_id == work.tenant_id, Pool.removed_at >= work.now - RESTORED_WITHIN)
        .order_by(Pool.removed_at.desc(), Pool.id)
    )
    return found.all()


async def lying_in_each(work: Work) -> dict[str, int]:
    """How many customers lie in each pool."""
    pool_id = func.coalesce(Customer.pool_id, DEFAULT)
    rows = await work.session.execute(
        select(pool_id, func.count())
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.is_(None),
            Customer.removed_at.is_(None),
        )
        .group_by(pool_id)
    )
    return {one: count for one, count in rows}  # noqa: C416 - rows are not pairs for mypy


async def follow(work: Work) -> int:
    """What came into a removed pool at the moment of its removal goes where the others went; how
    many. Called by the worker."""
    moved = 0
    gone = await work.session.scalars(
        select(Pool).where(Pool.tenant_id == work.tenant_id, Pool.removed_at.is_not(None))
    )
    known = {one.id for one in await queries.every_pool(work)}
    for pool in gone.all():
        into = pool.moved_to if pool.moved_to in known else DEFAULT
        ids = (await _lying_in(work, pool.id))[:IN_ONE_STATEMENT]
        await _move(work, ids, pool.id, into or DEFAULT)
        moved += len(ids)
    return moved


async def _lying_in(work: Work, pool_id: str) -> list[str]:
    """Whoever is removed is among them: it may come back by an undo."""
    found = await work.session.scalars(
        select(Customer.id)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.is_(None),
            Customer.pool_id == pool_id,
        )
        .order_by(Customer.id)
        .with_for_update()
    )
    return list(found)


async def _moved_from(work: Work, pool_id: str, at: str) -> list[str]:
    there = Customer.pool_id.is_(None) if at == DEFAULT else Customer.pool_id == at
    if at == DEFAULT:
        there = there | (Customer.pool_id == DEFAULT)
    found = await work.session.scalars(
        select(Customer.id)
        .join(
            PoolMove,
            and_(PoolMove.tenant_id == Customer.tenant_id, PoolMove.customer_id == Customer.id),
        )
        .where(
            Customer.tenant_id == work.tenant_id,
            PoolMove.pool_id == pool_id,
            Customer.owner_id.is_(None),
            there,
        )
        .order_by(Customer.id)
        .with_for_update(of=Customer)
    )
    return list(found)


async def _move(work: Work, ids: Collection[str], before: str, after: str) -> None:
    """Since when it lies in a pool, and how that came about, stay as they are."""
    some = sorted(ids)
    for start in range(0, len(some), IN_ONE_STATEMENT):
        part = some[start : start + IN_ONE_STATEMENT]
        await work.session.execute(
            update(Customer)
            .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(part))
            .values(pool_id=after, revision=Customer.revision + 1)
            .execution_options(synchronize_session=False)
        )
        changes.moved(work, Customer, part)
    for customer_id in some:
        audit.record(work, "customer.repooled", "customer", customer_id, {"pool": (before, after)})
