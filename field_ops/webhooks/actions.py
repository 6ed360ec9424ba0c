"""The verbs of webhooks. All need `connections.configure`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update

from ..access import require
from ..db import new_id
from ..errors import NotFound
from ..history import audit, changes
from ..history.models import ChangeClock
from ..keys import Keys
from ..people.models import Department
from ..work import Work
from .errors import (
    DeliveryUnderWay,
    TooManyWebhooks,
    WebhookAddressWrong,
    WebhookDepartmentUnknown,
)
from .events import PING
from .models import Webhook, WebhookDelivery
from .queries import find, listed
from .schemas import WebhookChange, WebhookIn
from .secrets import SIGNS_TWICE_FOR, seal
from .signing import new_secret
from .targets import why_not

NEEDS = "connections.configure"
MOST_WEBHOOKS = 20


async def make(work: Work, keys: Keys, wanted: WebhookIn) -> tuple[Webhook, str]:
    """A new webhook, which is told what happens from now on; and its secret, shown this once."""
    require(work, NEEDS)
    _refuse_wrong(wanted.url)
    await _refuse_unknown(work, wanted.departments)
    if len(await listed(work)) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(limit=MOST_WEBHOOKS)
    secret = new_secret()
    last = await work.session.scalar(
        select(ChangeClock.number).where(ChangeClock.tenant_id == work.tenant_id)
    )
    webhook = Webhook(
        tenant_id=work.tenant_id,
        id=new_id(),
        name=wanted.name,
        url=wanted.url,
        events=sorted(set(wanted.events)),
        departments=sorted(set(wanted.departments)),
        fields=dict(wanted.fields),
        secret=seal(keys, secret),
        position=last or 0,
        failures=0,
        created_by=work.actor.member_id,
        created_at=work.now,
    )
    work.session.add(webhook)
    said = {name: (None, getattr(webhook, name)) for name in ("name", "url", "events")}
    audit.record(work, "webhook.made", "webhook", webhook.id, said)
    await work.session.flush()
    return webhook, secret


async def change(work: Work, webhook_id: str, wanted: WebhookChange) -> Webhook:
    """Change what is given. Deliveries that wait go to the new address."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    given = wanted.model_dump(exclude_none=True)
    if "url" in given:
        _refuse_wrong(given["url"])
    await _refuse_unknown(work, given.get("departments", []))
    changed = {
        name: (getattr(webhook, name), to)
        for name, to in given.items()
        if getattr(webhook, name) != to
    }
    for name, (_, to) in changed.items():
        setattr(webhook, name, to)
    if changed:
        audit.record(work, "webhook.changed", "webhook", webhook.id, changed)
    return webhook


async def rotate(work: Work, keys: Keys, webhook_id: str) -> tuple[Webhook, str]:
    """A new secret. For a day both sign, so that the other system changes when it can."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    secret = new_secret()
    webhook.secret_before, webhook.secret = webhook.secret, seal(keys, secret)
    webhook.signs_twice_until = work.now + SIGNS_TWICE_FOR
    audit.record(work, "webhook.secret_rotated", "webhook", webhook.id)
    return webhook, secret


async def resume(work: Work, webhook_id: str) -> Webhook:
    """End a pause: what waited goes out now, in order."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    if webhook.paused_at is not None:
        audit.record(work, "webhook.resumed", "webhook", webhook.id)
    _trust(webhook)
    await work.session.execute(
        update(WebhookDelivery)
        .where(*_of(webhook), WebhookDelivery.state == "queued", WebhookDelivery.due_at > work.now)
        .values(due_at=work.now)
        .execution_options(synchronize_session=False)
    )
    return webhook


async def pause(work: Work, webhook_id: str) -> Webhook:
    """Nothing goes out until it is resumed; what happens meanwhile waits for thirty days."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    if webhook.paused_at is None:
        webhook.paused_at, webhook.paused_reason = work.now, ""
        audit.record(work, "webhook.paused", "webhook", webhook.id)
    return webhook


async def remove(work: Work, webhook_id: str) -> Webhook:
    """It is told nothing any more. A second time is not found."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    webhook.removed_at = work.now
    audit.record(work, "webhook.removed", "webhook", webhook.id, {"name": (webhook.name, None)})
    return webhook


async def ping(work: Work, webhook_id: str) -> None:
    """Send it an event that says nothing, by the way of all others."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    changes.happened(work, PING, "webhook", [webhook.id])


async def replay(work: Work, webhook_id: str, number: int) -> WebhookDelivery:
    """Send one event again, whatever became of it: the same body, under the same id."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    delivery = await work.session.get(
        WebhookDelivery, (work.tenant_id, webhook.id, number), with_for_update=True
    )
    if delivery is None:
        raise NotFound()
    if delivery.state == "sending":
        raise DeliveryUnderWay()
    delivery.state, delivery.due_at, delivery.attempts = "queued", work.now, 0
    return delivery


async def replay_many(
    work: Work, webhook_id: str, *, since: datetime | None = None, delivered: bool = False
) -> int:
    """Send what was given up again, or (`delivered`) everything since a moment; how many."""
    require(work, NEEDS)
    webhook = await _held(work, webhook_id)
    states = ["given_up", "delivered"] if delivered else ["given_up"]
    found = await work.session.execute(
        update(WebhookDelivery)
        .where(
            *_of(webhook),
            WebhookDelivery.state.in_(states),
            *([WebhookDelivery.created_at >= since] if since else []),
        )
        .values(state="queued", due_at=work.now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(found, CursorResult)
    return int(found.rowcount)


def _of(webhook: Webhook) -> tuple[Any, ...]:
    return (
        WebhookDelivery.tenant_id == webhook.tenant_id,
        WebhookDelivery.webhook_id == webhook.id,
    )


def _trust(webhook: Webhook) -> None:
    webhook.paused_at, webhook.paused_reason = None, ""
    webhook.failures, webhook.failing_since, webhook.rests_until = 0, None, None


async def _held(work: Work, webhook_id: str) -> Webhook:
    return await find(work, webhook_id, for_update=True)


def _refuse_wrong(url: str) -> None:
    if why := why_not(url):
        raise WebhookAddressWrong(why=why)


async def _refuse_unknown(work: Work, departments: Sequence[str]) -> None:
    known = await work.session.scalars(
        select(Department.id).where(
            Department.tenant_id == work.tenant_id, Department.id.in_(departments)
        )
    )
    missing = sorted(set(departments) - set(known))
    if missing:
        raise WebhookDepartmentUnknown(department=missing[0])
