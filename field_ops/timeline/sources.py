"""Where the entries of a timeline come from: each source gives its newest rows below a place.

Each is one statement that reads a range of an index, as many rows as a page has and no more.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select

from ..access import scope_to_see, visible
from ..attachments.models import Attachment
from ..comments.models import CustomerComment
from ..customers.models import Customer
from ..follow_ups.models import FollowUp
from ..history.models import AuditEntry
from ..plans.models import VisitPlan
from ..visits.models import Visit
from ..work import Work
from .cursor import Place, older
from .kinds import ACTIONS, AUDITED, KIND_OF, Kind, kind_of

CREATED = "customer.created"
# What became of a plan that no visit tells. One that is still to come is on the day's page.
TOLD_PLANS = ("missed", "skipped", "cancelled", "rescheduled")
PLANS_END_AT = time(23, 59)  # a plan that nobody kept is known when its day is over


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: of the customer `present`, and of those that were merged into it."""

    work: Work
    present: Customer
    merged: Sequence[str]
    kinds: frozenset[Kind]
    below: Place | None
    limit: int

    @property
    def everybody(self) -> list[str]:
        return [self.present.id, *self.merged]


@dataclass(frozen=True, slots=True)
class Found:
    """A row and where it stands."""

    place: Place
    kind: Kind
    row: Any


Source = Callable[[Asked, int], Awaitable[list[Found]]]


async def visits(asked: Asked, rank: int) -> list[Found]:
    work = asked.work
    rows = await work.session.scalars(
        visible(work, Visit)
        .where(Visit.customer_id == asked.present.id)
        .where(older(Visit.checked_in_at, Visit.id, rank, asked.below))
        .order_by(Visit.checked_in_at.desc(), Visit.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(row.checked_in_at, rank, row.id), "visit", row) for row in rows]


async def follow_ups(asked: Asked, rank: int) -> list[Found]:
    """Those of a visit only where the visit itself is out of sight: otherwise it tells its log."""
    work = asked.work
    scope = scope_to_see(work, Visit)
    seen = (
        select(Visit.id)
        .where(Visit.tenant_id == work.tenant_id, Visit.id == FollowUp.visit_id)
        .where(Visit.in_scope(scope) if scope.is_granted else false())
        .correlate(FollowUp)
    )
    rows = await work.session.scalars(
        select(FollowUp)
        .where(FollowUp.tenant_id == work.tenant_id, FollowUp.customer_id == asked.present.id)
        .where(or_(FollowUp.visit_id.is_(None), ~seen.exists()))
        .where(older(FollowUp.happened_at, FollowUp.id, rank, asked.below))
        .order_by(FollowUp.happened_at.desc(), FollowUp.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(row.happened_at, rank, row.id), "follow_up", row) for row in rows]


async def plans(asked: Asked, rank: int) -> list[Found]:
    work = asked.work
    rows = await work.session.scalars(
        visible(work, VisitPlan)
        .where(VisitPlan.customer_id == asked.present.id, VisitPlan.state.in_(TOLD_PLANS))
        .where(VisitPlan.planned_on <= work.today)
        .where(_older_plan(work, rank, asked.below))
        .order_by(VisitPlan.planned_on.desc(), VisitPlan.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(end_of(work, row.planned_on), rank, row.id), "plan", row) for row in rows]


def end_of(work: Work, day: date) -> datetime:
    """When a plan of this day stands in the timeline."""
    return datetime.combine(day, PLANS_END_AT, tzinfo=work.zone).astimezone(UTC)


def _older_plan(work: Work, rank: int, place: Place | None) -> ColumnElement[bool]:
    """`older` for rows that have a day: a plan's moment is the end of it."""
    if place is None:
        return VisitPlan.planned_on.is_not(None)
    day = work.on(place.at)
    if end_of(work, day) == place.at:
        if rank < place.rank:
            return VisitPlan.planned_on < day
        if rank == place.rank:
            same = (VisitPlan.planned_on == day) & (VisitPlan.id < place.id)
            return or_(VisitPlan.planned_on < day, same)
        return VisitPlan.planned_on <= day
    if end_of(work, day) > place.at:
        return VisitPlan.planned_on < day
    return VisitPlan.planned_on <= day


