"""Doors that would move, and wait for whoever confirms places there (domain.md §4.5)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_
from sqlalchemy.orm import aliased

from ..access import reaches, visible
from ..customers.models import Customer, CustomerLocation
from ..customers.place_evidence import PlaceEvidence, counts_of
from ..customers.queries import names_of
from ..geo import Point
from ..people.models import Member
from ..work import Work
from .models import FixRecord, Visit

CONFIRM = "customers.confirm_location"
MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class Behind:
    """A check-in that speaks for the new place, as far as the asker sees it."""

    visit: Visit
    member_name: str
    fix: FixRecord
    point: Point


@dataclass(frozen=True, slots=True)
class PlaceMove:
    """`check_ins` counts all that speak for it; `behind` has those in the asker's sight."""

    customer: Customer
    before: CustomerLocation
    after: CustomerLocation
    proposed_by_name: str
    check_ins: int
    behind: Sequence[Behind]


async def waiting_for_me(work: Work, customer_id: str | None = None) -> list[PlaceMove]:
    """What the actor decides about, the oldest first."""
    before = aliased(CustomerLocation)
    wanted = (
        visible(work, Customer)
        .join(
            CustomerLocation,
            and_(
                CustomerLocation.tenant_id == Customer.tenant_id,
                CustomerLocation.customer_id == Customer.id,
            ),
        )
        .join(
            before,
            and_(
                before.tenant_id == CustomerLocation.tenant_id,
                before.customer_id == CustomerLocation.customer_id,
                before.door == CustomerLocation.door,
                before.door_name == CustomerLocation.door_name,
                before.status == "confirmed",
            ),
        )
        .with_only_columns(Customer, before, CustomerLocation)
        .where(
            CustomerLocation.status == "proposed",
            CustomerLocation.replaces_id.is_not(None),
            reaches(work, CONFIRM, Customer.owner_id),
        )
        .order_by(CustomerLocation.id)
        .limit(MOST_WAITING)
    )
    if customer_id is not None:
        wanted = wanted.where(Customer.id == customer_id)
    rows = (await work.session.execute(wanted)).all()
    proposed = [after.id for _, _, after in rows]
    check_ins = await counts_of(work, proposed)
    behind = await behind_each(work, proposed)
    name_of = await names_of(work, [after.proposed_by for _, _, after in rows])
    return [
        PlaceMove(
            customer=customer,
            before=old,
            after=after,
            proposed_by_name=name_of.get(after.proposed_by or "", ""),
            check_ins=check_ins.get(after.id, 0),
            behind=behind.get(after.id, []),
        )
        for customer, old, after in rows
    ]


async def behind_each(work: Work, location_ids: Collection[str]) -> dict[str, list[Behind]]:
    """The check-ins that speak for each of these places, as far as the asker sees them."""
    if not location_ids:
        return {}
    rows = await work.session.execute(
        visible(work, Visit)
        .join(
            PlaceEvidence,
            and_(PlaceEvidence.tenant_id == Visit.tenant_id, PlaceEvidence.visit_id == Visit.id),
        )
        .join(
            FixRecord,
            and_(
                FixRecord.tenant_id == Visit.tenant_id,
                FixRecord.visit_id == Visit.id,
                FixRecord.end == "check_in",
            ),
        )
        .join(Member, and_(Member.tenant_id == Visit.tenant_id, Member.id == Visit.owner_id))
        .with_only_columns(PlaceEvidence.location_id, Visit, Member.name, FixRecord)
        .where(PlaceEvidence.location_id.in_(location_ids))
        .order_by(FixRecord.at.desc(), Visit.id)
    )
    found: dict[str, list[Behind]] = {}
    for location_id, visit, name, fix in rows:
        if fix.lat is not None and fix.lng is not None:
            point = Point(fix.lat, fix.lng)
            found.setdefault(location_id, []).append(Behind(visit, name, fix, point))
    return found
