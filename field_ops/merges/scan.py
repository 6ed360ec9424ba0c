"""The nightly look for customers that may be one (domain.md §7.4).

Whether two are suspicious depends on nothing but the two. So only what changed since the last look
is compared with everybody, and the pairs are those of comparing all with all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, delete, or_, select, tuple_

from ..customers.duplicates import described
from ..customers.models import Customer
from ..customers.queries import place_by_customer
from ..customers.suspects import Action, Suspect, suspects
from ..db import insert_into
from ..geo import Point
from ..work import Work
from .models import DuplicatePair, DuplicateScan

CHUNK = 100
BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Looked:
    """What some customers may be, and how far the look has come with them."""

    found: dict[str, list[Suspect]]
    updated_at: datetime
    customer_id: str


async def look(work: Work, limit: int = CHUNK) -> Looked | None:
    """Compare the next customers that changed; None when there are none. Changes nothing."""
    mark = await work.session.get(DuplicateScan, work.tenant_id)
    after = (mark.updated_at, mark.customer_id) if mark else (BEFORE_EVERYTHING, "")
    changed = (
        await work.session.scalars(
            select(Customer)
            .where(
                Customer.tenant_id == work.tenant_id,
                tuple_(Customer.updated_at, Customer.id) > after,
            )
            .order_by(Customer.updated_at, Customer.id)
            .limit(limit)
        )
    ).all()
    if not changed:
        return None
    places = await place_by_customer(work, [one.id for one in changed])
    found: dict[str, list[Suspect]] = {one.id: [] for one in changed}
    for customer in changed:
        if customer.removed_at is not None:
            continue
        place = places.get(customer.id)
        here = Point(place.lat, place.lng) if place else None
        alike = await suspects(
            work,
            await described(work, customer, here),
            besides=customer.id,
            also=await _partners(work, customer.id),
        )
        found[customer.id] = [one for one in alike if one.action is not Action.SHOW]
    return Looked(found, changed[-1].updated_at, changed[-1].id)


async def note(work: Work, looked: Looked) -> None:
    """Remember the pairs. Who changed since the look is looked at again by the next one."""
    for customer_id, found in looked.found.items():
        await _note(work, customer_id, found)
    row = insert_into(work.session, DuplicateScan).values(
        tenant_id=work.tenant_id, updated_at=looked.updated_at, customer_id=looked.customer_id
    )
    await work.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={
                "updated_at": row.excluded.updated_at,
                "customer_id": row.excluded.customer_id,
            },
        )
    )


async def _partners(work: Work, customer_id: str) -> set[str]:
    """Whom it was found like before."""
    rows = await work.session.execute(
        select(DuplicatePair.one_id, DuplicatePair.other_id).where(
            DuplicatePair.tenant_id == work.tenant_id,
            or_(DuplicatePair.one_id == customer_id, DuplicatePair.other_id == customer_id),
        )
    )
    return {one for row in rows for one in row} - {customer_id}


async def _note(work: Work, customer_id: str, found: Sequence[Suspect]) -> None:
    """The pairs of this customer as they are now; what somebody decided about one stays."""
    others = {one.customer.id: one for one in found}
    pairs = [tuple(sorted((customer_id, other))) for other in others]
    mine = or_(DuplicatePair.one_id == customer_id, DuplicatePair.other_id == customer_id)
    gone = delete(DuplicatePair).where(
        DuplicatePair.tenant_id == work.tenant_id,
        mine,
        and_(
            DuplicatePair.one_id.not_in([*others]),
            DuplicatePair.other_id.not_in([*others]),
        ),
    )
    await work.session.execute(gone)
    for (one, other), suspect in zip(pairs, others.values(), strict=True):
        row = insert_into(work.session, DuplicatePair).values(
            tenant_id=work.tenant_id,
            one_id=one,
            other_id=other,
            check=suspect.check.value,
            similarity=suspect.similarity,
            found_at=work.now,
            state="open",
        )
        await work.session.execute(
            row.on_conflict_do_update(
                index_elements=["tenant_id", "one_id", "other_id"],
                set_={"check": row.excluded.check, "similarity": row.excluded.similarity},
            )
        )
