"""The JSON of territories."""

from typing import Annotated, Literal

from pydantic import Field

from ..customers.schemas import MemberOut, Schema

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class DivisionIn(Schema):
    """A city, or one district of it."""

    city: str = Field(min_length=1, max_length=64, examples=["武汉市"])
    district: str = Field("", max_length=64, examples=["洪山区"])


class TerritoryIn(Schema):
    """Cities or districts, an outline, or both: then the outline decides where the place of a
    customer is known, and the divisions where it is not."""

    name: str = Field(min_length=1, max_length=100, examples=["武昌片区"])
    owner_id: str = Field(max_length=26, description="The member who looks after it")
    position: int = Field(0, ge=0, le=10_000, description="Of several the first counts")
    divisions: list[DivisionIn] = Field(default_factory=list, max_length=200)
    outline: list[tuple[Latitude, Longitude]] = Field(
        default_factory=list, max_length=500, description="Corners, latitude first"
    )
    datum: Literal["GCJ02", "WGS84"] = Field("GCJ02", description="Of the outline")


class TerritoryOut(TerritoryIn):
    id: str
    owner: MemberOut


class TerritoriesOut(Schema):
    territories: list[TerritoryOut] = Field(description="In the order in which they count")
