"""The JSON of grading."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from ..customers.schemas import Level, Schema
from .rules import GradeRules, PartName, TierName


class GradeRulesIn(GradeRules):
    """All of the rules; what is left out is as usual."""


class GradeRulesOut(Schema):
    rules: GradeRules
    may_configure: bool


class LevelMove(Schema):
    before: Level
    after: Level
    count: int


class GradeTrialOut(Schema):
    """What rules would say of some customers that were picked by chance."""

    tried: int = Field(description="A thousand at most")
    unknown: int = Field(description="Too little is known of them to propose anything")
    levels: list[LevelMove] = Field(description="How many of each level would have which")


class PartOut(Schema):
    """A part of the card: its weight by the rules, and what it counts where others are unknown."""

    name: PartName
    weight: int
    counts: float = Field(description="Points of a hundred here; 0 when nobody knows the part")
    share: float | None = Field(description="Of full marks; None: nobody knows")
    points: float


class TierOut(Schema):
    """By amount and count of the last twelve months."""

    name: TierName
    benefit: str
    amount: Decimal
    orders: int


class ProposalOut(Schema):
    id: str
    quarter: date
    customer_id: str
    customer_name: str
    number: str
    before: Level
    after: Level
    score: float
    needs_comment: bool = Field(description="Two levels or more at once")
    made_at: datetime
    may_decide: bool = Field(description="Whether I may change the customer")


class ProposalsOut(Schema):
    proposals: list[ProposalOut] = Field(
        description="At most a hundred: those that I may decide, then the others; the oldest first"
    )


class GradeOut(Schema):
    """The card of a customer as of now."""

    level: Level = Field(description="What counts")
    by_card: Level | None = Field(description="What the card says; None: too little is known")
    score: float | None
    known: float = Field(description="Of a hundred points of weight, how many are known")
    least_known: int = Field(description="Below it nothing is proposed")
    parts: list[PartOut]
    tier: TierOut | None = Field(description="None: nothing is known of what it bought")
    proposal: ProposalOut | None


class GradeDecisionIn(Schema):
    accept: bool
    comment: str = Field("", max_length=200)


class FigureIn(Schema):
    """What a customer bought in a month, as another system knows it. Told again it is replaced."""

    month: date = Field(description="Its first day", examples=["2026-03-01"])
    amount: Decimal = Field(ge=0, max_digits=16, decimal_places=2)
    orders: int = Field(ge=0, le=100_000)
    paid_on_time: float | None = Field(
        None, ge=0, le=1, description="Share of what was due; None: nothing was"
    )


class FigureOut(FigureIn):
    told_at: datetime


class GradeDecisionOut(Schema):
    state: Literal["open", "confirmed", "dismissed"]
