"""Where the doors of a customer are: anybody who sees it proposes, a lead confirms (domain.md
§4.5)."""

from sqlalchemy import ColumnElement, and_, update

from ...access import reaches_row, require
from ...errors import NotFound
from ...history import audit, changes
from ...work import Work
from .. import index
from ..errors import NothingToConfirm
from ..models import Customer, CustomerLocation
from ..new_rows import proposal_values
from ..schemas import LocationIn
from .holding import held, touch


async def propose_location(work: Work, customer_id: str, place: LocationIn) -> CustomerLocation:
    """Remember a place as a proposal. It replaces an earlier proposal of the same person for the
    same door."""
    require(work, "visits.create")
    customer = await held(work, customer_id)
    mine = CustomerLocation.proposed_by == work.actor.member_id
    await _make_past(work, customer.id, and_(mine, _is(place.door, place.door_name)))
    proposal = CustomerLocation(**proposal_values(work, customer.id, place))
    work.session.add(proposal)
    changes.moved(work, Customer, [customer.id])
    pair = [place.lat, place.lng, place.datum]
    audit.record(work, "location.proposed", "customer", customer.id, {"place": (None, pair)})
    await work.session.flush()
    await index.refresh(work, [customer.id])
    return proposal


async def confirm_location(work: Work, customer_id: str, location_id: str) -> CustomerLocation:
    """Make a proposal the place of its door. Older places of that door stay, as `past`.

    Raises NothingToConfirm when somebody confirmed or replaced it meanwhile.
    """
    require(work, "customers.confirm_location")
    customer = await held(work, customer_id)
    await reaches_row(work, "customers.confirm_location", Customer, customer.id, Customer.owner_id)
    place = await work.session.get(
        CustomerLocation, (work.tenant_id, location_id), populate_existing=True
    )
    if place is None or place.customer_id != customer.id or place.status != "proposed":
        raise NothingToConfirm(name=customer.name)
    others = and_(CustomerLocation.id != place.id, _is(place.door, place.door_name))
    before = await _make_past(work, customer.id, others, "confirmed")
    await _make_past(work, customer.id, others)
    place.status = "confirmed"
    place.confirmed_by = work.actor.member_id
    place.confirmed_at = work.now
    touch(work, customer)
    change = {"location_id": (before, place.id)}
    audit.record(work, "location.confirmed", "customer", customer.id, change)
    await work.session.flush()
    await index.refresh(work, [customer.id])
    return place


async def close_place(work: Work, customer_id: str, location_id: str) -> None:
    """A door that is not there any more, or a proposal that was wrong, stays as `past`. One's own
    proposal one may take back; the rest is a lead's. A second time changes nothing."""
    customer = await held(work, customer_id)
    place = await work.session.get(
        CustomerLocation, (work.tenant_id, location_id), populate_existing=True
    )
    if place is None or place.customer_id != customer.id:
        raise NotFound()
    if place.status == "past":
        return
    if place.status == "confirmed" or place.proposed_by != work.actor.member_id:
        allowed = "customers.confirm_location"
        require(work, allowed)
        await reaches_row(work, allowed, Customer, customer.id, Customer.owner_id)
    change = {"status": (place.status, "past"), "location_id": (place.id, None)}
    place.status = "past"
    touch(work, customer)
    audit.record(work, "location.closed", "customer", customer.id, change)
    await work.session.flush()
    await index.refresh(work, [customer.id])


def _is(door: str, name: str) -> ColumnElement[bool]:
    return and_(CustomerLocation.door == door, CustomerLocation.door_name == name)


async def _make_past(
    work: Work, customer_id: str, which: ColumnElement[bool], status: str = "proposed"
) -> str | None:
    """Keep these places as history; returns the id of one of them."""
    return await work.session.scalar(
        update(CustomerLocation)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id == customer_id)
        .where(CustomerLocation.status == status, which)
        .values(status="past")
        .returning(CustomerLocation.id)
    )
