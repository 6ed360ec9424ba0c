"""Taking deliveries up and laying them down, with a lease as in the outbox.

Free is what is due and the first of its line: the events of one customer leave in order. A courier
that dies keeps its lease until it ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..queues import take_up
from .fan_out import is_open
from .models import UNFINISHED, Webhook, WebhookDelivery

LEASE = timedelta(seconds=60)
AT_ONCE = 8  # to one webhook
DOUBTED_AFTER = 3  # failures in a row: from then on one at a time


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this courier may make until `lease_until`, and nobody else."""

    tenant_id: int
    webhook_id: str
    number: int
    event: str
    body: str
    attempts: int
    lease_until: datetime


CLAIMED_COLUMNS = tuple(getattr(WebhookDelivery, name) for name in Claimed.__slots__)


async def webhooks_with_work(session: AsyncSession, now: datetime) -> list[Webhook]:
    """The webhooks to which something can go now, asked without taking any lock."""
    has_work = exists().where(
        WebhookDelivery.tenant_id == Webhook.tenant_id,
        WebhookDelivery.webhook_id == Webhook.id,
        WebhookDelivery.state.in_(UNFINISHED),
        _is_due(now),
    )
    found = await session.scalars(
        select(Webhook)
        .where(*is_open(), or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now), has_work)
        .order_by(Webhook.tenant_id, Webhook.id)
    )
    return list(found)


async def claim(
    session: AsyncSession, webhook: Webhook, courier: str, now: datetime
) -> list[Claimed]:
    """Lease the next free deliveries of one webhook, at most one of each line."""
    earlier = aliased(WebhookDelivery)
    first_of_line = (
        select(earlier.number)
        .where(
            earlier.tenant_id == webhook.tenant_id,
            earlier.webhook_id == webhook.id,
            earlier.line == WebhookDelivery.line,
            earlier.state.in_(UNFINISHED),
        )
        .order_by(earlier.number)
        .limit(1)
        .scalar_subquery()
    )
    mine = (
        WebhookDelivery.tenant_id == webhook.tenant_id,
        WebhookDelivery.webhook_id == webhook.id,
    )
    free = (
        select(WebhookDelivery.number)
        .where(
            *mine,
            WebhookDelivery.state.in_(UNFINISHED),
            _is_due(now),
            WebhookDelivery.number == first_of_line,
        )
        .order_by(WebhookDelivery.due_at)
        .limit(1 if webhook.failures >= DOUBTED_AFTER else AT_ONCE)
    )
    values = {
        "state": "sending",
        "courier": courier,
        "lease_until": now + LEASE,
        "attempts": WebhookDelivery.attempts + 1,
    }
    rows = await take_up(
        session, WebhookDelivery, WebhookDelivery.number, free, mine, values, CLAIMED_COLUMNS
    )
    return sorted((Claimed(*row) for row in rows), key=lambda one: one.number)


async def lay_down(session: AsyncSession, one: Claimed, courier: str, **what: Any) -> bool:
    """Record what became of a delivery. False when the lease was lost to another courier."""
    result = await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == one.tenant_id,
            WebhookDelivery.webhook_id == one.webhook_id,
            WebhookDelivery.number == one.number,
            WebhookDelivery.state == "sending",
            WebhookDelivery.courier == courier,
            WebhookDelivery.attempts == one.attempts,
        )
        .values(lease_until=None, **what)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        WebhookDelivery.due_at <= now,
        or_(WebhookDelivery.state != "sending", WebhookDelivery.lease_until <= now),
    )