async def audited(asked: Asked, rank: int) -> list[Found]:
    """Changes, owners, shares and merges of the record and of those that became part of it."""
    work, found = asked.work, list[Found]()
    for customer_id in asked.everybody:  # one by one: each is a range of the index
        rows = await work.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.tenant_id == work.tenant_id, AuditEntry.subject_id == customer_id)
            .where(AuditEntry.subject == "customer", _wanted(asked, customer_id))
            .where(older(AuditEntry.at, AuditEntry.id, rank, asked.below))
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .limit(asked.limit)
        )  # fmt: skip
        found += [Found(Place(row.at, rank, row.id), kind_of(row.action), row) for row in rows]
    return found


def _wanted(asked: Asked, customer_id: str) -> ColumnElement[bool]:
    named = {action for kind in asked.kinds for action in ACTIONS.get(kind, ())}
    if customer_id != asked.present.id:
        named.discard("customer.merged_into")  # that they became one is told by the one that stayed
    if "change" in asked.kinds:
        unnamed = AuditEntry.action.not_in(KIND_OF)
        return or_(unnamed, AuditEntry.action.in_(named))
    return AuditEntry.action.in_(named)


async def beginnings(asked: Asked, rank: int) -> list[Found]:
    """That a customer was entered, where the audit trail has no entry of it: by an import."""
    work = asked.work
    noted = (
        select(AuditEntry.id)
        .where(AuditEntry.tenant_id == work.tenant_id, AuditEntry.subject_id == Customer.id)
        .where(AuditEntry.action == CREATED)
        .correlate(Customer)
    )
    rows = await work.session.scalars(
        select(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(asked.everybody))
        .where(~noted.exists(), older(Customer.created_at, Customer.id, rank, asked.below))
        .order_by(Customer.created_at.desc(), Customer.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(row.created_at, rank, row.id), "change", row) for row in rows]


async def comments(asked: Asked, rank: int) -> list[Found]:
    """Comments with their replies stand where the comment was made."""
    work = asked.work
    rows = await work.session.scalars(
        select(CustomerComment)
        .where(
            CustomerComment.tenant_id == work.tenant_id,
            CustomerComment.customer_id == asked.present.id,
            CustomerComment.parent_id.is_(None),
        )
        .where(older(CustomerComment.created_at, CustomerComment.id, rank, asked.below))
        .order_by(CustomerComment.created_at.desc(), CustomerComment.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(row.created_at, rank, row.id), "comment", row) for row in rows]


async def attachments(asked: Asked, rank: int) -> list[Found]:
    """Files stand where they were added, and say it when they were taken away."""
    work = asked.work
    rows = await work.session.scalars(
        select(Attachment)
        .where(Attachment.tenant_id == work.tenant_id, Attachment.customer_id == asked.present.id)
        .where(older(Attachment.created_at, Attachment.id, rank, asked.below))
        .order_by(Attachment.created_at.desc(), Attachment.id.desc())
        .limit(asked.limit)
    )
    return [Found(Place(row.created_at, rank, row.id), "attachment", row) for row in rows]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source, the kinds that it has, and its rank among entries of one moment."""

    kinds: frozenset[Kind]
    read: Source


# The order is that of the page for what happened in one moment: never reorder, only add at the end.
SOURCES: tuple[Ranked, ...] = (
    Ranked(frozenset({"visit"}), visits),
    Ranked(frozenset({"follow_up"}), follow_ups),
    Ranked(frozenset({"plan"}), plans),
    Ranked(frozenset(AUDITED), audited),
    Ranked(frozenset({"change"}), beginnings),
    Ranked(frozenset({"comment"}), comments),
    Ranked(frozenset({"attachment"}), attachments),
)
