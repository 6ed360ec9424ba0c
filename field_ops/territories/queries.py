"""Which territories there are, and in which one a customer lies."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from ..customers.models import Customer, CustomerLocation
from ..customers.queries import place_by_customer
from ..geo import Point
from ..work import Work
from .areas import CITY, Area, Division, outline_of, plain
from .models import Territory


async def every_territory(work: Work) -> Sequence[Territory]:
    """In the order in which they count."""
    found = await work.session.scalars(
        select(Territory)
        .where(Territory.tenant_id == work.tenant_id)
        .order_by(Territory.position, Territory.id)
    )
    return found.all()


async def territory_by_customer(work: Work, customers: Sequence[Customer]) -> dict[str, Territory]:
    """The territory of each of these customers that lies in one."""
    areas = [(one, area_of(one)) for one in await every_territory(work)]
    if not areas:
        return {}
    places = await place_by_customer(work, [one.id for one in customers])
    found: dict[str, Territory] = {}
    for customer in customers:
        known = places.get(customer.id)
        place = Point(known.lat, known.lng) if known else None
        for territory, area in areas:
            if area.has(customer.city, customer.address, place):
                found[customer.id] = territory
                break
    return found


def may_lie_in(territories: Sequence[Territory]) -> ColumnElement[bool]:
    """True for every customer that lies in one of them, and for few others: a sieve."""
    parts: list[ColumnElement[bool]] = []
    for area in map(area_of, territories):
        parts += [_may_be_of(one) for one in area.divisions]
        if area.outline:
            parts.append(_may_be_inside(area.outline))
    return or_(false(), *parts)


def _may_be_of(division: Division) -> ColumnElement[bool]:
    city = plain(division.city)
    return and_(
        func.trim(Customer.city).in_((city, city + CITY)),
        Customer.address.contains(division.district, autoescape=True),
    )


def _may_be_inside(outline: Sequence[Point]) -> ColumnElement[bool]:
    lats, lngs = [one.lat for one in outline], [one.lng for one in outline]
    return exists().where(
        CustomerLocation.tenant_id == Customer.tenant_id,
        CustomerLocation.customer_id == Customer.id,
        CustomerLocation.lat.between(min(lats), max(lats)),
        CustomerLocation.lng.between(min(lngs), max(lngs)),
    )


def area_of(territory: Territory) -> Area:
    return Area(
        [Division(**one) for one in territory.divisions],
        outline_of(territory.outline, territory.datum),
    )
