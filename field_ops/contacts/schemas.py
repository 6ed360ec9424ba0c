"""The JSON of contacts as persons."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from ..customers.schemas import Attitude, ContactRole, Schema
from .chart import Gap

Gender = Literal["", "male", "female"]
AgeBand = Literal["", "under_30", "30s", "40s", "50s", "over_60"]
IncomeBand = Literal["", "low", "middle", "high"]
Style = Literal["", "driver", "expressive", "amiable", "analytical"]


class BirthdayIn(Schema):
    """`is_leap`: in the leap month of this number, by the lunar calendar."""

    calendar: Literal["solar", "lunar"] = "solar"
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    is_leap: bool = False
    year: int | None = Field(None, ge=1900, le=2100, description="None: not known")


class TraitsIn(Schema):
    """What somebody is like, all of it: what is left out is forgotten. Only with his consent."""

    birthday: BirthdayIn | None = None
    gender: Gender = ""
    age_band: AgeBand = ""
    income_band: IncomeBand = ""
    style: Style = Field("", description="How he likes to be talked to")
    preferences: str = Field("", max_length=500, examples=["喝绿茶，不喝酒；儿子今年高考"])


class BirthdayOut(BirthdayIn):
    text: str = Field(description="As a person says it", examples=["农历闰四月初三"])
    next_on: date = Field(description="The next day on which it is kept, today included")


class TraitsOut(Schema):
    birthday: BirthdayOut | None
    gender: Gender
    age_band: AgeBand
    income_band: IncomeBand
    style: Style
    hints: list[str] = Field(description="How to talk to somebody of this style")
    preferences: str
    noted_at: datetime
    noted_by_name: str


class NotedOut(Schema):
    """Not what was noted: answers are stored, and he may want to be forgotten."""

    contact_id: str


class KnownByOut(Schema):
    """One of us who knows him. 0 to 100: halves every 90 days without a word."""

    member_name: str
    is_mine: bool
    strength: int = Field(ge=0, le=100)
    last_at: datetime


class MoveOut(Schema):
    """He went from one customer to another; the other one is masked when it is out of sight."""

    contact_name: str
    title: str = Field(description="What he was before he went")
    from_name: str
    from_id: str = Field(description="Empty when it is out of sight")
    to_name: str
    to_id: str = Field(description="Empty when it is out of sight")
    at: datetime
    by_name: str


class ContactPersonOut(Schema):
    """A contact as a person."""

    contact_id: str
    traits: TraitsOut | None = Field(
        description="None: nothing is kept, or it is not for the asker to see"
    )
    may_note: bool = Field(description="Whether he agreed to it, and the asker may change it")
    known_by: list[KnownByOut] = Field(description="The strongest first")
    moves: list[MoveOut] = Field(description="Where he was before, the newest first")


class ChartedOut(Schema):
    """A contact at its place in the chart: superiors come before those whom they lead."""

    contact_id: str
    name: str
    title: str
    role: ContactRole
    attitude: Attitude | None = Field(description="To us; None: not known")
    reports_to: str | None = Field(description="Another contact of this customer")
    depth: int = Field(ge=0, description="How many superiors stand above him here")
    known_by: list[KnownByOut] = Field(description="The strongest first")


class RelationshipMapOut(Schema):
    people: list[ChartedOut] = Field(description="Nobody where the asker sees no contacts")
    gaps: list[Gap] = Field(description="What is missing between us and them")


class FormerOut(Schema):
    moves: list[MoveOut] = Field(description="Who went away from this customer, the newest first")


class MoveIn(Schema):
    to_customer_id: str = Field(max_length=26)
    title: str = Field("", max_length=100, description="What he is there")
