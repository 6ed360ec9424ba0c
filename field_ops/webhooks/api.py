"""The routes of webhooks. All need `connections.configure`."""

from ..access import require
from ..errors import NotAllowed, NotFound
from ..http.edge import Edge
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .errors import (
    DeliveryUnderWay,
    TooManyWebhooks,
    WebhookAddressWrong,
    WebhookDepartmentUnknown,
)
from .failures import said
from .models import Webhook, WebhookDelivery
from .schemas import (
    Deliveries,
    DeliveriesQuery,
    DeliveryOut,
    ReplayIn,
    ReplayOut,
    WebhookChange,
    WebhookGone,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    Webhooks,
)

routes = Routes("/api/v1", tag="webhooks")
WRONG = (NotAllowed, WebhookAddressWrong, WebhookDepartmentUnknown)
MAY_FAIL = (NotAllowed, NotFound)


@routes.get("/webhooks", refusals=(NotAllowed,))
async def list_webhooks(work: Work) -> Webhooks:
    """Every webhook of the company, the newest first."""
    require(work, actions.NEEDS)
    counts = await queries.counts(work)
    rows = [_out(one, counts.get(one.id)) for one in await queries.listed(work)]
    for row in rows:
        row.paused_reason = said(row.paused_reason, work.actor.language)
    return Webhooks(rows=rows)


@routes.post("/webhooks", status=201, refusals=(*WRONG, TooManyWebhooks))
async def make_webhook(work: Work, body: WebhookIn, edge: Edge) -> WebhookMade:
    """Tell an address of another system what happens from now on."""
    webhook, secret = await actions.make(work, edge.keys, body)
    return WebhookMade(**_out(webhook).model_dump(), secret=secret)


@routes.patch("/webhooks/{webhook_id}", refusals=(*WRONG, NotFound))
async def change_webhook(work: Work, webhook_id: str, body: WebhookChange) -> WebhookOut:
    """Change a webhook. What waits goes to the new address."""
    return _out(await actions.change(work, webhook_id, body))


@routes.delete("/webhooks/{webhook_id}", refusals=MAY_FAIL)
async def remove_webhook(work: Work, webhook_id: str) -> WebhookGone:
    """Tell it nothing any more."""
    return WebhookGone(id=(await actions.remove(work, webhook_id)).id)


@routes.post("/webhooks/{webhook_id}/secret", refusals=MAY_FAIL)
async def rotate_webhook_secret(work: Work, webhook_id: str, edge: Edge) -> WebhookMade:
    """A new secret, shown this once. For 24 hours the one before signs too."""
    webhook, secret = await actions.rotate(work, edge.keys, webhook_id)
    return WebhookMade(**_out(webhook).model_dump(), secret=secret)


@routes.post("/webhooks/{webhook_id}/pause", refusals=MAY_FAIL)
async def pause_webhook(work: Work, webhook_id: str) -> WebhookOut:
    """Send nothing until it is resumed; what happens meanwhile waits for thirty days."""
    return _out(await actions.pause(work, webhook_id))


@routes.delete("/webhooks/{webhook_id}/pause", refusals=MAY_FAIL)
async def resume_webhook(work: Work, webhook_id: str) -> WebhookOut:
    """End a pause: what waited goes out now, in order."""
    return _out(await actions.resume(work, webhook_id))


@routes.post("/webhooks/{webhook_id}/ping", refusals=MAY_FAIL)
async def ping_webhook(work: Work, webhook_id: str) -> WebhookGone:
    """Send it an event that says nothing, to try the way."""
    await actions.ping(work, webhook_id)
    return WebhookGone(id=webhook_id)


@routes.get("/webhooks/{webhook_id}/deliveries", refusals=MAY_FAIL)
async def list_webhook_deliveries(
    work: Work, webhook_id: str, query: DeliveriesQuery
) -> Deliveries:
    """What was sent to a webhook and what it answered, the newest first."""
    found = await queries.deliveries(work, webhook_id, state=query.state or "", before=query.before)
    rows = [delivery_out(one, work.actor.language) for one in found[: queries.PAGE]]
    return Deliveries(rows=rows, more=len(found) > queries.PAGE)


@routes.post(
    "/webhooks/{webhook_id}/deliveries/{number}/replay", refusals=(*MAY_FAIL, DeliveryUnderWay)
)
async def replay_delivery(work: Work, webhook_id: str, number: str) -> DeliveryOut:
    """Send one event again, whatever became of it."""
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise NotFound()
    delivery = await actions.replay(work, webhook_id, int(number))
    return delivery_out(delivery, work.actor.language)


@routes.post("/webhooks/{webhook_id}/replays", refusals=MAY_FAIL)
async def replay_deliveries(work: Work, webhook_id: str, body: ReplayIn) -> ReplayOut:
    """Send again what was given up, or everything since a moment."""
    queued = await actions.replay_many(work, webhook_id, since=body.since, delivered=body.delivered)
    return ReplayOut(queued=queued)


def delivery_out(delivery: WebhookDelivery, language: str) -> DeliveryOut:
    shown = DeliveryOut.model_validate(delivery)
    shown.error = said(shown.error, language)
    return shown


def _out(webhook: Webhook, counted: dict[str, int] | None = None) -> WebhookOut:
    counted = counted or {}
    shown = WebhookOut.model_validate(
        {name: getattr(webhook, name) for name in WebhookOut.model_fields if name not in COUNTS}
    )
    shown.waiting = counted.get("queued", 0) + counted.get("sending", 0)
    shown.given_up = counted.get("given_up", 0)
    return shown


COUNTS = ("waiting", "given_up")
