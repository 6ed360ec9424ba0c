"""Places that heal themselves: what check-ins that agree do to the doors of a customer (domain.md
§4.5). The rule is in `agreement.py`; here it becomes rows."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from ...db import new_id
from ...geo import Point
from ...history import audit, changes
from ...outbox.post import post
from ...people import queries as people
from ...work import Work
from .. import index, messages
from ..agreement import Decision, DoorKey, Past, Sighting, Step, decide, superseded
from ..models import Customer, CustomerLocation
from ..new_rows import seen_values
from ..place_evidence import rest_on
from ..place_rules import PlaceRules
from ..queries import present_places
from .locations import told_move


async def heal(
    work: Work, customer: Customer, sightings: Sequence[Sighting], rules: PlaceRules
) -> Decision | None:
    """Let the newest check-in, with those before it, say where it was. The caller keeps the
    customer from everybody else (`held`): of two check-ins at once one decides."""
    places = await present_places(work, [customer.id])
    decision = decide(places, sightings, past_of(await _history(work, customer.id)), rules)
    if decision is not None:
        await _do(work, customer, places, decision)
    return decision


def past_of(history: Sequence[CustomerLocation]) -> Mapping[DoorKey, Past]:
    """What the rows of its doors, old and present, say of each door."""
    found: dict[DoorKey, Past] = {}
    for key in {(row.door, row.door_name) for row in history}:
        rows = [row for row in history if (row.door, row.door_name) == key]
        # A proposal that somebody made by hand, and took back, says nothing about check-ins.
        answered = [
            row.closed_at
            for row in rows
            if row.closed_at and (row.source == "check_in" or row.confirmed_at)
        ]
        found[key] = Past(since=max(answered, default=None), anchor=_anchor(rows))
    return found


def _anchor(rows: Sequence[CustomerLocation]) -> Point | None:
    """Where the door was before it was moved a little, and a little again."""
    known = {row.id: row for row in rows}
    place = next((row for row in rows if row.status == "confirmed"), None)
    while place is not None and place.confirmed_how == "moved":
        place = known.get(place.replaces_id or "")
    return place.point if place else None


async def _history(work: Work, customer_id: str) -> Sequence[CustomerLocation]:
    found = await work.session.scalars(
        select(CustomerLocation).where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.customer_id == customer_id,
        )
    )
    return found.all()


async def _do(
    work: Work, customer: Customer, places: Sequence[CustomerLocation], decision: Decision
) -> None:
    visits = [one.visit_id for one in decision.check_ins]
    if decision.step is Step.SUPPORT:
        assert decision.place is not None
        await rest_on(work, decision.place.id, visits)
        return
    for old in superseded(places, decision):
        old.status = "past"
    await work.session.flush()  # of a door one place is confirmed, at every moment
    new = CustomerLocation(**seen_values(work, customer.id, new_id(), decision))
    work.session.add(new)
    changes.moved(work, Customer, [customer.id])
    audit.record(work, ACTIONS[decision.step], "customer", customer.id, told_healing(decision, new))
    await work.session.flush()
    await rest_on(work, new.id, visits)
    await index.refresh(work, [customer.id])
    if decision.step is Step.ASK:
        await _tell_lead(work, customer, new, decision)


def told_healing(decision: Decision, new: CustomerLocation) -> dict[str, tuple[Any, Any]]:
    """What the audit trail says: from where to where, and by which check-ins."""
    visits = [one.visit_id for one in decision.check_ins]
    return {**told_move(decision.place, new), "check_ins": (None, visits)}


ACTIONS = {
    Step.PROPOSE: "location.proposed",
    Step.CONFIRM: "location.healed",
    Step.MOVE: "location.healed",
    Step.ASK: "location.move_proposed",
}


async def _tell_lead(
    work: Work, customer: Customer, new: CustomerLocation, decision: Decision
) -> None:
    assert decision.place is not None
    leaders = await people.leaders_of(work, customer.owner_id or work.actor.me)
    if not leaders:
        return
    distance_m = round(decision.place.point.distance_m(new.point))
    await post(
        work,
        to=leaders[0],
        message=partial(
            messages.place_may_have_moved, customer.name, distance_m, len(decision.check_ins)
        ),
        kind="location_proposed",
        once=f"place-moved-{new.id}",
    )
