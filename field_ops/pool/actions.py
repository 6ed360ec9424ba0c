"""Into a pool and out of it: claim, release, assign, and what a pool is."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from ..access import reaches, require
from ..access.fields import written_by_pool
from ..customers.actions.giving import give, take_unowned
from ..customers.actions.holding import held
from ..customers.errors import OwnerUnknown
from ..customers.models import Customer
from ..customers.owner_changes import ASSIGNED, CLAIMED, RELEASED
from ..db import insert_into, new_id
from ..errors import NotFound
from ..history import audit
from ..people.models import Department, Member
from ..plans import actions as plans
from ..tags.queries import tags_of_company
from ..tenants.models import Tenant
from ..work import Work
from . import queries
from .errors import (
    AlreadyInPool,
    EnoughSeenToday,
    NotYoursToRelease,
    PoolMemberUnknown,
    PoolTagUnknown,
    TakenMeanwhile,
)
from .facts import clocks_of
from .limits import refuse_over_the_limit, refuse_too_soon
from .models import DEFAULT, Pool, PoolMember, PoolView
from .queries import KnownPool
from .rules import PoolRules, changed


async def claim(work: Work, customer_id: str) -> Customer:
    """Make a customer of one of my pools mine. Of two who press at once the first to commit has it.

    Raises TakenMeanwhile, or which limit is reached (`limits`).
    """
    require(work, "customers.claim")
    pools = await queries.pools_of(work)
    customer, pool = await _in_my_pools(work, customer_id, pools)
    await refuse_over_the_limit(work, pools)
    changes = await queries.changes_of(work, customer.id)
    refuse_too_soon(work, customer, changes, pool.rules.claim)
    return await _take(work, customer, work.actor.me, CLAIMED, pool)


async def assign(work: Work, customer_id: str, member_id: str) -> Customer:
    """Give a customer of a pool to somebody whom I look over. Needs `customers.assign`."""
    require(work, "customers.assign")
    pools = await queries.pools_of(work)
    customer, pool = await _in_my_pools(work, customer_id, pools)
    to = await work.session.scalar(
        select(Member.id).where(
            Member.tenant_id == work.tenant_id,
            Member.id == member_id,
            Member.state == "active",
            reaches(work, "customers.assign", Member.id),
        )
    )
    if to is None:
        raise OwnerUnknown()
    return await _take(work, customer, member_id, ASSIGNED, pool)


async def release(work: Work, customer_id: str, reason: str) -> Customer:
    """Put a customer back into the pool of its owner, who no longer follows it up. His plans to
    visit it are cancelled."""
    require(work, "customers.claim")
    customer = await held(work, customer_id)
    if customer.owner_id is None:
        raise AlreadyInPool(name=customer.name)
    if customer.owner_id != work.actor.member_id and not await looks_over(work, customer):
        raise NotYoursToRelease(name=customer.name)
    pool = (await queries.pool_by_member(work, [customer.owner_id]))[customer.owner_id]
    clock = (await clocks_of(work, [customer])).get(customer.id)
    await call_off_plans(work, customer)
    due_on = clock.deadline if clock else None
    await give(work, customer, None, RELEASED, pool_id=pool.id, reason=reason, due_on=due_on)
    return customer


async def open_details(work: Work, customer_id: str) -> tuple[Customer, KnownPool]:
    """Look at a customer of a pool: each counts once a day, up to the limit."""
    require(work, "customers.claim")
    pools = await queries.pools_of(work)
    customer, pool = await _in_my_pools(work, customer_id, pools)
    me, limit = work.actor.me, queries.smallest(pools).views_a_day
    written = await work.session.execute(
        insert_into(work.session, PoolView)
        .values(tenant_id=work.tenant_id, member_id=me, day=work.today, customer_id=customer.id)
        .on_conflict_do_nothing()
        .returning(PoolView.customer_id)
    )
    if written.first() is not None and await queries.views_today(work, me) > limit:
        raise EnoughSeenToday(limit=limit)
    return customer, pool


async def configure(
    work: Work,
    pool_id: str | None,
    *,
    name: str,
    position: int,
    rules: PoolRules,
    members: Sequence[tuple[str, str, bool]],
) -> str:
    """Make a pool (`pool_id` None) or change one; returns its id. `members` are (kind, id, is
    admin). Needs `pool.configure`. A changed rule recycles nobody for a week (`rules.changed`)."""
    require(work, "pool.configure")
    before, pool_id = await put(
        work, pool_id, name=name, position=position, rules=rules, members=members
    )
    stored = (await work.session.get_one(Pool, (work.tenant_id, pool_id))).rules
    change = {"name": (None, name), "rules": (before.model_dump(mode="json"), stored)}
    audit.record(work, "pool.configured", "pool", pool_id, change)
    await tell_doors(work)
    return pool_id


async def put(
    work: Work,
    pool_id: str | None,
    *,
    name: str,
    position: int,
    rules: PoolRules,
    members: Sequence[tuple[str, str, bool]],
) -> tuple[PoolRules, str]:
    """Write a pool and who belongs to it, and nothing else; its rules before, and its id."""
    known = {one.id: one for one in await queries.every_pool(work)}
    if pool_id is not None and pool_id not in known:
        raise NotFound()
    await _refuse_unknown(work, members)
    await _refuse_unknown_tags(work, rules)
    before = known[pool_id].rules if pool_id else PoolRules()
    ruled = await queries.pool_of_everybody(work)
    pool_id = pool_id or new_id()
    row = await work.session.get(Pool, (work.tenant_id, pool_id))
    if row is None:
        row = Pool(tenant_id=work.tenant_id, id=pool_id, created_at=work.now)
        work.session.add(row)
    row.name, row.position = name, position
    row.rules = changed(before, rules, work.today).model_dump(mode="json")
    await work.session.flush()
    await _set_members(work, pool_id, members)
    await give_grace(work, ruled)
    return before, pool_id


async def give_grace(work: Work, ruled: Mapping[str, str]) -> None:
    """Where pools were made, changed or removed, others may rule over members than `ruled` says:
    their customers stay as long as under a rule that was changed."""
    now = await queries.pool_of_everybody(work)
    gained = {pool_id for one, pool_id in now.items() if ruled.get(one) != pool_id}
    for pool_id in sorted(gained):
        row = await work.session.get(Pool, (work.tenant_id, pool_id))
        if row is not None and row.ruled.recycle.is_on:
            recycle = row.rules["recycle"] | {"members_changed_on": work.today.isoformat()}
            row.rules = row.rules | {"recycle": recycle}
    await work.session.flush()


async def tell_doors(work: Work) -> None:
    """What pools show comes with whoever acts from now on, through every door."""
    shown = {one.id: one.rules.shows() for one in await queries.every_pool(work)}
    tenant = await work.session.get_one(Tenant, work.tenant_id)
    tenant.pool_fields = written_by_pool(shown)


async def looks_over(work: Work, customer: Customer) -> bool:
    """Whether the actor decides about customers of its owner."""
    asked = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id,
        Customer.id == customer.id,
        reaches(work, "customers.assign", Customer.owner_id),
    )
    return await work.session.scalar(asked) is not None


async def call_off_plans(work: Work, customer: Customer) -> None:
    """What its owner had planned there will not take place: it is nobody's now."""
    await plans.cancel(work, await plans.planned_ahead(work, customer.id, customer.owner_id))


