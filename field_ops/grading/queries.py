"""The card of a customer, and what waits to be decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, false, func

from ..access import may, visible
from ..customers.models import Customer
from ..customers.queries import editable, find_customer
from ..work import Work
from .card import Card, Trade, tier_of
from .measures import trades_of
from .models import GradeProposal
from .proposals import cards_of, rules_of
from .rules import GradeRules, Tier

MOST = 100
Waiting = Row[GradeProposal, Customer, bool]


@dataclass(frozen=True, slots=True)
class Grade:
    customer: Customer
    card: Card
    rules: GradeRules
    tier: Tier | None
    trade: Trade | None
    waiting: Waiting | None


async def grade_of(work: Work, customer_id: str) -> Grade:
    """Raises NotFound when the customer is not mine to see."""
    customer = await find_customer(work, customer_id)
    rules = await rules_of(work)
    trade = (await trades_of(work, [customer.id])).get(customer.id)
    waiting = await _waiting(work, customer.id)
    return Grade(
        customer=customer,
        card=(await cards_of(work, [customer.id]))[customer.id],
        rules=rules,
        tier=tier_of(trade, rules),
        trade=trade,
        waiting=waiting[0] if waiting else None,
    )


async def waiting(work: Work) -> Sequence[Waiting]:
    """Open proposals for customers that the asker sees, with whether he may decide them; those come
    first."""
    return await _waiting(work)


async def _waiting(work: Work, customer_id: str = "") -> Sequence[Waiting]:
    edits = editable(work) if may(work, "customers.edit") else false()
    may_decide = func.coalesce(edits, false()).label("may_decide")  # nobody's owner is NULL
    query = (
        visible(work, GradeProposal)
        .join(
            Customer,
            and_(
                Customer.tenant_id == GradeProposal.tenant_id,
                Customer.id == GradeProposal.customer_id,
            ),
        )
        .with_only_columns(GradeProposal, Customer, may_decide)
        .where(GradeProposal.state == "open", Customer.removed_at.is_(None))
        .order_by(may_decide.desc(), GradeProposal.id)
        .limit(MOST)
    )
    if customer_id:
        query = query.where(GradeProposal.customer_id == customer_id)
    return (await work.session.execute(query)).all()
