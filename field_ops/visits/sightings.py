"""Check-ins as witnesses of where a customer is (domain.md §4.5): which are honest, and what they
do to its places."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, select

from ..customers import actions as customers
from ..customers.actions.healing import heal
from ..customers.actions.holding import held
from ..customers.agreement import LOOKED_AT, Sighting
from ..customers.models import Customer, CustomerLocation
from ..customers.place_rules import PlaceRules, rules_of
from ..customers.queries import present_places
from ..customers.schemas import LocationIn
from ..geo import Point
from ..work import Work
from .flags import Flag
from .models import FixRecord, Visit, VisitFlag
from .verdict import Fix

ACCURATE_M = 100  # a fix that may be further off says nothing about a hundred metres
READ = 5 * LOOKED_AT  # of a customer with several doors
# That he was away from where we think it is, is what the place is asked about. That one end had a
# weak position is told by the fix of the check-in itself.
NOT_AGAINST = frozenset({"OUT_OF_RANGE", "NEAR", "WEAK", "NO_FIX"})


async def learn_place(
    work: Work,
    customer: Customer,
    doors: Sequence[CustomerLocation],
    fix: Fix | None,
    noticed: Iterable[Flag | VisitFlag],
) -> None:
    """Let a check-in say where it was. Most were where they should be, and cost nothing here."""
    if fix is None or not fix.is_usable or is_doubtful(noticed):
        return
    if doors and not is_accurate(fix.accuracy_m):
        return
    rules = await rules_of(work)
    nearest = min(doors, key=lambda door: door.point.distance_m(fix.point), default=None)
    if nearest is not None and nearest.status == "confirmed" and _is_at(nearest, fix, rules):
        return
    # From here on one check-in at a time: what the others did is read again.
    customer = await held(work, customer.id)
    if await present_places(work, [customer.id]):
        found = await sightings_of(work, customer.id)
        if found and is_accurate(fix.accuracy_m):
            await heal(work, customer, found, rules)
    else:
        await customers.propose_location(work, customer.id, as_proposal(fix))


async def sightings_of(work: Work, customer_id: str) -> list[Sighting]:
    """The newest honest check-ins at a customer, the newest first."""
    found = await work.session.execute(
        select(Visit, FixRecord)
        .join(
            FixRecord,
            and_(
                FixRecord.tenant_id == Visit.tenant_id,
                FixRecord.visit_id == Visit.id,
                FixRecord.end == "check_in",
            ),
        )
        .where(
            Visit.tenant_id == work.tenant_id,
            Visit.customer_id == customer_id,
            Visit.review_state != "rejected",
        )
        .order_by(Visit.checked_in_at.desc(), Visit.id.desc())
        .limit(READ)
    )
    seen = [(visit, fix) for visit, fix in found if is_accurate(fix.accuracy_m)]
    flagged = await _flags_of(work, [visit.id for visit, _ in seen])
    honest = [
        Sighting(
            visit_id=visit.id,
            member_id=visit.owner_id,
            device_id=fix.device_id,
            day=visit.business_date,
            at=fix.at,  # who came back to the same visit stood here later
            point=Point(fix.lat, fix.lng),
        )
        for visit, fix in seen
        if fix.lat is not None
        and fix.lng is not None
        and (visit.review_state == "accepted" or not is_doubtful(flagged.get(visit.id, ())))
    ]
    return sorted(honest, key=lambda one: (one.at, one.visit_id), reverse=True)


def is_doubtful(noticed: Iterable[Flag | VisitFlag]) -> bool:
    """Whether something speaks against the check-in itself (domain.md §4.7)."""
    return any(one.severity != "low" and _name(one) not in NOT_AGAINST for one in noticed)


def is_accurate(accuracy_m: float | None) -> bool:
    return accuracy_m is not None and accuracy_m <= ACCURATE_M


def _is_at(place: CustomerLocation, fix: Fix, rules: PlaceRules) -> bool:
    return place.point.distance_m(fix.point) <= rules.within_m


def _name(one: Flag | VisitFlag) -> str:
    return one.name if isinstance(one, Flag) else one.flag


async def _flags_of(work: Work, visit_ids: Sequence[str]) -> dict[str, list[VisitFlag]]:
    rows = await work.session.scalars(
        select(VisitFlag).where(
            VisitFlag.tenant_id == work.tenant_id, VisitFlag.visit_id.in_(visit_ids)
        )
    )
    found: dict[str, list[VisitFlag]] = {}
    for row in rows:
        found.setdefault(row.visit_id, []).append(row)
    return found


def as_proposal(fix: Fix) -> LocationIn:
    """Where a customer without a place was found; a lead, or more check-ins, confirm it."""
    return LocationIn.model_validate(
        {
            "lat": fix.lat,
            "lng": fix.lng,
            "datum": fix.datum,
            "accuracy_m": fix.accuracy_m,
            "source": "check_in",
        }
    )
