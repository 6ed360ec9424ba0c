"""The routes of territories."""

from collections.abc import Sequence

from ..access import require
from ..customers.errors import OwnerUnknown
from ..customers.queries import names_of
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .errors import TerritoryNowhere, TooManyTerritories
from .models import Territory
from .schemas import TerritoriesOut, TerritoryIn, TerritoryOut

routes = Routes("/api/v1", tag="territories")


@routes.get("/territories", refusals=(NotAllowed,))
async def show_territories(work: Work) -> TerritoriesOut:
    """The territories of the company, for who configures them."""
    require(work, actions.CONFIGURES)
    return await _all(work)


@routes.post(
    "/territories",
    status=201,
    refusals=(NotAllowed, OwnerUnknown, TerritoryNowhere, TooManyTerritories),
)
async def make_territory(work: Work, body: TerritoryIn) -> TerritoryOut:
    """Make a territory."""
    return (await _out(work, [await actions.make(work, body)]))[0]


@routes.put(
    "/territories/{territory_id}", refusals=(NotFound, NotAllowed, OwnerUnknown, TerritoryNowhere)
)
async def change_territory(work: Work, territory_id: str, body: TerritoryIn) -> TerritoryOut:
    """Change a territory. Nobody gains or loses a customer by it."""
    return (await _out(work, [await actions.change(work, territory_id, body)]))[0]


@routes.delete("/territories/{territory_id}", refusals=(NotFound, NotAllowed))
async def remove_territory(work: Work, territory_id: str) -> TerritoriesOut:
    """Remove a territory. Nobody loses a customer by it."""
    await actions.remove(work, territory_id)
    return await _all(work)


async def _all(work: Work) -> TerritoriesOut:
    return TerritoriesOut(territories=await _out(work, await queries.every_territory(work)))


async def _out(work: Work, some: Sequence[Territory]) -> list[TerritoryOut]:
    names = await names_of(work, {one.owner_id for one in some})
    return [
        TerritoryOut.model_validate(
            {
                "id": one.id,
                "owner": {"id": one.owner_id, "name": names.get(one.owner_id, "")},
                **{name: getattr(one, name) for name in TerritoryIn.model_fields},
            }
        )
        for one in some
    ]
