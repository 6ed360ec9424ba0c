"""The timeline a second way: every row of the company is read, and sorted in memory.

It knows who may see what from a table of the usual company, not from `access`.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.attachments.models import Attachment
from field_ops.comments.models import CustomerComment
from field_ops.customers.models import Customer
from field_ops.follow_ups.models import FollowUp
from field_ops.history.models import AuditEntry
from field_ops.plans.models import VisitPlan
from field_ops.visits.models import Visit
from tests.conftest import SHANGHAI, TUESDAY_MORNING

TABLES: tuple[Any, ...] = (
    Customer,
    Visit,
    FollowUp,
    VisitPlan,
    AuditEntry,
    CustomerComment,
    Attachment,
)
KINDS_OF_ACTIONS = (
    ("contact.", "contact"),
    ("customer.shared", "share"),
    ("customer.unshared", "share"),
    ("customer.merged", "merge"),
    ("customer.parted", "merge"),
    ("customer.released", "ownership"),
    ("customer.assigned", "ownership"),
    ("customer.claimed", "ownership"),
    ("customer.extension", "ownership"),
    ("customer.protected", "ownership"),
)


@dataclass
class Books:
    """Every row there is, by table."""

    rows: dict[str, list[Any]]


async def books_of(session: AsyncSession) -> Books:
    return Books({one.__name__: list(await session.scalars(select(one))) for one in TABLES})


def entries(books: Books, customer_id: str, sees_visits_of: set[str]) -> list[tuple[str, str]]:
    """(kind, id) of all that a reader of the customer is told, newest first."""
    found: list[tuple[datetime, int, str, str]] = []
    ours = {one.id for one in books.rows["Customer"] if customer_id in (one.id, one.merged_into)}
    told_by_visits = set()
    for visit in books.rows["Visit"]:
        if visit.customer_id == customer_id and visit.owner_id in sees_visits_of:
            told_by_visits.add(visit.id)
            found.append((visit.checked_in_at, 0, visit.id, "visit"))
    for one in books.rows["FollowUp"]:
        if one.customer_id == customer_id and one.visit_id not in told_by_visits:
            found.append((one.happened_at, 1, one.id, "follow_up"))
    for plan in books.rows["VisitPlan"]:
        is_told = plan.state in ("missed", "skipped", "cancelled", "rescheduled")
        is_past = plan.planned_on <= TUESDAY_MORNING.astimezone(SHANGHAI).date()
        is_seen = plan.customer_id == customer_id and plan.owner_id in sees_visits_of
        if is_told and is_past and is_seen:
            day_ends = datetime.combine(plan.planned_on, time(23, 59), tzinfo=SHANGHAI)
            found.append((day_ends, 2, plan.id, "plan"))
    noted = set()
    for entry in books.rows["AuditEntry"]:
        if entry.subject != "customer" or entry.subject_id not in ours:
            continue
        if entry.action == "customer.created":
            noted.add(entry.subject_id)
        if entry.action == "customer.merged_into" and entry.subject_id != customer_id:
            continue
        found.append((entry.at, 3, entry.id, kind_of(entry.action)))
    for one in books.rows["Customer"]:
        if one.id in ours - noted:
            found.append((one.created_at, 4, one.id, "change"))
    for said in books.rows["CustomerComment"]:
        if said.customer_id == customer_id and said.parent_id is None:
            found.append((said.created_at, 5, said.id, "comment"))
    for file in books.rows["Attachment"]:
        if file.customer_id == customer_id:
            found.append((file.created_at, 6, file.id, "attachment"))
    found.sort(key=lambda one: one[2], reverse=True)
    found.sort(key=lambda one: one[1])
    found.sort(key=lambda one: one[0], reverse=True)
    return [(kind, id_) for _, _, id_, kind in found]


def kind_of(action: str) -> str:
    return next((kind for start, kind in KINDS_OF_ACTIONS if action.startswith(start)), "change")
