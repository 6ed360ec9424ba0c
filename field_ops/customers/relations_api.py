"""The routes of relations between customers."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from .actions.relations import part, relate
from .errors import OnlyReading, OtherNotFound, RelatedInACircle, RelatedToItself
from .related import Related, Relations, relations_of
from .schemas import Schema

RelationKind = Literal["group", "subsidiary", "branch", "supplies"]
CANNOT = (NotFound, NotAllowed, OnlyReading)


class RelationIn(Schema):
    """`other` above: it is the group, parent, head office or supplier of this customer."""

    other_id: str = Field(max_length=26)
    kind: RelationKind
    other_is: Literal["above", "below"] = "above"
    note: str = Field("", max_length=200)


class RelationOut(Schema):
    """A relation as it is seen from the customer that was asked about."""

    id: str
    kind: RelationKind
    other_is: Literal["above", "below"]
    name: str = Field(description="Of the other one; its middle is masked when it is out of sight")
    customer_id: str = Field(description="Empty when it is out of sight")
    number: str = Field(description="Empty when it is out of sight")
    is_masked: bool
    note: str
    started_at: datetime
    started_by_name: str
    ended_at: datetime | None
    ended_by_name: str


class RelationsOut(Schema):
    present: list[RelationOut]
    past: list[RelationOut] = Field(description="Those that ended, the newest first")


routes = Routes("/api/v1", tag="customers")


@routes.get("/customers/{customer_id}/relations", refusals=(NotFound,))
async def show_relations(work: Work, customer_id: str) -> RelationsOut:
    """Whom the customer belongs to, who belongs to it, and who supplies whom."""
    return _shown(await relations_of(work, customer_id))


@routes.post(
    "/customers/{customer_id}/relations",
    status=201,
    refusals=(*CANNOT, OtherNotFound, RelatedToItself, RelatedInACircle),
)
async def add_relation(work: Work, customer_id: str, body: RelationIn) -> RelationsOut:
    """Put another customer above or below this one."""
    is_above = body.other_is == "above"
    await relate(
        work, customer_id, body.other_id, body.kind, other_is_above=is_above, note=body.note
    )
    return _shown(await relations_of(work, customer_id))


@routes.delete("/customers/{customer_id}/relations/{relation_id}", refusals=CANNOT)
async def end_relation(work: Work, customer_id: str, relation_id: str) -> RelationsOut:
    """The relation is over. It stays among the past ones."""
    await part(work, customer_id, relation_id)
    return _shown(await relations_of(work, customer_id))


def _shown(found: Relations) -> RelationsOut:
    return RelationsOut(
        present=[_out(one, found.name_of) for one in found.present],
        past=[_out(one, found.name_of) for one in found.past],
    )


def _out(one: Related, name_of: dict[str, str]) -> RelationOut:
    relation = one.relation
    return RelationOut.model_validate(
        {
            "id": relation.id,
            "kind": relation.kind,
            "other_is": "above" if one.is_above else "below",
            "name": one.name,
            "customer_id": one.other.id if one.is_seen else "",
            "number": one.other.number if one.is_seen else "",
            "is_masked": not one.is_seen,
            "note": relation.note if one.is_seen else "",
            "started_at": relation.started_at,
            "started_by_name": name_of.get(relation.started_by or "", ""),
            "ended_at": relation.ended_at,
            "ended_by_name": name_of.get(relation.ended_by or "", ""),
        }
    )
