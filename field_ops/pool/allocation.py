"""The system gives customers of a pool to its members (domain.md §8.2), where a pool says so.

Who is away or holds as many as he may is passed over. A customer that somebody claims meanwhile is
his: the first to commit has it, as between two who claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, func, select, true

from ..access import may
from ..customers.actions.giving import take_unowned
from ..customers.models import Customer
from ..customers.owner_changes import ALLOCATED, OwnerChange
from ..outbox.post import post
from ..people.queries import actor_again
from ..tags.queries import has_any, tags_of_company
from ..territories.queries import every_territory, may_lie_in
from ..work import Work
from . import queries
from .absences import is_away
from .choosing import NEVER, Candidate, choose, look_at, named_by, reason_of
from .messages import allocated_card
from .queries import KnownPool
from .rules import AllocationRule

AT_ONCE = 40  # customers of one transaction
FORECAST = 200  # customers that a dry run looks at


@dataclass(frozen=True, slots=True)
class Given:
    """A customer of a pool, who gets it (None: nobody for now), and why."""

    customer: Customer
    to: Candidate | None
    reason: str


async def pools_that_give(work: Work) -> list[str]:
    """The pools whose rules give customers out."""
    return [one.id for one in await queries.every_pool(work) if one.rules.allocation.mode != "off"]


async def allocate(work: Work, pool_id: str, after: str = "") -> str:
    """Give out some of what waits in a pool, beginning behind the customer `after`. Returns the
    last that was looked at, "" when that was all. Called by the worker."""
    pool = next((one for one in await queries.every_pool(work) if one.id == pool_id), None)
    if pool is None or pool.rules.allocation.mode == "off":
        return ""
    candidates = await _candidates(work, pool)
    can_be = await _may_be_given(work, pool.rules.allocation, {one.id for one in candidates})
    waiting = await _waiting(work, pool, can_be, after, AT_ONCE) if candidates else []
    await _settle(work, pool, waiting, candidates, is_real=True)
    for one in candidates:
        if one.got:
            await _tell(work, pool, one)
    is_over = len(waiting) < AT_ONCE or not any(one.has_room for one in candidates)
    return "" if is_over else waiting[-1].id


async def forecast(work: Work, pool: KnownPool) -> tuple[int, list[Given]]:
    """How many wait in the pool by its rules, and whom the first of them would be given to if the
    worker came now: the dry run. Changes nothing."""
    if pool.rules.allocation.mode == "off":
        return 0, []
    came = _came_before(work, pool.rules.allocation)
    asked = select(func.count()).where(queries.in_pools(work, [pool]), came)
    waiting = await _waiting(work, pool, true(), "", FORECAST)
    candidates = await _candidates(work, pool)
    count = await work.session.scalar(asked) or 0
    return count, await _settle(work, pool, waiting, candidates, is_real=False)


async def _settle(
    work: Work,
    pool: KnownPool,
    waiting: Sequence[Customer],
    candidates: Sequence[Candidate],
    *,
    is_real: bool,
) -> list[Given]:
    """One after another, each counted before the next; really, or only as if."""
    rule = pool.rules.allocation
    named = await named_by(work, rule, waiting)
    settled = []
    for customer in waiting:
        its = named.get(customer.id)
        await look_at(work, rule.mode, customer, candidates, its)
        to = choose(rule.mode, candidates)
        reason = reason_of(rule.mode, to, its) if to else ""
        if to and is_real and not await _take(work, pool, customer, to, reason):
            to = None
        if to:
            _count(work, rule.mode, customer, to, candidates)
        settled.append(Given(customer, to, reason))
    return settled


async def _take(
    work: Work, pool: KnownPool, customer: Customer, to: Candidate, reason: str
) -> bool:
    return await take_unowned(work, customer.id, to.id, ALLOCATED, pool_id=pool.id, reason=reason)


def _count(
    work: Work, mode: str, customer: Customer, to: Candidate, candidates: Sequence[Candidate]
) -> None:
    to.held, to.last_at = to.held + 1, work.now
    to.got.append(customer.name)
    to.last_id = customer.id
    if mode == "round_robin":  # of one moment: whoever just got one is the last again
        to.last_at += timedelta(microseconds=sum(len(one.got) for one in candidates))


def _came_before(work: Work, rule: AllocationRule) -> ColumnElement[bool]:
    came = func.coalesce(Customer.owner_since, Customer.created_at)
    return came <= work.now - timedelta(hours=rule.after_hours)


async def _waiting(
    work: Work, pool: KnownPool, can_be: ColumnElement[bool], after: str, limit: int
) -> Sequence[Customer]:
    found = await work.session.scalars(
        select(Customer)
        .where(
            queries.in_pools(work, [pool]),
            _came_before(work, pool.rules.allocation),
            can_be,
            Customer.id > after,
        )
        .order_by(Customer.id)
        .limit(limit)
    )
    return found.all()


async def _may_be_given(
    work: Work, rule: AllocationRule, member_ids: set[str]
) -> ColumnElement[bool]:
    """True for what one of these members may be named for: what waits for somebody else is not
    looked at again every time."""
    if rule.mode == "territory":
        return may_lie_in(
            [one for one in await every_territory(work) if one.owner_id in member_ids]
        )
    if rule.mode == "by_tag":
        tags = await tags_of_company(work)
        lines = [one for one in rule.by_tag if member_ids & set(one.member_ids)]
        present = {tag.id for one in lines if (tag := tags.present(one.tag_id))}
        meant = [tag_id for one in present for tag_id in tags.meant_by(one)]
        return has_any(work, meant, Customer.id)
    return true()


async def _candidates(work: Work, pool: KnownPool) -> list[Candidate]:
    """Active members of the pool who may claim, are here today, and have room."""
    ids = await queries.members_of(work, pool.id)
    away = await is_away(work, ids)
    limits = await queries.holding_limits(work, ids)
    rows = await work.session.execute(
        select(OwnerChange.to_id, func.max(OwnerChange.at))
        .where(
            OwnerChange.tenant_id == work.tenant_id,
            OwnerChange.how == ALLOCATED,
            OwnerChange.to_id.in_(ids),
        )
        .group_by(OwnerChange.to_id)
    )
    last = {member_id: at for member_id, at in rows}  # noqa: C416 - rows are not pairs for mypy
    found = []
    for member_id in sorted(set(ids) - away):
        known = await actor_again(work.session, work.actor, member_id)
        if known is None or not may(replace(work, actor=known[0]), "customers.claim"):
            continue
        held = await queries.holding(work, member_id)
        one = Candidate(member_id, held, limits[member_id], last.get(member_id) or NEVER)
        if one.has_room:
            found.append(one)
    return found


async def _tell(work: Work, pool: KnownPool, one: Candidate) -> None:
    await post(
        work,
        to=one.id,
        message=partial(allocated_card, one.got),
        kind="allocated",
        once=f"allocated-{pool.id}-{one.id}-{one.last_id}",
    )
