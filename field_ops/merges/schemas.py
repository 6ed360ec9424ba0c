"""The JSON of merging."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..customers.schemas import SuspectCheck
from .choice import Side

BuiltInField = Literal[
    "name",
    "customer_kind",
    "type",
    "level",
    "lifecycle_stage",
    "place_class",
    "radius_m",
    "phone",
    "credit_code",
    "email",
    "city",
    "address",
    "source",
    "note",
]
OwnField = Annotated[
    str,
    Field(pattern=r"^custom\.[a-z][a-z0-9_]{0,31}$", description="A field of the company's own"),
]
MergeField = BuiltInField | OwnField


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PreviewQuery(Schema):
    loser_id: str = Field(max_length=26, description="The record that goes into this one")


class MergeIn(Schema):
    """Which record goes into the one of the path, and whose values were picked by hand."""

    loser_id: str = Field(max_length=26)
    picks: dict[MergeField, Side] = Field(
        default_factory=dict, description="Fields not named keep the newest value that is not empty"
    )


class ChoiceOut(Schema):
    field: MergeField
    master: Any
    loser: Any
    kept: Side


class PreviewOut(Schema):
    """What would become of both. Nothing is changed."""

    master_id: str
    master_name: str
    loser_id: str
    loser_name: str
    choices: list[ChoiceOut]
    moves: dict[str, int] = Field(description="How many rows of each kind change hands")


class MergeOut(Schema):
    id: str
    master_id: str
    loser_id: str
    loser_name: str
    merged_at: datetime
    merged_by_name: str = Field(description="Empty: the system")
    undone_at: datetime | None
    can_undo_until: datetime
    may_undo: bool = Field(description="Not undone, and there is still time")


class PairSide(Schema):
    customer_id: str
    number: str
    name: str
    city: str
    address: str
    owner_name: str


class PairOut(Schema):
    """Two customers that may be one."""

    one: PairSide
    other: PairSide
    check: SuspectCheck
    similarity: float


class PairsQuery(Schema):
    customer_id: str = Field("", max_length=26, description="Only pairs that it is one of")


class PairsOut(Schema):
    pairs: list[PairOut] = Field(description="At most a hundred, the surest first")


class DifferentIn(Schema):
    one_id: str = Field(max_length=26)
    other_id: str = Field(max_length=26)


class MergesOut(Schema):
    merges: list[MergeOut] = Field(description="Into this customer, the newest first")
    may_merge: bool = Field(description="Whether I may merge it with another that I may merge")
