"""The routes of places that would move."""

from datetime import datetime

from pydantic import Field

from ..access import require
from ..customers.api import place_out
from ..customers.models import CustomerLocation
from ..customers.queries import find_customer
from ..customers.schemas import Door, PlaceOut, Schema
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import place_moves
from .place_moves import Behind, PlaceMove

routes = Routes("/api/v1", tag="places")


class PlaceMovesQuery(Schema):
    customer_id: str | None = Field(None, max_length=26, description="Of this customer only")


class CheckInBehindOut(Schema):
    visit_id: str
    number: str = Field(examples=["V-20260310-0007"])
    member_name: str
    at: datetime
    lat: float = Field(description="WGS-84 degrees")
    lng: float = Field(description="WGS-84 degrees")
    accuracy_m: float | None
    away_m: int = Field(description="Metres to the place that it speaks for")


class CheckInsBehindOut(Schema):
    check_ins: list[CheckInBehindOut] = Field(
        description="Those in the asker's sight, the newest first"
    )


class PlaceMoveOut(Schema):
    """A door that would move from `before` to `after`."""

    id: str = Field(description="Of the new place: confirm or close it to decide")
    customer_id: str
    customer_name: str
    number: str
    door: Door
    door_name: str
    before: PlaceOut
    after: PlaceOut
    distance_m: int
    proposed_at: datetime
    proposed_by_name: str = Field(description="Empty: check-ins say it, nobody else")
    check_ins: int = Field(description="How many speak for it, also those out of the asker's sight")
    behind: list[CheckInBehindOut] = Field(description="Those in his sight, the newest first")


class PlaceMovesOut(Schema):
    moves: list[PlaceMoveOut] = Field(description="At most a hundred, the oldest first")


@routes.get("/place-moves", refusals=(NotAllowed,))
async def place_moves_waiting(work: Work, query: PlaceMovesQuery) -> PlaceMovesOut:
    """Places of customers that would move, for whoever confirms places there."""
    require(work, place_moves.CONFIRM)
    found = await place_moves.waiting_for_me(work, query.customer_id)
    return PlaceMovesOut(moves=[_move(one) for one in found])


@routes.get(
    "/customers/{customer_id}/places/{location_id}/check-ins", refusals=(NotFound, NotAllowed)
)
async def check_ins_behind(work: Work, customer_id: str, location_id: str) -> CheckInsBehindOut:
    """The check-ins that a place rests on, or would rest on; also of one that is past."""
    require(work, "visits.view")
    customer = await find_customer(work, customer_id)
    place = await work.session.get(CustomerLocation, (work.tenant_id, location_id))
    if place is None or place.customer_id != customer.id:
        raise NotFound()
    found = (await place_moves.behind_each(work, [place.id])).get(place.id, [])
    return CheckInsBehindOut(check_ins=[_behind(place, one) for one in found])


def _move(move: PlaceMove) -> PlaceMoveOut:
    return PlaceMoveOut.model_validate(
        {
            "id": move.after.id,
            "customer_id": move.customer.id,
            "customer_name": move.customer.name,
            "number": move.customer.number,
            "door": move.after.door,
            "door_name": move.after.door_name,
            "before": place_out(move.before),
            "after": place_out(move.after),
            "distance_m": round(move.before.point.distance_m(move.after.point)),
            "proposed_at": move.after.proposed_at,
            "proposed_by_name": move.proposed_by_name,
            "check_ins": move.check_ins,
            "behind": [_behind(move.after, one) for one in move.behind],
        }
    )


def _behind(place: CustomerLocation, one: Behind) -> CheckInBehindOut:
    return CheckInBehindOut(
        visit_id=one.visit.id,
        number=one.visit.number,
        member_name=one.member_name,
        at=one.fix.at,
        lat=one.point.lat,
        lng=one.point.lng,
        accuracy_m=one.fix.accuracy_m,
        away_m=round(one.point.distance_m(place.point)),
    )
