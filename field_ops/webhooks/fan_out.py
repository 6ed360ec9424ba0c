"""From changes to deliveries: what happened since becomes a row for each webhook that wants it.

Changes are numbered in the order of their commits, so a webhook's position is all that has to be
remembered, and nothing is missed. A webhook far behind gets no more until it has caught up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..access import scope_of, visible
from ..customers.listing_api import listed_customers
from ..customers.models import Customer
from ..db import insert_into
from ..history.models import AuditEntry, Change, ChangeClock
from ..http import tokens
from ..people.models import Member
from ..plans.models import VisitPlan
from ..tenants.models import Tenant
from ..visits.models import Visit
from ..work import Work
from .events import PING, ChangedBy, EventOut, EventPlan, EventVisit, event_of, said_by
from .models import UNFINISHED, Webhook, WebhookDelivery

CHANGES_AT_ONCE = 200
MOST_WAITING = 1000
TABLES: dict[str, type[Visit] | type[VisitPlan]] = {"visit": Visit, "plan": VisitPlan}


@dataclass(frozen=True, slots=True)
class Happened:
    """A change, with what the audit entry knows of it, and which customer it is about. `row` is the
    visit or the plan that it happened to."""

    number: int
    at: datetime
    action: str
    event: str
    subject_id: str
    entry: AuditEntry | None
    row: Visit | VisitPlan | None
    customer_id: str | None

    @property
    def facts(self) -> dict[str, Any]:
        return said_by(self.action, self.entry.change if self.entry else {})

    @property
    def former_owner(self) -> str | None:
        """Whose customer, or whose plan, it was before this change."""
        if isinstance(self.row, VisitPlan):
            before = self.entry.change.get("owner_id") if self.entry else None
            return before[0] if before else None
        owner = self.facts.get("owner")
        return owner["from_id"] if owner else None


async def behind(session: AsyncSession) -> list[tuple[int, str]]:
    """The webhooks for which something happened that they have no delivery of."""
    found = await session.execute(
        select(Webhook.tenant_id, Webhook.id)
        .join(ChangeClock, ChangeClock.tenant_id == Webhook.tenant_id)
        .where(*is_open(), ChangeClock.number > Webhook.position)
        .order_by(Webhook.tenant_id, Webhook.id)
    )
    return [(tenant_id, webhook_id) for tenant_id, webhook_id in found]


def is_open() -> tuple[Any, ...]:
    return Webhook.removed_at.is_(None), Webhook.paused_at.is_(None)


async def fan_out(session: AsyncSession, tenant_id: int, webhook_id: str, now: datetime) -> int:
    """Make the next deliveries of one webhook; returns how many changes were looked at."""
    wanted = select(Webhook).where(
        Webhook.tenant_id == tenant_id, Webhook.id == webhook_id, *is_open()
    )
    webhook = await session.scalar(wanted.with_for_update(skip_locked=True))
    if webhook is None or await _is_far_behind(session, webhook):
        return 0
    tenant = await session.get_one(Tenant, tenant_id)
    actor = tokens.program(tenant_id, webhook, tenant.pool_fields)
    work = Work(session, actor, now, ZoneInfo(tenant.zone))
    found = await session.scalars(
        select(Change)
        .where(Change.tenant_id == tenant_id, Change.number > webhook.position)
        .order_by(Change.number)
        .limit(CHANGES_AT_ONCE)
    )
    changes = found.all()
    if not changes:
        return 0
    events = await _events(work, webhook, changes)
    rows = [
        {
            "tenant_id": tenant_id,
            "webhook_id": webhook.id,
            "number": event.number,
            "line": event.customer_id or event.type,
            "event": event.type,
            "body": event.model_dump_json(exclude_unset=True),
            "state": "queued",
            "created_at": now,
            "due_at": now,
            "attempts": 0,
        }
        for event in events
    ]
    if rows:
        await session.execute(insert_into(session, WebhookDelivery).on_conflict_do_nothing(), rows)
    webhook.position = changes[-1].number
    return len(changes)


async def _is_far_behind(session: AsyncSession, webhook: Webhook) -> bool:
    waiting = await session.scalar(
        select(func.count()).where(
            WebhookDelivery.tenant_id == webhook.tenant_id,
            WebhookDelivery.webhook_id == webhook.id,
            WebhookDelivery.state.in_(UNFINISHED),
        )
    )
    return bool(waiting and waiting >= MOST_WAITING)


async def _events(work: Work, webhook: Webhook, changes: Sequence[Change]) -> list[EventOut]:
    happened = [
        one
        for one in await _with_facts(work, changes)
        if (one.event == PING and one.subject_id == webhook.id) or one.event in webhook.events
    ]
    ids = {one.customer_id for one in happened if one.customer_id}
    in_sight = {row.id: row for row in await listed_customers(work, ids)}
    told = await _may_be_told(work, ids, happened)
    seen = await _seen(work, happened)
    events = []
    for one in happened:
        if not _is_told(one, seen, told):
            continue
        by = ChangedBy(member_id=one.entry.member_id, via=one.entry.via) if one.entry else None
        events.append(
            EventOut.model_validate(
                {
                    "id": f"evt_{work.tenant_id}_{one.number}",
                    "number": one.number,
                    "type": one.event,
                    "at": one.at,
                    "by": by,
                    "customer_id": one.customer_id,
                    "customer": in_sight.get(one.customer_id or ""),
                    **_said_of(one.row, seen),
                    **one.facts,
                }
            )
        )
    return events


def _is_told(one: Happened, seen: set[str], told: set[str]) -> bool:
    """A plan is seen where its owner is, whosever the customer is now: it is called off because he
    lost the customer. Of a visit, the customer has to be in sight, too."""
    if isinstance(one.row, VisitPlan):
        return one.row.id in seen or one.former_owner in told
    if isinstance(one.row, Visit) and one.row.id not in seen:
        return False
    return not one.customer_id or one.customer_id in told or one.former_owner in told


def _said_of(row: Visit | VisitPlan | None, seen: set[str]) -> dict[str, Any]:
    match row:
        case Visit():
            return {"visit": EventVisit.model_validate(row)}
        case VisitPlan():
            told = EventPlan.model_validate(row) if row.id in seen else None
            return {"plan_id": row.id, "plan": told}
    return {}


async def _seen(work: Work, happened: Sequence[Happened]) -> set[str]:
    """The visits and plans among these that the webhook may see."""
    seen: set[str] = set()
    for table in TABLES.values():
        ids = {one.row.id for one in happened if isinstance(one.row, table)}
        rows = visible(work, table).with_only_columns(table.id).where(table.id.in_(ids))
        seen |= set(await work.session.scalars(rows))
    return seen


async def _with_facts(work: Work, changes: Sequence[Change]) -> list[Happened]:
    entries = {
        entry.id: entry
        for entry in await work.session.scalars(
            select(AuditEntry).where(
                AuditEntry.tenant_id == work.tenant_id,
                AuditEntry.id.in_([one.entry_id for one in changes if one.entry_id]),
            )
        )
    }
    rows = {
        subject: await _rows(work, table, [one for one in changes if one.subject == subject])
        for subject, table in TABLES.items()
    }
    found = []
    for one in changes:
        event = event_of(one.action, one.subject)
        row = rows.get(one.subject, {}).get(one.subject_id)
        if event is None or (one.subject in TABLES and row is None):
            continue
        customer_id = row.customer_id if row else None
        if one.subject == "customer":
            customer_id = one.subject_id
        found.append(
            Happened(
                number=one.number,
                at=one.at,
                action=one.action,
                event=event,
                subject_id=one.subject_id,
                entry=entries.get(one.entry_id or ""),
                row=row,
                customer_id=customer_id,
            )
        )
    return found


async def _rows(
    work: Work, table: type[Visit] | type[VisitPlan], changes: Sequence[Change]
) -> dict[str, Visit | VisitPlan]:
    """The visits, or the plans, that these changes are about."""
    ids = [one.subject_id for one in changes]
    asked: Select[Any] = select(table).where(table.tenant_id == work.tenant_id, table.id.in_(ids))
    return {row.id: row for row in await work.session.scalars(asked)}


async def _may_be_told(
    work: Work, customer_ids: set[str], happened: Sequence[Happened]
) -> set[str]:
    """Customers that are or were in sight, and former owners whose customers are: who loses sight
    of one is told that, too."""
    scope = scope_of(work, "customers.view")
    told = set(
        await work.session.scalars(
            select(Customer.id).where(
                Customer.tenant_id == work.tenant_id,
                Customer.id.in_(customer_ids),
                scope.covers(Customer.owner_id),
            )
        )
    )
    former = {one.former_owner for one in happened if one.former_owner}
    if former:
        told |= set(
            await work.session.scalars(
                select(Member.id).where(
                    Member.tenant_id == work.tenant_id,
                    Member.id.in_(former),
                    scope.covers(Member.id),
                )
            )
        )
    return told
