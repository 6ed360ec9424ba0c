"""The JSON of API tokens."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out

GuardedField = Literal["phone", "email", "credit_code", "address", "note"]
TokenScope = Literal[
    "customers.read", "customers.write", "customers.assign", "places.write", "visits.read"
]


class ApiTokenIn(In):
    """A token for one program of another system."""

    name: str = Field(min_length=1, max_length=100, examples=["ERP"])
    scopes: list[TokenScope] = Field(min_length=1, max_length=10, examples=[["customers.read"]])
    departments: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Ids of departments whose records it sees, with all below; [] sees everything",
    )
    fields: dict[GuardedField, Literal["hidden", "masked", "read", "edit"]] = Field(
        default_factory=dict,
        description="How far fields of customers are open to it. Of what is not named here all is "
        "open, but of what nobody owns as much as its pool shows: phone and e-mail masked usually",
        examples=[{"phone": "masked"}],
    )
    days: int = Field(365, ge=1, le=3650, description="After that many days it ends")


class ApiTokenOut(Out):
    id: str
    name: str
    scopes: list[str]
    departments: list[str]
    fields: dict[str, str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To ten minutes")
    revoked_at: datetime | None


class ApiTokenMade(ApiTokenOut):
    token: str = Field(description="Shown this once; send it as `Authorization: Bearer …`")


class ApiTokens(Out):
    rows: list[ApiTokenOut]
