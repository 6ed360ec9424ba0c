"""Proposing levels at the first day of a quarter, and deciding on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from ..access import require
from ..customers import index
from ..customers.actions.holding import held_for_editing, touch
from ..customers.levels import BY_RULE, note_level, refuse_unexplained
from ..customers.models import Customer
from ..db import insert_into, new_id
from ..errors import NotFound
from ..history import audit
from ..outbox.post import post
from ..work import Work
from .card import Card, card_of
from .errors import LevelMovedOn, ProposalDecided
from .measures import shares_of
from .messages import proposals_card
from .models import GradeProposal, GradeRuleSet
from .rules import GradeRules

AT_ONCE = 200
TRIED = 1000  # enough for a share of one in a hundred to be seen
CHANCE_BEGINS = (
    19  # of an id: what comes before tells the time, and the oldest are not like the rest
)
LATEST = timedelta(
    days=7
)  # a server that was down on the first day still proposes in the first week


async def rules_of(work: Work) -> GradeRules:
    """The company's, or the usual ones."""
    row = await work.session.get(GradeRuleSet, work.tenant_id)
    return row.ruled if row else GradeRules()


async def set_rules(work: Work, rules: GradeRules) -> None:
    """Needs `grading.configure`. Counts from the next card on."""
    require(work, "grading.configure")
    row = await work.session.get(GradeRuleSet, work.tenant_id)
    if row is None:
        row = GradeRuleSet(tenant_id=work.tenant_id)
        work.session.add(row)
    before = row.rules
    row.rules = rules.model_dump(mode="json")
    row.changed_by, row.changed_at = work.actor.member_id, work.now
    audit.record(work, "grading.configured", "tenant", "", {"rules": (before, row.rules)})
    await work.session.flush()


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


async def due_quarter(work: Work) -> date | None:
    """The quarter for which it is time to propose."""
    quarter = quarter_of(work.today)
    return quarter if work.today - quarter < LATEST else None


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules would say of some customers: how many have too little known of them to say, and
    how many of each level would have which."""

    tried: int
    unknown: int
    levels: Mapping[tuple[str, str], int]


async def try_out(work: Work, rules: GradeRules) -> Trial:
    """What these rules would say, without changing anything. Needs `grading.configure`."""
    require(work, "grading.configure")
    rows = (
        await work.session.execute(
            select(Customer.id, Customer.level)
            .where(Customer.tenant_id == work.tenant_id, Customer.removed_at.is_(None))
            .order_by(func.substr(Customer.id, CHANCE_BEGINS), Customer.id)
            .limit(TRIED)
        )
    ).all()
    unknown, levels = 0, Counter[tuple[str, str]]()
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        cards = await cards_of(work, [row.id for row in some], rules)
        for row in some:
            after = cards[row.id].level
            if after is None:
                unknown += 1
            else:
                levels[row.level, after] += 1
    return Trial(len(rows), unknown, levels)


async def cards_of(
    work: Work, customer_ids: Sequence[str], rules: GradeRules | None = None
) -> dict[str, Card]:
    rules = rules or await rules_of(work)
    shares = await shares_of(work, rules, customer_ids)
    return {one: card_of(known, rules) for one, known in shares.items()}


async def propose(work: Work, quarter: date, after: str = "") -> str:
    """Propose another level for those of the next customers behind `after` whose card says so.
    Returns the last of them, "" when there are no more. Again is nothing."""
    rows = (
        await work.session.execute(
            select(Customer.id, Customer.level)
            .where(
                Customer.tenant_id == work.tenant_id,
                Customer.id > after,
                Customer.removed_at.is_(None),
            )
            .order_by(Customer.id)
            .limit(AT_ONCE)
        )
    ).all()
    cards = await cards_of(work, [row.id for row in rows])
    new = [
        {
            "tenant_id": work.tenant_id,
            "id": new_id(),
            "quarter": quarter,
            "customer_id": row.id,
            "before": row.level,
            "after": cards[row.id].level,
            "score": cards[row.id].score,
            "card": card_json(cards[row.id]),
            "state": "open",
            "made_at": work.now,
        }
        for row in rows
        if cards[row.id].level not in (None, row.level)
    ]
    if new:
        await work.session.execute(
            insert_into(work.session, GradeProposal)
            .values(new)
            .on_conflict_do_nothing(index_elements=["tenant_id", "quarter", "customer_id"])
        )
    return rows[-1].id if rows else ""


async def tell_owners(work: Work, quarter: date) -> None:
    """Each owner hears once how many of his customers should have another level."""
    found = await work.session.execute(
        select(Customer.owner_id, func.count())
        .join(
            GradeProposal,
            (GradeProposal.tenant_id == Customer.tenant_id)
            & (GradeProposal.customer_id == Customer.id),
        )
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.is_not(None),
            GradeProposal.quarter == quarter,
            GradeProposal.state == "open",
        )
        .group_by(Customer.owner_id)
    )
    for owner_id, count in found.all():
        assert owner_id is not None
        await post(
            work,
            to=owner_id,
            message=partial(proposals_card, count),
            kind="grading",
            once=f"grading-{quarter:%Y%m%d}-{owner_id}",
        )


async def decide(work: Work, proposal_id: str, *, accept: bool, comment: str) -> None:
    """Take the level over, or not. Needs the right to change the customer. The same decision a
    second time changes nothing. Raises ProposalDecided, LevelMovedOn and LevelReasonNeeded."""
    proposal = await work.session.get(
        GradeProposal, (work.tenant_id, proposal_id), with_for_update=True, populate_existing=True
    )
    if proposal is None:
        raise NotFound()
    customer = await held_for_editing(work, proposal.customer_id)
    state = "confirmed" if accept else "dismissed"
    if proposal.state == state:
        return
    if proposal.state != "open":
        raise ProposalDecided()
    if accept:
        if customer.level != proposal.before:
            raise LevelMovedOn(name=customer.name)
        refuse_unexplained(customer, proposal.after, comment)
        customer.level = proposal.after
        touch(work, customer)
        note_level(work, customer, proposal.before, proposal.after, BY_RULE, comment)
        change = {"level": (proposal.before, proposal.after), "score": (None, proposal.score)}
        audit.record(work, "customer.edited", "customer", customer.id, change)
        await work.session.flush()
        await index.refresh(work, [customer.id])
    proposal.state = state
    proposal.decided_by, proposal.decided_at = work.actor.member_id, work.now
    await work.session.flush()


def card_json(card: Card) -> Mapping[str, Any]:
    return {
        "known": round(card.known, 1),
        "parts": [[one.name, one.weight, one.share, round(one.points, 1)] for one in card.parts],
    }
