"""The verbs of a plan: make one, start it, settle it by what came of the visit."""

from datetime import date, time

from sqlalchemy import select

from ..customers.queries import find_customer
from ..db import new_id
from ..errors import Invalid
from ..texts import Text
from ..work import Work
from .models import VisitPlan

OPEN_STATES = ("scheduled", "in_progress", "attempted")


class PlanNotForToday(Invalid):
    sentence = Text(
        "这条计划不是今天给您的，请从今日页重新进入。",
        "This plan is not yours for today. Please start again from Today.",
    )


async def make_plan(
    work: Work,
    customer_id: str,
    planned_on: date,
    *,
    planned_at: time | None = None,
    position: int = 0,
    visit_type: str = "routine",
    purpose: str = "",
) -> VisitPlan:
    """Plan a visit of one's own."""
    customer = await find_customer(work, customer_id)
    plan = VisitPlan(
        tenant_id=work.tenant_id,
        id=new_id(),
        owner_id=work.actor.me,
        customer_id=customer.id,
        planned_on=planned_on,
        planned_at=planned_at,
        position=position,
        visit_type=visit_type,
        purpose=purpose,
        state="scheduled",
        created_at=work.now,
    )
    work.session.add(plan)
    await work.session.flush()
    return plan


async def plan_for_visit(work: Work, customer_id: str, plan_id: str | None) -> VisitPlan | None:
    """My plan of today that a check-in at this customer fulfils.

    A plan that is named must be that one (`PlanNotForToday` otherwise); without a name, today's
    open plan for the customer is found.
    """
    wanted = select(VisitPlan).where(
        VisitPlan.tenant_id == work.tenant_id,
        VisitPlan.owner_id == work.actor.me,
        VisitPlan.customer_id == customer_id,
        VisitPlan.planned_on == work.today,
    )
    if plan_id is None:
        wanted = wanted.where(VisitPlan.state.in_(OPEN_STATES)).order_by(VisitPlan.position)
    else:
        wanted = wanted.where(VisitPlan.id == plan_id)
    plan: VisitPlan | None = await work.session.scalar(wanted.limit(1))
    if plan is None and plan_id is not None:
        raise PlanNotForToday()
    return plan


async def start(work: Work, plan: VisitPlan) -> None:
    """The visit has begun."""
    if plan.state == "scheduled":
        plan.state = "in_progress"


async def settle(work: Work, plan_id: str | None, *, is_effective: bool) -> None:
    """After the visit: `done` when it is effective, `attempted` when it is not (yet)."""
    if plan_id is None:
        return
    plan = await work.session.get(VisitPlan, (work.tenant_id, plan_id))
    if plan is not None and plan.state in (*OPEN_STATES, "done"):
        plan.state = "done" if is_effective else "attempted"
