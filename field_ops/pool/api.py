"""The routes of pools."""

from typing import Any

from sqlalchemy import select

from ..access import require
from ..access.fields import Eyes, eyes_of
from ..customers.errors import OwnerUnknown
from ..customers.models import Contact, Customer
from ..customers.queries import names_of
from ..customers.schemas import MemberOut
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, queries, removal
from .errors import (
    AlreadyInPool,
    ClaimedTooOften,
    EnoughForToday,
    EnoughSeenToday,
    HoldsEnough,
    NotClaimableYet,
    NotYoursToRelease,
    OwnPoolStays,
    PoolHasCustomers,
    PoolMemberUnknown,
    PoolTagUnknown,
    PoolTooLarge,
    TakenMeanwhile,
    TooLateToRestore,
    WasYours,
)
from .holds import UNTOLD
from .models import DEFAULT
from .queries import KnownPool
from .schemas import (
    ClaimedOut,
    MovedOut,
    PoolCustomerOut,
    PoolIn,
    PoolOut,
    PoolOwnerIn,
    PoolOwnerOut,
    PoolQuery,
    PoolRow,
    PoolRows,
    PoolSettings,
    PoolSettingsOut,
    PoolsOut,
    ReleasedOut,
    ReleaseIn,
    RemovalQuery,
    RemovedPool,
)

routes = Routes("/api/v1", tag="pools")


@routes.get("/pools", refusals=(NotAllowed,))
async def show_pools(work: Work) -> PoolsOut:
    """The pools that I may claim from, their rules, and how much is left for me today."""
    require(work, "customers.claim")
    pools, me = await queries.pools_of(work), work.actor.me
    rule = queries.smallest(pools)
    return PoolsOut(
        pools=[_pool(one) for one in pools],
        claims_left=max(0, rule.a_day - await queries.claims_today(work, me)),
        views_left=max(0, rule.views_a_day - await queries.views_today(work, me)),
        holding=await queries.holding(work, me),
        holding_limit=rule.holding,
        untold=list(UNTOLD),
    )


@routes.get("/pools/settings", refusals=(NotAllowed,))
async def show_pool_settings(work: Work) -> PoolSettingsOut:
    """Every pool with its rules and members, for who configures them."""
    require(work, "pool.configure")
    members = await queries.members_by_pool(work)
    pools = await queries.every_pool(work)
    named = {
        member_id
        for one in pools
        for line in one.rules.allocation.by_tag
        for member_id in line.member_ids
    }
    names = await names_of(work, named)
    lying = await removal.lying_in_each(work)
    return PoolSettingsOut(
        pools=[
            PoolSettings.model_validate(
                {
                    "id": one.id,
                    "name": one.name,
                    "position": one.position,
                    "rules": one.rules.model_dump(),
                    "members": members.get(one.id, []),
                    "customers": lying.get(one.id, 0),
                }
            )
            for one in pools
        ],
        named=[MemberOut(id=one, name=names[one]) for one in sorted(names)],
        removed=[
            RemovedPool.model_validate(one, from_attributes=True)
            for one in await removal.removed_pools(work)
        ],
    )


@routes.post("/pools", status=201, refusals=(NotAllowed, PoolMemberUnknown, PoolTagUnknown))
async def make_pool(work: Work, body: PoolIn) -> PoolOut:
    """Make a pool of its own members and rules."""
    return await _configured(work, None, body)


@routes.put("/pools/{pool_id}", refusals=(NotFound, NotAllowed, PoolMemberUnknown, PoolTagUnknown))
async def configure_pool(work: Work, pool_id: str, body: PoolIn) -> PoolOut:
    """Change a pool; `default` is the company's own. A changed rule recycles nobody for a week."""
    return await _configured(work, pool_id, body)


@routes.delete(
    "/pools/{pool_id}",
    refusals=(NotFound, NotAllowed, OwnPoolStays, PoolHasCustomers, PoolTooLarge),
)
async def remove_pool(work: Work, pool_id: str, query: RemovalQuery) -> MovedOut:
    """Remove a pool; what lies in it goes into another one. Who owns a customer keeps it, and what
    another pool's rules say of it counts after a week."""
    return MovedOut(moved=await removal.remove(work, pool_id, query.into))


@routes.post("/pools/{pool_id}/restoration", refusals=(NotFound, NotAllowed, TooLateToRestore))
async def restore_pool(work: Work, pool_id: str) -> MovedOut:
    """Within seven days a removed pool is there again, with those of its customers that nobody
    took since."""
    return MovedOut(moved=await removal.restore(work, pool_id))


