"""The routes of grading."""

from typing import cast

from ..access import may, require
from ..customers.actions.holding import held
from ..customers.errors import LevelReasonNeeded, OnlyReading
from ..customers.levels import NEEDS_A_REASON, steps_between
from ..customers.schemas import Level
from ..db import insert_into
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import proposals, queries
from .errors import LevelMovedOn, NotAMonth, ProposalDecided
from .models import CustomerFigure
from .queries import Grade, Waiting
from .rules import PartName
from .schemas import (
    FigureIn,
    FigureOut,
    GradeDecisionIn,
    GradeDecisionOut,
    GradeOut,
    GradeRulesIn,
    GradeRulesOut,
    GradeTrialOut,
    LevelMove,
    PartOut,
    ProposalOut,
    ProposalsOut,
    TierOut,
)

routes = Routes("/api/v1", tag="grading")

CONFIGURE = "grading.configure"


@routes.get("/grade-rules", refusals=(NotAllowed,))
async def show_rules(work: Work) -> GradeRulesOut:
    """How the customers of the company are graded."""
    require(work, "customers.view")
    return GradeRulesOut(rules=await proposals.rules_of(work), may_configure=may(work, CONFIGURE))


@routes.put("/grade-rules", refusals=(NotAllowed,))
async def set_rules(work: Work, body: GradeRulesIn) -> GradeRulesOut:
    """Grade by these rules from now on. Levels change by proposals only."""
    await proposals.set_rules(work, body)
    return GradeRulesOut(rules=await proposals.rules_of(work), may_configure=True)


@routes.post("/grade-rules/trial", refusals=(NotAllowed,))
async def try_rules(work: Work, body: GradeRulesIn) -> GradeTrialOut:
    """The dry run of rules before they are saved. Changes nothing."""
    trial = await proposals.try_out(work, body)
    return GradeTrialOut(
        tried=trial.tried,
        unknown=trial.unknown,
        levels=[
            LevelMove.model_validate({"before": before, "after": after, "count": count})
            for (before, after), count in sorted(trial.levels.items())
        ],
    )


@routes.get("/customers/{customer_id}/grade", refusals=(NotFound,))
async def show_grade(work: Work, customer_id: str) -> GradeOut:
    """The score card as of now with each part, the value tier, and what was proposed."""
    return _grade(await queries.grade_of(work, customer_id))


@routes.get("/grade-proposals", refusals=(NotAllowed,))
async def grade_proposals(work: Work) -> ProposalsOut:
    """Levels that wait to be decided on, of customers that I see."""
    require(work, "customers.view")
    return ProposalsOut(proposals=[_proposal(one) for one in await queries.waiting(work)])


@routes.post(
    "/grade-proposals/{proposal_id}/decision",
    refusals=(
        NotFound,
        NotAllowed,
        OnlyReading,
        ProposalDecided,
        LevelMovedOn,
        LevelReasonNeeded,
    ),
)
async def decide(work: Work, proposal_id: str, body: GradeDecisionIn) -> GradeDecisionOut:
    """Take the proposed level over, or not. Two levels at once need a comment."""
    await proposals.decide(work, proposal_id, accept=body.accept, comment=body.comment)
    return GradeDecisionOut(state="confirmed" if body.accept else "dismissed")


@routes.put("/customers/{customer_id}/figures", refusals=(NotFound, NotAllowed, NotAMonth))
async def tell_figure(work: Work, customer_id: str, body: FigureIn) -> FigureOut:
    """What the customer bought in a month, as the system that has the orders knows it."""
    require(work, CONFIGURE)
    customer = await held(work, customer_id)
    if body.month.day != 1 or body.month > work.today:
        raise NotAMonth()
    told = {
        "cents": int(body.amount * 100),
        "orders": body.orders,
        "paid_on_time": body.paid_on_time,
        "told_by": work.actor.member_id,
    }
    row = insert_into(work.session, CustomerFigure).values(
        tenant_id=work.tenant_id,
        customer_id=customer.id,
        month=body.month,
        told_at=work.now,
        **told,
    )
    await work.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "customer_id", "month"],
            set_={**told, "told_at": work.now},
        )
    )
    return FigureOut(**body.model_dump(), told_at=work.now)


def _grade(grade: Grade) -> GradeOut:
    card, trade = grade.card, grade.trade
    tier = None
    if grade.tier and trade:
        tier = TierOut(
            name=grade.tier.name,
            benefit=grade.tier.benefit,
            amount=trade.amount,
            orders=trade.orders,
        )
    return GradeOut(
        level=cast(Level, grade.customer.level),
        by_card=cast(Level | None, card.level),
        score=card.score,
        known=round(card.known, 1),
        least_known=grade.rules.least_known,
        parts=[
            PartOut(
                name=cast(PartName, one.name),
                weight=one.weight,
                counts=round(one.counts, 1),
                share=one.share,
                points=round(one.points, 1),
            )
            for one in card.parts
        ],
        tier=tier,
        proposal=_proposal(grade.waiting) if grade.waiting else None,
    )


def _proposal(waiting: Waiting) -> ProposalOut:
    proposal, customer, may_decide = waiting
    return ProposalOut(
        id=proposal.id,
        quarter=proposal.quarter,
        customer_id=customer.id,
        customer_name=customer.name,
        number=customer.number,
        before=cast(Level, proposal.before),
        after=cast(Level, proposal.after),
        score=proposal.score,
        needs_comment=steps_between(customer.level, proposal.after) >= NEEDS_A_REASON,
        made_at=proposal.made_at,
        may_decide=may_decide,
    )
