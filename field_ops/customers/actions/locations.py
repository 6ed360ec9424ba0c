"""Where a customer is: anybody who sees it proposes, a lead confirms (domain.md §4.5)."""

from sqlalchemy import ColumnElement, update

from ...access import reaches_row, require
from ...history import audit, changes
from ...work import Work
from .. import index
from ..errors import NothingToConfirm
from ..models import Customer, CustomerLocation
from ..new_rows import proposal_values
from ..schemas import LocationIn
from .holding import held, touch


async def propose_location(work: Work, customer_id: str, place: LocationIn) -> CustomerLocation:
    """Remember a place as a proposal. It replaces an earlier proposal of the same person."""
    require(work, "visits.create")
    customer = await held(work, customer_id)
    await _make_past(work, customer.id, CustomerLocation.proposed_by == work.actor.member_id)
    proposal = CustomerLocation(**proposal_values(work, customer.id, place))
    work.session.add(proposal)
    changes.moved(work, Customer, [customer.id])
    pair = [place.lat, place.lng, place.datum]
    audit.record(work, "location.proposed", "customer", customer.id, {"place": (None, pair)})
    await work.session.flush()
    await index.refresh(work, [customer.id])
    return proposal


async def confirm_location(work: Work, customer_id: str, location_id: str) -> CustomerLocation:
    """Make a proposal the place of the customer. Older places stay, as `past`.

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
    before = await _make_past(work, customer.id, CustomerLocation.id != place.id, "confirmed")
    await _make_past(work, customer.id, CustomerLocation.id != place.id)
    place.status = "confirmed"
    place.confirmed_by = work.actor.member_id
    place.confirmed_at = work.now
    touch(work, customer)
    change = {"location_id": (before, place.id)}
    audit.record(work, "location.confirmed", "customer", customer.id, change)
    await work.session.flush()
    await index.refresh(work, [customer.id])
    return place


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
