"""The score card of a customer, and its value tier. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .rules import PARTS, GradeRules, Tier

FULL = 100


@dataclass(frozen=True, slots=True)
class Part:
    """`share` of full marks, None when nobody knows; `weight` as the rules say, `counts` as it
    counts here, in points of a hundred."""

    name: str
    weight: int
    share: float | None
    counts: float

    @property
    def points(self) -> float:
        return self.counts * (self.share or 0)


@dataclass(frozen=True, slots=True)
class Card:
    """`known`: of a hundred points of weight, how many belong to parts that are known. Below the
    least that the rules ask for there is no score and no level."""

    parts: tuple[Part, ...]
    known: float
    score: float | None
    level: str | None


@dataclass(frozen=True, slots=True)
class Trade:
    """What a customer bought in the last twelve months."""

    amount: Decimal
    orders: int


def card_of(shares: Mapping[str, float], rules: GradeRules) -> Card:
    """The weight of what is not known is spread over the rest in proportion, and is seen there."""
    weights = {name: getattr(rules.weights, name) for name in PARTS}
    whole = sum(weights.values())
    known = sum(weight for name, weight in weights.items() if name in shares)
    parts = tuple(
        Part(
            name,
            weight,
            min(1.0, max(0.0, shares[name])) if name in shares else None,
            FULL * weight / known if known and name in shares else 0.0,
        )
        for name, weight in weights.items()
    )
    share_known = FULL * known / whole if whole else 0.0
    if not known or share_known < rules.least_known:
        return Card(parts, share_known, None, None)
    score = round(sum(part.points for part in parts), 1)
    return Card(parts, share_known, score, level_of(score, rules))


def level_of(score: float, rules: GradeRules) -> str:
    limits = rules.thresholds
    for level, least in (("A", limits.A), ("B", limits.B), ("C", limits.C)):
        if score >= least:
            return level
    return "D"


def tier_of(trade: Trade | None, rules: GradeRules) -> Tier | None:
    """The best tier that amount and count reach both; None for who bought nothing we know of."""
    if trade is None:
        return None
    best = sorted(rules.tiers, key=lambda tier: (tier.amount, tier.orders), reverse=True)
    reached = (t for t in best if trade.amount >= t.amount and trade.orders >= t.orders)
    return next(reached, None)


def growth_share(now: Decimal, before: Decimal, full: float) -> float | None:
    """Half the marks for as much as the year before; None where there was nothing."""
    if before <= 0:
        return None
    growth = float(now / before) - 1
    return min(1.0, max(0.0, 0.5 + growth / full / 2))
