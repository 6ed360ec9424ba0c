"""The port of measures: who knows something about customers says how much of full marks it is.

A measure answers for the customers that it knows; who is left out is not known, which is not
nothing. Orders and payments will be measures of their own here; until there are such, what other
systems told (`CustomerFigure`) stands for them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from ..contacts.strength import HALF_LIFE, STRONGEST, Touch, strength
from ..customers.models import Customer
from ..follow_ups.models import FollowUp
from ..work import Work
from .card import Trade, growth_share
from .models import CustomerFigure
from .rules import GradeRules

Measure = Callable[[Work, GradeRules, Sequence[str]], Awaitable[Mapping[str, Mapping[str, float]]]]
"""Shares of full marks, by part and customer."""

LOOKED_BACK = HALF_LIFE * 8


async def shares_of(
    work: Work, rules: GradeRules, customer_ids: Sequence[str]
) -> dict[str, dict[str, float]]:
    """What is known of each of these customers, by customer and part; the first measure that knows
    a part counts."""
    known: dict[str, dict[str, float]] = {one: {} for one in customer_ids}
    for measure in MEASURES:
        for part, of in (await measure(work, rules, customer_ids)).items():
            for customer_id, share in of.items():
                known[customer_id].setdefault(part, share)
    return known


async def trades_of(
    work: Work, customer_ids: Sequence[str], *, years_ago: int = 0
) -> dict[str, Trade]:
    """What each bought in the twelve months before this one, or a year earlier."""
    last = work.today.replace(day=1, year=work.today.year - years_ago)
    first = last.replace(year=last.year - 1)
    found: dict[str, Trade] = {}
    for one in await _figures(work, customer_ids, first, last):
        so_far = found.get(one.customer_id, Trade(Decimal(0), 0))
        found[one.customer_id] = Trade(so_far.amount + one.amount, so_far.orders + one.orders)
    return found


async def figures(
    work: Work, rules: GradeRules, customer_ids: Sequence[str]
) -> Mapping[str, Mapping[str, float]]:
    """Revenue, growth and payment, where another system told them."""
    now = await trades_of(work, customer_ids)
    before = await trades_of(work, customer_ids, years_ago=1)
    growth: dict[str, float] = {}
    for one, trade in now.items():
        share = growth_share(
            trade.amount, before[one].amount if one in before else Decimal(0), rules.growth_full
        )
        if share is not None:
            growth[one] = share
    return {
        "revenue": {one: float(trade.amount / rules.revenue_full) for one, trade in now.items()},
        "growth": growth,
        "payment": await _paid_on_time(work, customer_ids),
    }


async def relationship(
    work: Work, rules: GradeRules, customer_ids: Sequence[str]
) -> Mapping[str, Mapping[str, float]]:
    """How well we know them: everybody's words with anybody there, as with a contact."""
    rows = await work.session.execute(
        select(FollowUp.customer_id, FollowUp.channel, FollowUp.happened_at).where(
            FollowUp.tenant_id == work.tenant_id,
            FollowUp.customer_id.in_(customer_ids),
            FollowUp.happened_at > work.now - LOOKED_BACK,
            FollowUp.removed_at.is_(None),
        )
    )
    touches: dict[str, list[Touch]] = {one: [] for one in customer_ids}
    for customer_id, channel, at in rows:
        touches[customer_id].append(Touch(channel, at))
    share = {one: strength(of, work.now) / STRONGEST for one, of in touches.items()}
    return {"relationship": share}


async def potential(
    work: Work, rules: GradeRules, customer_ids: Sequence[str]
) -> Mapping[str, Mapping[str, float]]:
    """What its type may become, as the company thinks."""
    rows = await work.session.execute(
        select(Customer.id, Customer.type).where(
            Customer.tenant_id == work.tenant_id, Customer.id.in_(customer_ids)
        )
    )
    of_type = rules.potential.model_dump()
    return {"potential": {row.id: of_type[row.type] for row in rows if row.type in of_type}}


MEASURES: tuple[Measure, ...] = (figures, relationship, potential)


async def _paid_on_time(work: Work, customer_ids: Sequence[str]) -> dict[str, float]:
    """Of the twelve months each counts the same."""
    last = work.today.replace(day=1)
    sums: dict[str, list[float]] = {}
    for one in await _figures(work, customer_ids, last.replace(year=last.year - 1), last):
        if one.paid_on_time is not None:
            sums.setdefault(one.customer_id, []).append(one.paid_on_time)
    return {one: sum(shares) / len(shares) for one, shares in sums.items()}


async def _figures(
    work: Work, customer_ids: Sequence[str], first: date, before: date
) -> Sequence[CustomerFigure]:
    found = await work.session.scalars(
        select(CustomerFigure).where(
            CustomerFigure.tenant_id == work.tenant_id,
            CustomerFigure.customer_id.in_(customer_ids),
            CustomerFigure.month >= first,
            CustomerFigure.month < before,
        )
    )
    return found.all()
