"""Who has left, and what still belongs to him."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from ..customers.models import Customer
from ..people.models import Member
from ..plans.actions import FUTURE
from ..plans.models import VisitPlan
from ..work import Work
from .models import Handover


async def not_noticed(work: Work, since: datetime, limit: int) -> Sequence[Member]:
    """Members who departed since then, and for whom nothing has been done yet."""
    known = exists().where(
        Handover.tenant_id == Member.tenant_id,
        Handover.member_id == Member.id,
        Handover.departed_at == Member.departed_at,
    )
    found = await work.session.scalars(
        select(Member)
        .where(
            Member.tenant_id == work.tenant_id,
            Member.state == "departed",
            Member.departed_at >= since,
            ~known,
        )
        .order_by(Member.departed_at, Member.id)
        .limit(limit)
    )
    return found.all()


async def open_ones(work: Work, limit: int) -> Sequence[tuple[Handover, Member]]:
    """Handovers that are not finished, with the one who left; the oldest first."""
    rows = await work.session.execute(
        select(Handover, Member)
        .join(
            Member,
            and_(Member.tenant_id == Handover.tenant_id, Member.id == Handover.member_id),
        )
        .where(Handover.tenant_id == work.tenant_id, Handover.state == "open")
        .order_by(Handover.due_at, Handover.member_id)
        .limit(limit)
    )
    return [(handover, member) for handover, member in rows]


async def customers_by_level(work: Work, member_id: str) -> dict[str, int]:
    rows = await work.session.execute(
        select(Customer.level, func.count())
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id == member_id,
            Customer.removed_at.is_(None),
        )
        .group_by(Customer.level)
    )
    return {level: count for level, count in rows}  # noqa: C416 - rows are not pairs for mypy


async def future_plans(work: Work, member_id: str) -> Sequence[VisitPlan]:
    found = await work.session.scalars(
        select(VisitPlan).where(
            VisitPlan.tenant_id == work.tenant_id,
            VisitPlan.owner_id == member_id,
            VisitPlan.planned_on >= work.today,
            VisitPlan.state.in_(FUTURE),
        )
    )
    return found.all()


async def owners(work: Work, customer_ids: Collection[str]) -> dict[str, str]:
    """Who has these customers, as far as somebody has them."""
    rows = await work.session.execute(
        select(Customer.id, Customer.owner_id).where(
            Customer.tenant_id == work.tenant_id,
            Customer.id.in_(customer_ids),
            Customer.owner_id.is_not(None),
        )
    )
    return {row.id: row.owner_id for row in rows}


async def some_customers(work: Work, member_id: str, limit: int) -> Sequence[Customer]:
    found = await work.session.scalars(
        select(Customer)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id == member_id,
            Customer.removed_at.is_(None),
        )
        .order_by(Customer.id)
        .limit(limit)
    )
    return found.all()