@routes.get("/pools/customers", refusals=(NotAllowed,))
async def customers_in_pools(work: Work, query: PoolQuery) -> PoolRows:
    """What lies in my pools, the newest customers first."""
    require(work, "customers.claim")
    pools = await queries.pools_of(work)
    asked = [one for one in pools if query.pool_id in ("", one.id)]
    rows, more = await queries.in_the_pool(
        work, asked, typed=query.q, level=query.level, page=query.page
    )
    by_id = {one.id: one for one in pools}
    eyes = eyes_of(work)
    shown = [PoolRow(**_row(eyes, row, by_id[row.pool_id or DEFAULT])) for row in rows]
    return PoolRows(rows=shown, more=more)


@routes.post(
    "/pools/customers/{customer_id}/view",
    refusals=(NotFound, NotAllowed, TakenMeanwhile, EnoughSeenToday),
)
async def view_pool_customer(work: Work, customer_id: str) -> PoolCustomerOut:
    """The details of one customer of a pool, as far as the pool shows them. Each counts once a
    day against the limit."""
    customer, pool = await actions.open_details(work, customer_id)
    eyes = eyes_of(work)
    contacts = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id)
        .order_by(Contact.is_main.desc(), Contact.id)
    )
    limit = queries.smallest(await queries.pools_of(work)).views_a_day
    return PoolCustomerOut.model_validate(
        {
            **_row(eyes, customer, pool),
            "customer_kind": customer.customer_kind,
            "type": customer.type,
            "note": eyes.text("note", customer, customer.note),
            "contacts": [
                {
                    "name": one.name,
                    "title": one.title,
                    "phone": eyes.text("phone", customer, one.phone),
                }
                for one in contacts
                if eyes.shows_contacts(customer)
            ],
            "views_left": max(0, limit - await queries.views_today(work, work.actor.me)),
        }
    )


@routes.post(
    "/pools/customers/{customer_id}/claim",
    refusals=(
        NotFound,
        NotAllowed,
        TakenMeanwhile,
        EnoughForToday,
        HoldsEnough,
        NotClaimableYet,
        WasYours,
        ClaimedTooOften,
    ),
)
async def claim_customer(work: Work, customer_id: str) -> ClaimedOut:
    """Make it mine. Of two who ask at once, one has it and the other is told."""
    customer = await actions.claim(work, customer_id)
    rule = queries.smallest(await queries.pools_of(work))
    left = rule.a_day - await queries.claims_today(work, work.actor.me)
    return ClaimedOut(customer_id=customer.id, claims_left=max(0, left))


@routes.put(
    "/pools/customers/{customer_id}/owner",
    refusals=(NotFound, NotAllowed, TakenMeanwhile, OwnerUnknown),
)
async def assign_from_pool(work: Work, customer_id: str, body: PoolOwnerIn) -> PoolOwnerOut:
    """Give a customer of a pool to one of my people."""
    await actions.assign(work, customer_id, body.member_id)
    names = await names_of(work, [body.member_id])
    owner = {"id": body.member_id, "name": names[body.member_id]}
    return PoolOwnerOut.model_validate({"owner": owner})


@routes.post(
    "/customers/{customer_id}/release",
    refusals=(NotFound, NotAllowed, NotYoursToRelease, AlreadyInPool),
)
async def release_customer(work: Work, customer_id: str, body: ReleaseIn) -> ReleasedOut:
    """Put a customer back into the pool, and say why."""
    customer = await actions.release(work, customer_id, body.reason)
    return ReleasedOut(customer_id=customer.id)


async def _configured(work: Work, pool_id: str | None, body: PoolIn) -> PoolOut:
    settled = await actions.configure(
        work,
        pool_id,
        name=body.name,
        position=body.position,
        rules=body.rules,
        members=[(one.kind, one.id, one.is_admin) for one in body.members],
    )
    return _pool(next(one for one in await queries.pools_of(work) if one.id == settled))


def _pool(pool: KnownPool) -> PoolOut:
    return PoolOut(id=pool.id, name=pool.name, rules=pool.rules, is_admin=pool.is_admin)


def _row(eyes: Eyes, customer: Customer, pool: KnownPool) -> dict[str, Any]:
    return {
        **{name: getattr(customer, name) for name in PLAIN},
        "address": eyes.text("address", customer, customer.address),
        "phone": eyes.text("phone", customer, customer.phone),
        "pool_id": pool.id,
        "pool_name": pool.name,
        "since": customer.owner_since,
        "how": customer.owner_how,
    }


PLAIN = ("id", "number", "name", "level", "lifecycle_stage", "city", "last_visit_at")
