"""The routes of where customers are."""

from ..access import may, require
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, place_rules, queries
from .api import customer_out, location_out
from .errors import NoEarlierPlace, NothingToConfirm
from .place_evidence import counts_of
from .place_rules import CONFIGURE, PlaceRules
from .schemas import (
    ConfirmationIn,
    CustomerOut,
    LocationIn,
    PlaceRulesOut,
    PlacesOut,
)

routes = Routes("/api/v1", tag="places")


@routes.post(
    "/customers/{customer_id}/location",
    status=201,
    refusals=(NotFound, NotAllowed),
    scope="places.write",
)
async def propose_location(work: Work, customer_id: str, body: LocationIn) -> CustomerOut:
    """Say where the customer is. A lead confirms it, or check-ins that agree with it."""
    await actions.propose_location(work, customer_id, body)
    return await customer_out(work, customer_id)


@routes.post(
    "/customers/{customer_id}/location/confirmation",
    refusals=(NotFound, NotAllowed, NothingToConfirm),
    scope="places.write",
)
async def confirm_location(work: Work, customer_id: str, body: ConfirmationIn) -> CustomerOut:
    """Make a proposed place the place of the customer."""
    await actions.confirm_location(work, customer_id, body.location_id)
    return await customer_out(work, customer_id)


@routes.get("/customers/{customer_id}/places", refusals=(NotFound,))
async def show_places(work: Work, customer_id: str) -> PlacesOut:
    """Every door of the customer with its history: by whom, how, since when, and on how many
    check-ins it rests."""
    known = await queries.detail(work, customer_id)
    past = await queries.past_places(work, known.customer.id)
    every = (*known.doors, *past)
    name_of = await queries.names_of(
        work, [one for row in every for one in (row.proposed_by, row.confirmed_by, row.closed_by)]
    )
    check_ins = await counts_of(work, [row.id for row in every])
    return PlacesOut(
        present=[location_out(place, name_of, check_ins) for place in known.doors],
        past=[location_out(place, name_of, check_ins) for place in past],
    )


@routes.delete("/customers/{customer_id}/places/{location_id}", refusals=(NotFound, NotAllowed))
async def close_place(work: Work, customer_id: str, location_id: str) -> CustomerOut:
    """This door is not there any more, or the proposal was wrong. It stays as history."""
    await actions.close_place(work, customer_id, location_id)
    return await customer_out(work, customer_id)


@routes.post(
    "/customers/{customer_id}/places/{location_id}/undo",
    refusals=(NotFound, NotAllowed, NoEarlierPlace),
    scope="places.write",
)
async def undo_place(work: Work, customer_id: str, location_id: str) -> CustomerOut:
    """Go back to the place that this one replaced. What check-ins said until now counts no more."""
    await actions.undo_place(work, customer_id, location_id)
    return await customer_out(work, customer_id)


@routes.get("/place-rules", refusals=(NotAllowed,))
async def show_place_rules(work: Work) -> PlaceRulesOut:
    """When check-ins confirm a place, and how far it moves without a lead."""
    require(work, "customers.view")
    return PlaceRulesOut(rules=await place_rules.rules_of(work), may_configure=may(work, CONFIGURE))


@routes.put("/place-rules", refusals=(NotAllowed,))
async def set_place_rules(work: Work, body: PlaceRules) -> PlaceRulesOut:
    """Count by these figures from the next check-in on."""
    await place_rules.set_rules(work, body)
    return PlaceRulesOut(rules=await place_rules.rules_of(work), may_configure=True)
