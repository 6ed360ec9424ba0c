"""Every SELECT of the plans domain."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, select

from ..access import visible
from ..customers.models import Customer
from ..work import Work
from .messages import PlannedStop
from .models import VisitPlan

StopRow = Row[VisitPlan, Customer]


async def stops_on(work: Work, member_id: str, day: date) -> Sequence[StopRow]:
    """A member's stops of one day in order: (plan, customer). Cancelled ones are left out."""
    wanted = (
        visible(work, VisitPlan)
        .join(
            Customer,
            (Customer.tenant_id == VisitPlan.tenant_id) & (Customer.id == VisitPlan.customer_id),
        )
        .with_only_columns(VisitPlan, Customer)
        .where(
            VisitPlan.owner_id == member_id,
            VisitPlan.planned_on == day,
            VisitPlan.state.not_in(("cancelled", "rescheduled", "draft")),
        )
        .order_by(VisitPlan.position, VisitPlan.planned_at, VisitPlan.id)
    )
    return (await work.session.execute(wanted)).all()


async def planned_stops(work: Work, member_id: str, day: date) -> list[PlannedStop]:
    """The same as lines of a card."""
    return [
        PlannedStop(customer.name, customer.level, plan.planned_at, plan.state, customer.id)
        for plan, customer in await stops_on(work, member_id, day)
    ]


async def members_with_stops(work: Work, day: date) -> Sequence[str]:
    """Everybody in the tenant who has something planned for the day."""
    found = await work.session.scalars(
        select(VisitPlan.owner_id)
        .where(
            VisitPlan.tenant_id == work.tenant_id,
            VisitPlan.planned_on == day,
            VisitPlan.state == "scheduled",
        )
        .distinct()
    )
    return found.all()
