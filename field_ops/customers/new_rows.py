"""Rows of a new customer, from what somebody sent; refused when it is not enough."""

from typing import Any

from ..db import new_id
from ..geo import to_wgs84
from ..work import Work
from .errors import NameMissing, PhoneMissing, PhoneOrLocationMissing, PhoneUnreadable
from .names import core_name, full_name_key
from .phones import phone_key, read_phones
from .schemas import ContactIn, CustomerIn, LocationIn


def refuse_incomplete(new: CustomerIn) -> None:
    """Raise unless there is enough to create a customer from."""
    if not full_name_key(new.name):
        raise NameMissing()
    if new.customer_kind == "person" and not new.phone:
        raise PhoneMissing(name=new.name)
    reachable = new.phone or new.location or any(contact.phone for contact in new.contacts)
    if not reachable:
        raise PhoneOrLocationMissing(name=new.name)
    for phone in (new.phone, *(contact.phone for contact in new.contacts)):
        refuse_unreadable(phone)


def refuse_unreadable(phone: str) -> None:
    if phone and not read_phones(phone):
        raise PhoneUnreadable(phone=phone)


def customer_values(
    work: Work, new: CustomerIn, *, number: str, owner_id: str | None
) -> dict[str, Any]:
    """The columns of a new customer."""
    return {
        **new.model_dump(exclude={"location", "contacts"}),
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "number": number,
        "full_name_key": full_name_key(new.name),
        "core_name": core_name(new.name),
        "phone_key": phone_key(new.phone),
        "lifecycle_stage": "potential",
        "owner_id": owner_id,
        "created_by": work.actor.member_id,
        "created_at": work.now,
        "updated_at": work.now,
        "revision": 1,
    }


def contact_values(work: Work, customer_id: str, new: ContactIn) -> dict[str, Any]:
    return {
        **new.model_dump(),
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "customer_id": customer_id,
        "phone_key": phone_key(new.phone),
        "created_at": work.now,
    }


def proposal_values(work: Work, customer_id: str, place: LocationIn) -> dict[str, Any]:
    point = to_wgs84(place.lat, place.lng, place.datum)
    return {
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "customer_id": customer_id,
        "lat": point.lat,
        "lng": point.lng,
        "original_lat": place.lat,
        "original_lng": place.lng,
        "datum": place.datum,
        "accuracy_m": place.accuracy_m,
        "source": place.source,
        "status": "proposed",
        "proposed_by": work.actor.member_id,
        "proposed_at": work.now,
    }
