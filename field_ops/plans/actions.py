"""The verbs of a plan: make one, start it, settle it by what came of the visit, or of none.

Each writes down what it changed: other systems are told (`webhooks/events.py`), and who asks later
why nobody went there finds out.
"""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import select

from ..access import find_visible
from ..customers.queries import find_customer
from ..db import new_id
from ..errors import Conflict, Invalid
from ..history import audit
from ..texts import Text
from ..work import Work
from .models import SCHEDULED, VisitPlan

OPEN_STATES = ("scheduled", "in_progress", "attempted")
FUTURE = ("draft", "scheduled")  # what may still go to somebody else, or be called off
SUBJECT = "plan"
MADE, CHANGED = "plan.made", "plan.changed"
# What became of a plan in the end; on the way there it is changed.
ENDS = {one: f"plan.{one}" for one in ("done", "skipped", "missed", "cancelled")}
AT_ONCE = 200  # of one transaction


class PlanNotForToday(Invalid):
    sentence = Text(
        "这条计划不是今天给您的，请从今日页重新进入。",
        "This plan is not yours for today. Please start again from Today.",
    )


class PlanSettled(Conflict):
    sentence = Text(
        "这条计划已经开始或结束，不能再跳过。",
        "This plan has begun or is over; it cannot be skipped any more.",
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
    said = {"customer_id": (None, customer.id), "planned_on": (None, planned_on.isoformat())}
    audit.record(work, MADE, SUBJECT, plan.id, said)
    await work.session.flush()
    return plan


async def skip(work: Work, plan_id: str, reason: str) -> VisitPlan:
    """Leave out a stop of my own, and say why. Raises PlanNotForToday and PlanSettled."""
    plan: VisitPlan = await find_visible(work, VisitPlan, plan_id)
    await work.session.refresh(plan, with_for_update=True)
    if plan.owner_id != work.actor.member_id:
        raise PlanNotForToday()
    if plan.state == "skipped":
        return plan
    if plan.state not in FUTURE:
        raise PlanSettled()
    plan.skip_reason = reason
    become(work, plan, "skipped", skip_reason=("", reason))
    await work.session.flush()
    return plan


async def cancel(work: Work, plans: Sequence[VisitPlan]) -> None:
    """These will not take place."""
    for plan in plans:
        become(work, plan, "cancelled")
    await work.session.flush()


async def hand_on(work: Work, plans: Sequence[VisitPlan], to_id: str) -> None:
    """Somebody else makes these visits."""
    for plan in plans:
        if plan.owner_id != to_id:
            audit.record(work, CHANGED, SUBJECT, plan.id, {"owner_id": (plan.owner_id, to_id)})
            plan.owner_id = to_id
    await work.session.flush()


async def miss_some(work: Work) -> int:
    """Plans of days that are over, to which nobody went, are missed; returns how many: where it is
    not 0, there may be more."""
    found = await work.session.scalars(
        select(VisitPlan)
        .where(VisitPlan.tenant_id == work.tenant_id, VisitPlan.planned_on < work.today, SCHEDULED)
        .order_by(VisitPlan.planned_on, VisitPlan.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    missed = found.all()
    for plan in missed:
        become(work, plan, "missed")
    await work.session.flush()
    return len(missed)


async def planned_ahead(
    work: Work, customer_id: str, owner_id: str | None, only: Sequence[str] | None = None
) -> Sequence[VisitPlan]:
    """What a member has still to do at a customer from today on, held for the caller to change."""
    asked = select(VisitPlan).where(
        VisitPlan.tenant_id == work.tenant_id,
        VisitPlan.customer_id == customer_id,
        VisitPlan.owner_id == owner_id,
        VisitPlan.planned_on >= work.today,
        VisitPlan.state.in_(FUTURE),
    )
    if only is not None:
        asked = asked.where(VisitPlan.id.in_(only))
    held = asked.order_by(VisitPlan.id).with_for_update().execution_options(populate_existing=True)
    return (await work.session.scalars(held)).all()


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
        become(work, plan, "in_progress")


async def settle(work: Work, plan_id: str | None, *, is_effective: bool) -> None:
    """After the visit: `done` when it is effective, `attempted` when it is not (yet)."""
    if plan_id is None:
        return
    plan = await work.session.get(VisitPlan, (work.tenant_id, plan_id))
    if plan is not None and plan.state in (*OPEN_STATES, "done"):
        become(work, plan, "done" if is_effective else "attempted")


def become(work: Work, plan: VisitPlan, state: str, **also: tuple[str, str]) -> None:
    """The plan's next state, written down with what changed beside it; the same one is nothing."""
    if plan.state == state:
        return
    change = {"state": (plan.state, state), **also}
    audit.record(work, ENDS.get(state, CHANGED), SUBJECT, plan.id, change)
    plan.state = state
