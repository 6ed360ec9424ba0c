"""How customers are graded, as one JSON document that is checked (domain.md §7.2)."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Weight = Annotated[int, Field(ge=0, le=100)]
Threshold = Annotated[int, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
PartName = Literal["revenue", "growth", "potential", "relationship", "payment"]
TierName = Literal["bronze", "silver", "gold", "platinum"]
PARTS: tuple[PartName, ...] = ("revenue", "growth", "potential", "relationship", "payment")


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Weights(Rule):
    revenue: Weight = 40
    growth: Weight = 15
    potential: Weight = 20
    relationship: Weight = 15
    payment: Weight = 10


class Potential(Rule):
    """What a customer of each type may become, where nothing else is known."""

    distributor: Share = 1.0
    partner: Share = 0.8
    store: Share = 0.5
    customer: Share = 0.5
    supplier: Share = 0.2


class Thresholds(Rule):
    """The least points of a level; below C is D."""

    A: Threshold = 80
    B: Threshold = 60
    C: Threshold = 40


class Tier(Rule):
    """Of the last twelve months: at least so much, in at least so many orders."""

    name: TierName
    amount: Decimal = Field(ge=0, max_digits=16, decimal_places=2)
    orders: int = Field(ge=0, le=100_000)
    benefit: str = Field("", max_length=200)


def _tiers() -> list[Tier]:
    return [
        Tier(name="platinum", amount=Decimal(1_000_000), orders=24, benefit=""),
        Tier(name="gold", amount=Decimal(300_000), orders=12, benefit=""),
        Tier(name="silver", amount=Decimal(50_000), orders=4, benefit=""),
        Tier(name="bronze", amount=Decimal(0), orders=1, benefit=""),
    ]


class GradeRules(Rule):
    """Of the weights whose part is known nothing is lost: they are scaled to a hundred together.
    Below `least_known` of a hundred nothing is proposed: that would be a guess."""

    weights: Weights = Field(default_factory=Weights)
    potential: Potential = Field(default_factory=Potential)
    thresholds: Thresholds = Field(default_factory=Thresholds)
    revenue_full: Decimal = Field(
        Decimal(500_000), gt=0, max_digits=16, decimal_places=2, description="Full marks, a year"
    )
    growth_full: float = Field(0.2, gt=0, le=10, description="Full marks; as much less gives none")
    least_known: Threshold = 50
    tiers: list[Tier] = Field(default_factory=_tiers, max_length=4, description="The best first")
