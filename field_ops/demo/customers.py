"""The demo's customers, entered over the years before its three weeks begin.

As an import does it: rows in bulk, numbers at once, the lookup index at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import Table, insert

from ..customers import index
from ..customers.duplicates import keys_of
from ..customers.models import Contact, Customer, CustomerKey, CustomerLocation
from ..customers.new_rows import (
    contact_values,
    customer_values,
    description_of,
    proposal_values,
)
from ..customers.schemas import ContactIn, CustomerIn, LocationIn
from ..db import Base
from ..geo import WGS84, Point
from ..history import audit
from ..history.numbers import take_numbers
from ..work import Work
from .cast import Cast
from .companies import DemoCompany
from .shops import Shop
from .town import CITY, beside, rounded, shifted

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Entered:
    """A customer as it was written, with the place that we know of it."""

    customer_id: str
    location: CustomerLocation | None


async def enter_customers(
    people: Cast, company: DemoCompany, shops: Sequence[Shop], now: datetime
) -> list[Entered]:
    """Write them all; returned in the order of `shops`."""
    first = await take_numbers(people.work("", now), "C", len(shops))
    rows: dict[type[Base], Rows] = {
        Customer: [],
        Contact: [],
        CustomerLocation: [],
        CustomerKey: [],
    }
    for number, shop in enumerate(shops, first):
        entered_at = now - timedelta(days=shop.days_known)
        by = shop.owner or company.admin.user_id
        work = people.work(by, entered_at)
        new = _as_sent(shop)
        values = customer_values(
            work, new, number=f"C-{number:06d}", owner_id=people.id_of(shop.owner)
        )
        customer_id = values["id"]
        rows[Customer].append({**values, "lifecycle_stage": shop.stage})
        rows[Contact] += [contact_values(work, customer_id, contact) for contact in new.contacts]
        if new.location is not None:
            place = proposal_values(work, customer_id, new.location)
            rows[CustomerLocation].append({**place, **_confirmation(people, company, shop, work)})
        rows[CustomerKey] += [
            {"tenant_id": work.tenant_id, "key": key, "customer_id": customer_id}
            for key in sorted(keys_of(description_of(new)))
        ]
        audit.record(work, "customer.created", "customer", customer_id, {"name": (None, new.name)})
    for model, ready in rows.items():
        await people.session.execute(insert(cast(Table, model.__table__)), ready)
    ids = [values["id"] for values in rows[Customer]]
    await index.refresh(people.work("", now), ids)
    places = {row["customer_id"]: CustomerLocation(**row) for row in rows[CustomerLocation]}
    return [Entered(one, places.get(one)) for one in ids]


def _as_sent(shop: Shop) -> CustomerIn:
    return CustomerIn(
        name=shop.name,
        type=cast(Any, shop.type),
        phone=shop.phone,
        location=_place_of(shop),
        level=cast(Any, shop.level),
        place_class=cast(Any, shop.place_class),
        city=CITY,
        address=shop.address,
        source=shop.source,
        contacts=[
            ContactIn(
                name=person.name,
                title=person.title,
                role=cast(Any, person.role),
                phone=person.phone,
                is_main=place == 0,
            )
            for place, person in enumerate(shop.contacts)
        ],
    )


def _place_of(shop: Shop) -> LocationIn | None:
    """What somebody picked on the map; a mere proposal is up to two streets off."""
    if not shop.status:
        return None
    place: Point = shop.place
    if shop.status == "proposed":
        place = rounded(shifted(place, *beside(Random(shop.index), 90)))
    return LocationIn(lat=place.lat, lng=place.lng, datum=WGS84, source="map_pick")


def _confirmation(
    people: Cast, company: DemoCompany, shop: Shop, work: Work
) -> dict[str, str | datetime | None]:
    """The lead looked at it two days later."""
    if shop.status != "confirmed":
        return {
            "status": "proposed",
            "confirmed_by": None,
            "confirmed_at": None,
            "confirmed_how": "",
        }
    owner = next((one for one in company.people if one.user_id == shop.owner), company.admin)
    lead = company.leads[owner.team] if owner.team is not None else company.regional
    return {
        "status": "confirmed",
        "confirmed_by": people.id_of(lead.user_id),
        "confirmed_at": work.now + timedelta(days=2),
        "confirmed_how": "lead",
    }
