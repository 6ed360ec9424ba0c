"""What is around me."""

from sqlalchemy import and_, select

from ..geo import Point
from ..work import Work
from .lookup import Found, rows_of
from .models import Customer, CustomerLocation
from .sight import sight_of

MOST = 50
MOST_IN_BOX = 20_000


async def nearby(work: Work, here: Point, radius_m: int) -> list[Found]:
    """At most fifty customers that I may see within `radius_m`, nearest first."""
    sight = await sight_of(work)
    south, north, west, east = here.box(radius_m)
    # An outer join, so that no planner starts from the customers.
    present = and_(
        Customer.tenant_id == CustomerLocation.tenant_id,
        Customer.id == CustomerLocation.customer_id,
        Customer.removed_at.is_(None),
    )
    box = (
        select(Customer.id, Customer.owner_id, CustomerLocation.lat, CustomerLocation.lng)
        .select_from(CustomerLocation)
        .outerjoin(Customer, present)
        .where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.lat.between(south, north),
            CustomerLocation.lng.between(west, east),
            CustomerLocation.status != "past",
        )
        .limit(MOST_IN_BOX)
    )
    distances: dict[str, float] = {}
    for customer_id, owner_id, lat, lng in await work.session.execute(box):
        if customer_id is None or sight.closeness(customer_id, owner_id) is None:
            continue
        distance_m = here.distance_m(Point(lat, lng))
        if distance_m <= radius_m:
            distances[customer_id] = min(distance_m, distances.get(customer_id, distance_m))
    nearest = sorted(distances, key=lambda customer_id: distances[customer_id])[:MOST]
    rows = await rows_of(work, sight, [(customer_id, "") for customer_id in nearest], here)
    # The distance shown is the confirmed place's, which a stray proposal may have outrun.
    return sorted(rows, key=lambda row: row.distance_m or 0)
