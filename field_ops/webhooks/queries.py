"""Webhooks and what became of their deliveries."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, literal_column, select

from ..access import require
from ..errors import NotFound
from ..work import Work
from .models import UNFINISHED, Webhook, WebhookDelivery

PAGE = 50
GIVEN_UP: ColumnElement[str] = literal_column("'given_up'")


async def find(work: Work, webhook_id: str, *, for_update: bool = False) -> Webhook:
    """Raises NotFound, also for one that was removed."""
    wanted = select(Webhook).where(
        Webhook.tenant_id == work.tenant_id,
        Webhook.id == webhook_id,
        Webhook.removed_at.is_(None),
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    webhook = await work.session.scalar(wanted)
    if webhook is None:
        raise NotFound()
    return webhook


async def listed(work: Work) -> Sequence[Webhook]:
    """Every webhook of the company, the newest first."""
    found = await work.session.scalars(
        select(Webhook)
        .where(Webhook.tenant_id == work.tenant_id, Webhook.removed_at.is_(None))
        .order_by(Webhook.id.desc())
    )
    return found.all()


async def counts(work: Work) -> dict[str, dict[str, int]]:
    """How many deliveries of each webhook wait, or were given up."""
    by_webhook: dict[str, dict[str, int]] = {}
    for states in (UNFINISHED, [GIVEN_UP]):  # each by an index of its own
        found = await work.session.execute(
            select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
            .where(WebhookDelivery.tenant_id == work.tenant_id, WebhookDelivery.state.in_(states))
            .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
        )
        for webhook_id, state, count in found:
            by_webhook.setdefault(webhook_id, {})[state] = count
    return by_webhook


async def deliveries(
    work: Work, webhook_id: str, *, state: str = "", before: int | None = None
) -> Sequence[WebhookDelivery]:
    """A page of a webhook's deliveries, the newest first, and one more if there is more."""
    require(work, "connections.configure")
    webhook = await find(work, webhook_id)
    wanted = select(WebhookDelivery).where(
        WebhookDelivery.tenant_id == work.tenant_id, WebhookDelivery.webhook_id == webhook.id
    )
    if state:
        wanted = wanted.where(WebhookDelivery.state == state)
    if before is not None:
        wanted = wanted.where(WebhookDelivery.number < before)
    found = await work.session.scalars(
        wanted.order_by(WebhookDelivery.number.desc()).limit(PAGE + 1)
    )
    return found.all()
