"""The JSON of fields that a company defines."""

from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out
from .spec import FieldSpec, Key, Level, Result, State


class FieldIn(FieldSpec):
    """A new field. Its key stands for it in the API, in formulas and in spreadsheets for ever."""

    key: Key


class FieldChangeIn(FieldSpec):
    """A field as it shall be. `revision` is the one that was read."""

    revision: int


class FieldOrderIn(In):
    version: str = Field(max_length=26, description="The `version` that was read")
    keys: list[Key] = Field(max_length=400, description="All fields that are not archived")


class FieldArchiveIn(In):
    revision: int
    archived: bool


class FieldOut(Out):
    """A field as pages show it and ask for it."""

    key: str
    spec: FieldSpec
    levels: dict[State, Level] = Field(
        description="How far I see it, for owned customers and for those of the pool; of a contact "
        "it goes by the customer where he works"
    )
    operators: list[str] = Field(description="How it may be filtered by")


class FieldsOut(Out):
    fields: list[FieldOut] = Field(description="In their order, without what is hidden from me")


class PeopleQuery(In):
    """Whom a field of this type may name."""

    kind: Literal["member", "department"]
    q: str = Field("", max_length=40, description="Part of the name")


class PersonOut(Out):
    id: str
    name: str


class PeopleOut(Out):
    rows: list[PersonOut] = Field(description="At most twenty, by their names")


class FieldDefinitionOut(Out):
    key: str
    spec: FieldSpec
    revision: int
    is_archived: bool
    result: Result | None = Field(description="Of a formula: what comes out")


class FieldDefinitionsOut(Out):
    version: str = Field(description="Send it back when ordering")
    computing: bool = Field(description="Formulas are being computed anew, in the background")
    fields: list[FieldDefinitionOut]
