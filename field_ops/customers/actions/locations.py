"""Where the doors of a customer are: anybody who sees it proposes, a lead confirms, and may undo
(domain.md §4.5). What check-ins do to them by themselves is in `healing.py`."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from ...access import reaches_row, require
from ...errors import NotFound
from ...history import audit, changes
from ...work import Work
from .. import index
from ..errors import NoEarlierPlace, NothingToConfirm
from ..models import Customer, CustomerLocation
from ..new_rows import proposal_values
from ..schemas import LocationIn
from .holding import held, touch

CONFIRM = "customers.confirm_location"


async def propose_location(work: Work, customer_id: str, place: LocationIn) -> CustomerLocation:
    """Remember a place as a proposal. It replaces an earlier proposal of the same person for the
    same door."""
    require(work, "visits.create")
    customer = await held(work, customer_id)
    door = _is_door(place.door, place.door_name)
    mine = CustomerLocation.proposed_by == work.actor.member_id
    await _make_past(work, customer.id, and_(mine, door))
    values = proposal_values(work, customer.id, place)
    values["replaces_id"] = await _confirmed_id(work, customer.id, door)
    proposal = CustomerLocation(**values)
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
    require(work, CONFIRM)
    customer = await held(work, customer_id)
    await reaches_row(work, CONFIRM, Customer, customer.id, Customer.owner_id)
    place = await _place(work, customer, location_id)
    if place is None or place.status != "proposed":
        raise NothingToConfirm(name=customer.name)
    others = and_(CustomerLocation.id != place.id, _is_door(place.door, place.door_name))
    before = await _confirmed(work, customer.id, others)
    await _make_past(work, customer.id, others, "confirmed")
    await _make_past(work, customer.id, others)
    place.status, place.confirmed_how = "confirmed", "lead"
    place.confirmed_by = work.actor.member_id
    place.confirmed_at = work.now
    place.replaces_id = before.id if before else None
    touch(work, customer)
    audit.record(work, "location.confirmed", "customer", customer.id, told_move(before, place))
    await work.session.flush()
    await index.refresh(work, [customer.id])
    return place


async def close_place(work: Work, customer_id: str, location_id: str) -> None:
    """A door that is not there any more, or a proposal that was wrong, stays as `past`. One's own
    proposal one may take back; the rest is a lead's. A second time changes nothing."""
    customer = await held(work, customer_id)
    place = await _place(work, customer, location_id)
    if place is None:
        raise NotFound()
    if place.status == "past":
        return
    if place.status == "confirmed" or place.proposed_by != work.actor.member_id:
        require(work, CONFIRM)
        await reaches_row(work, CONFIRM, Customer, customer.id, Customer.owner_id)
    change = {"status": (place.status, "past"), "location_id": (place.id, None)}
    close(work, place)
    touch(work, customer)
    audit.record(work, "location.closed", "customer", customer.id, change)
    await work.session.flush()
    if place.confirmed_at is not None:
        await _replace_nothing(work, customer.id, _is_door(place.door, place.door_name))
    await index.refresh(work, [customer.id])


async def undo_place(work: Work, customer_id: str, location_id: str) -> None:
    """Put back what this place replaced: the place before it, or the proposal that check-ins had
    confirmed. Check-ins from before now say nothing any more. Raises NoEarlierPlace."""
    require(work, CONFIRM)
    customer = await held(work, customer_id)
    await reaches_row(work, CONFIRM, Customer, customer.id, Customer.owner_id)
    place = await _place(work, customer, location_id)
    if place is None:
        raise NotFound()
    before = await _place(work, customer, place.replaces_id or "")
    if place.status != "confirmed" or before is None or before.status != "past":
        raise NoEarlierPlace(name=customer.name)
    close(work, place)
    await work.session.flush()  # of a door one place is confirmed, at every moment
    before.status = "confirmed" if before.confirmed_at else "proposed"
    touch(work, customer)
    audit.record(work, "location.undone", "customer", customer.id, told_move(place, before))
    await work.session.flush()
    if before.status == "proposed":
        await _replace_nothing(work, customer.id, _is_door(place.door, place.door_name))
    await index.refresh(work, [customer.id])


def close(work: Work, place: CustomerLocation) -> None:
    """Somebody said that it is not so, or not any more."""
    place.status = "past"
    place.closed_by, place.closed_at = work.actor.member_id, work.now


def told_move(
    before: CustomerLocation | None, after: CustomerLocation
) -> dict[str, tuple[Any, Any]]:
    """What the audit trail says of a place that replaces another one."""
    return {
        "location_id": (before.id if before else None, after.id),
        "distance_m": (None, round(before.point.distance_m(after.point)) if before else None),
    }


def _is_door(door: str, name: str) -> ColumnElement[bool]:
    return and_(CustomerLocation.door == door, CustomerLocation.door_name == name)


async def _make_past(
    work: Work, customer_id: str, which: ColumnElement[bool], status: str = "proposed"
) -> None:
    """Keep these places as history."""
    await work.session.execute(
        update(CustomerLocation)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id == customer_id)
        .where(CustomerLocation.status == status, which)
        .values(status="past")
    )


async def _replace_nothing(work: Work, customer_id: str, door: ColumnElement[bool]) -> None:
    """The door has no place any more: what would have moved it is a first proposal now."""
    await work.session.execute(
        update(CustomerLocation)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id == customer_id)
        .where(CustomerLocation.status == "proposed", door)
        .values(replaces_id=None)
    )


async def _place(work: Work, customer: Customer, location_id: str) -> CustomerLocation | None:
    place = await work.session.get(
        CustomerLocation, (work.tenant_id, location_id), populate_existing=True
    )
    return place if place and place.customer_id == customer.id else None


async def _confirmed(
    work: Work, customer_id: str, which: ColumnElement[bool]
) -> CustomerLocation | None:
    found: CustomerLocation | None = await work.session.scalar(
        select(CustomerLocation).where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.customer_id == customer_id,
            CustomerLocation.status == "confirmed",
            which,
        )
    )
    return found


async def _confirmed_id(work: Work, customer_id: str, which: ColumnElement[bool]) -> str | None:
    found = await _confirmed(work, customer_id, which)
    return found.id if found else None
