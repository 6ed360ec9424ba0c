"""Rows of a new customer, from what somebody sent; refused when it is not enough."""

from typing import Any

from ..db import new_id
from ..geo import WGS84, to_wgs84
from ..work import Work
from .agreement import Decision, Step
from .credit_codes import read_credit_code
from .errors import (
    CreditCodeWrong,
    NameMissing,
    PhoneMissing,
    PhoneOrLocationMissing,
    PhoneUnreadable,
)
from .mail import mail_domain
from .names import core_name, full_name_key
from .phones import phone_key, read_phones
from .schemas import ContactIn, CustomerIn, LocationIn, SuspectsIn
from .suspects import Described

# Of what is sent for a new customer, what is no column of its row, or is read first.
BESIDE = {"location", "contacts", "is_another", "branch_of", "external_id", "custom", "tags"}


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
    refuse_wrong_code(new.credit_code)


def refuse_unreadable(phone: str) -> None:
    if phone and not read_phones(phone):
        raise PhoneUnreadable(phone=phone)


def refuse_wrong_code(code: str) -> None:
    if code and read_credit_code(code) is None:
        raise CreditCodeWrong(code=code)


def description_of(new: CustomerIn | SuspectsIn) -> Described:
    """What somebody sent, as it is compared with what there is."""
    if isinstance(new, CustomerIn):
        phones = [new.phone, *(one.phone for one in new.contacts if not one.is_elsewhere_too)]
    else:
        phones = new.phones
    place = new.location
    return Described(
        name=new.name,
        customer_kind=new.customer_kind,
        type=new.type,
        credit_code=read_credit_code(new.credit_code) or "",
        phones=tuple(filter(None, phones)),
        email=new.email,
        city=new.city,
        place=to_wgs84(place.lat, place.lng, place.datum) if place else None,
        is_branch=new.is_branch,
    )


def customer_values(
    work: Work, new: CustomerIn, *, number: str, owner_id: str | None
) -> dict[str, Any]:
    """The columns of a new customer."""
    return {
        **new.model_dump(exclude=BESIDE),
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "number": number,
        "full_name_key": full_name_key(new.name),
        "core_name": core_name(new.name),
        "phone_key": phone_key(new.phone),
        "credit_code": read_credit_code(new.credit_code) or "",
        "mail_domain": mail_domain(new.email),
        "lifecycle_stage": "potential",
        "owner_id": owner_id,
        "created_by": work.actor.member_id,
        "created_at": work.now,
        "updated_at": work.now,
        "revision": 1,
    }


def contact_values(work: Work, customer_id: str, new: ContactIn) -> dict[str, Any]:
    return {
        **new.model_dump(exclude={"custom"}),
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
        "door": place.door,
        "door_name": place.door_name,
        "status": "proposed",
        "proposed_by": work.actor.member_id,
        "proposed_at": work.now,
    }


HOW = {Step.CONFIRM: "check_ins", Step.MOVE: "moved"}


def seen_values(
    work: Work, customer_id: str, location_id: str, decision: Decision
) -> dict[str, Any]:
    """The columns of a place that check-ins found: a proposal of whoever stood there alone, or what
    several say together, which is nobody's."""
    door, door_name = decision.door
    how = HOW.get(decision.step, "")
    return {
        "tenant_id": work.tenant_id,
        "id": location_id,
        "customer_id": customer_id,
        "lat": decision.point.lat,
        "lng": decision.point.lng,
        "original_lat": decision.point.lat,
        "original_lng": decision.point.lng,
        "datum": WGS84,
        "accuracy_m": None,
        "source": "check_in",
        "door": door,
        "door_name": door_name,
        "status": "confirmed" if how else "proposed",
        "proposed_by": work.actor.member_id if decision.step is Step.PROPOSE else None,
        "proposed_at": work.now,
        "confirmed_by": None,
        "confirmed_at": work.now if how else None,
        "confirmed_how": how,
        "replaces_id": decision.place.id if decision.place else None,
        "closed_by": None,
        "closed_at": None,
    }