async def _take(work: Work, customer: Customer, to_id: str, how: str, pool: KnownPool) -> Customer:
    if not await take_unowned(work, customer.id, to_id, how, pool_id=pool.id):
        raise TakenMeanwhile(name=customer.name)
    await work.session.refresh(customer)
    return customer


async def _in_my_pools(
    work: Work, customer_id: str, pools: Sequence[KnownPool]
) -> tuple[Customer, KnownPool]:
    """The customer and its pool; TakenMeanwhile when it was in one of mine until somebody took it,
    NotFound when it never was."""
    customer = await work.session.scalar(
        select(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.id == customer_id)
        .where(Customer.removed_at.is_(None))
    )
    if customer is None:
        raise NotFound()
    by_id = {pool.id: pool for pool in pools}
    if customer.owner_id is not None:
        changes = await queries.changes_of(work, customer.id)
        if changes and changes[-1].from_id is None and changes[-1].pool_id in by_id:
            raise TakenMeanwhile(name=customer.name)
        raise NotFound()
    pool = by_id.get(customer.pool_id or DEFAULT)
    if pool is None:
        raise NotFound()
    return customer, pool


async def _refuse_unknown(work: Work, members: Sequence[tuple[str, str, bool]]) -> None:
    for kind, subject_id, _ in members:
        table = Member if kind == "member" else Department
        if await work.session.get(table, (work.tenant_id, subject_id)) is None:
            raise PoolMemberUnknown()


async def _refuse_unknown_tags(work: Work, rules: PoolRules) -> None:
    """Neither a tag that gives out customers nor who gets them may be nobody."""
    lines = rules.allocation.by_tag
    if not lines:
        return
    tags = await tags_of_company(work)
    if any(tags.present(line.tag_id) is None for line in lines):
        raise PoolTagUnknown()
    named = {one for line in lines for one in line.member_ids}
    await _refuse_unknown(work, [("member", one, False) for one in sorted(named)])


async def _set_members(work: Work, pool_id: str, members: Sequence[tuple[str, str, bool]]) -> None:
    await work.session.execute(
        delete(PoolMember).where(
            PoolMember.tenant_id == work.tenant_id, PoolMember.pool_id == pool_id
        )
    )
    for kind, subject_id, is_admin in dict.fromkeys(members):
        await work.session.execute(
            insert_into(work.session, PoolMember)
            .values(
                tenant_id=work.tenant_id,
                pool_id=pool_id,
                kind=kind,
                subject_id=subject_id,
                is_admin=is_admin,
            )
            .on_conflict_do_nothing()
        )
