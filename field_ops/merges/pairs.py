"""The list of customers that may be one, for whoever may merge them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from ..access import require, scope_to_see, visible
from ..customers.models import Customer
from ..errors import NotFound
from ..history import audit
from ..work import Work
from .models import DuplicatePair
from .owners import MAY, mergeable, refuse_out_of_reach

MOST = 100
STRENGTH = (
    "credit_code", "name", "mobile", "core_here", "near", "similar", "core_elsewhere",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    one: Customer
    other: Customer
    pair: DuplicatePair


async def open_pairs(work: Work, customer_id: str = "") -> Sequence[Pair]:
    """At most a hundred open pairs of which the asker may merge both, the most alike first.

    With `customer_id` only those that this customer is one of.
    """
    require(work, MAY)
    scope = scope_to_see(work, Customer)
    if not scope.is_granted:
        return []
    one, other = aliased(Customer), aliased(Customer)
    rows = await work.session.execute(
        select(one, other, DuplicatePair)
        .select_from(DuplicatePair)
        .join(one, (one.tenant_id == DuplicatePair.tenant_id) & (one.id == DuplicatePair.one_id))
        .join(
            other,
            (other.tenant_id == DuplicatePair.tenant_id) & (other.id == DuplicatePair.other_id),
        )
        .where(
            DuplicatePair.tenant_id == work.tenant_id,
            DuplicatePair.state == "open",
            mergeable(work, one),
            mergeable(work, other),
            one.in_scope(scope),
            other.in_scope(scope),
            *([or_(one.id == customer_id, other.id == customer_id)] if customer_id else []),
        )
        .order_by(DuplicatePair.similarity.desc(), DuplicatePair.one_id, DuplicatePair.other_id)
        .limit(MOST)
    )
    found = [Pair(*row) for row in rows]
    return sorted(found, key=lambda one: (STRENGTH.index(one.pair.check), -one.pair.similarity))


async def say_different(work: Work, one_id: str, other_id: str) -> None:
    """These two are not one: the pair is not shown again, however often it is found."""
    require(work, MAY)
    first, second = sorted((one_id, other_id))
    found = await work.session.scalars(
        visible(work, Customer).where(Customer.id.in_((first, second)))
    )
    both = found.all()
    pair = await work.session.get(DuplicatePair, (work.tenant_id, first, second))
    if pair is None or len(both) < 2:
        raise NotFound()
    await refuse_out_of_reach(work, *both)
    if pair.state == "different":
        return
    pair.state, pair.decided_by, pair.decided_at = "different", work.actor.member_id, work.now
    audit.record(work, "customers.told_apart", "customer", first, {"other": (None, second)})
