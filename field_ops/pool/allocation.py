"""The system gives customers of a pool to its members (domain.md §8.2), where a pool says so.

Who is away or holds as many as he may is passed over. A customer that somebody claims meanwhile is
his: the first to commit has it, as between two who claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import and_, func, select

from ..access import may
from ..customers.actions.giving import take_unowned
from ..customers.models import Customer, CustomerLocation
from ..customers.owner_changes import ALLOCATED, OwnerChange
from ..customers.queries import place_by_customer
from ..geo import Point
from ..outbox.post import post
from ..people.queries import actor_again
from ..work import Work
from . import queries
from .absences import is_away
from .messages import allocated_card
from .queries import KnownPool

AT_ONCE = 40  # customers of one transaction
NEAR_M = 10_000
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Candidate:
    """A member who may be given one more. `last_at` is when the system last gave him one."""

    id: str
    held: int
    limit: int
    last_at: datetime = NEVER
    in_city: int = 0
    distance_m: float = float("inf")
    got: list[str] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        return self.held < self.limit


def choose(mode: str, candidates: Sequence[Candidate]) -> Candidate | None:
    """Who gets it; None when nobody has room. Pure; equal ones in the order of their ids."""

    def rank(one: Candidate) -> tuple[object, ...]:
        load = (one.held, one.last_at, one.id)
        match mode:
            case "round_robin":
                return (one.last_at, one.id)
            case "same_city":
                return (one.in_city == 0, *load)
            case "nearest":
                return (one.distance_m, *load)
            case _:
                return load

    return min((one for one in candidates if one.has_room), key=rank, default=None)


async def allocate(work: Work) -> int:
    """Give out some of what waits in pools that say so; returns how many. Called by the worker."""
    given = 0
    for pool in await queries.every_pool(work):
        rule = pool.rules.allocation
        if rule.mode == "off":
            continue
        waiting = await _waiting(work, pool, work.now - timedelta(hours=rule.after_hours))
        candidates = await _candidates(work, pool) if waiting else []
        for customer in waiting:
            given += await _give(work, pool, customer, candidates)
        for one in candidates:
            if one.got:
                await _tell(work, pool, one)
    return given


async def _waiting(work: Work, pool: KnownPool, since: datetime) -> Sequence[Customer]:
    came = func.coalesce(Customer.owner_since, Customer.created_at)
    found = await work.session.scalars(
        select(Customer)
        .where(queries.in_pools(work, [pool]), came <= since)
        .order_by(Customer.id)
        .limit(AT_ONCE)
    )
    return found.all()


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


async def _give(
    work: Work, pool: KnownPool, customer: Customer, candidates: Sequence[Candidate]
) -> bool:
    mode = pool.rules.allocation.mode
    if mode == "same_city":
        await _count_in_city(work, customer, candidates)
    if mode == "nearest":
        await _measure(work, customer, candidates)
    to = choose(mode, candidates)
    if to is None or not await take_unowned(work, customer.id, to.id, ALLOCATED, pool_id=pool.id):
        return False
    to.held, to.last_at = to.held + 1, work.now
    to.got.append(customer.name)
    if mode == "round_robin":  # of one moment: whoever just got one is the last again
        to.last_at += timedelta(microseconds=sum(len(one.got) for one in candidates))
    return True


async def _count_in_city(work: Work, customer: Customer, candidates: Sequence[Candidate]) -> None:
    """Whose customers are in the same city, until there are territories."""
    rows = await work.session.execute(
        select(Customer.owner_id, func.count())
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_([one.id for one in candidates]),
            Customer.removed_at.is_(None),
            Customer.city == customer.city,
            Customer.city != "",
        )
        .group_by(Customer.owner_id)
    )
    counts = {owner_id: count for owner_id, count in rows}  # noqa: C416 - rows are not pairs
    for one in candidates:
        one.in_city = counts.get(one.id, 0)


async def _measure(work: Work, customer: Customer, candidates: Sequence[Candidate]) -> None:
    """How far the nearest customer of each is."""
    for one in candidates:
        one.distance_m = float("inf")
    place = (await place_by_customer(work, [customer.id])).get(customer.id)
    if place is None:
        return
    here, by_id = Point(place.lat, place.lng), {one.id: one for one in candidates}
    south, north, west, east = here.box(NEAR_M)
    rows = await work.session.execute(
        select(Customer.owner_id, CustomerLocation.lat, CustomerLocation.lng)
        .join(
            CustomerLocation,
            and_(
                CustomerLocation.tenant_id == Customer.tenant_id,
                CustomerLocation.customer_id == Customer.id,
            ),
        )
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_(list(by_id)),
            Customer.removed_at.is_(None),
            CustomerLocation.status != "past",
            CustomerLocation.lat.between(south, north),
            CustomerLocation.lng.between(west, east),
        )
    )
    for owner_id, lat, lng in rows:
        owner = by_id[owner_id or ""]
        owner.distance_m = min(owner.distance_m, here.distance_m(Point(lat, lng)))


async def _tell(work: Work, pool: KnownPool, one: Candidate) -> None:
    await post(
        work,
        to=one.id,
        message=partial(allocated_card, one.got),
        kind="allocated",
        once=f"allocated-{pool.id}-{one.id}-{work.now:%Y%m%d%H%M%S}",
    )
