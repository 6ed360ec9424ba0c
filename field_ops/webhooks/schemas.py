"""The JSON of webhooks."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from ..api_tokens.schemas import GuardedField
from ..http.schemas import In, Out
from .events import EventName

DeliveryState = Literal["queued", "sending", "delivered", "given_up"]
FieldLevel = Literal["hidden", "masked", "read"]


class WebhookIn(In):
    """An address that is told what happens from now on."""

    name: str = Field(min_length=1, max_length=100, examples=["ERP"])
    url: str = Field(min_length=1, max_length=500, examples=["https://erp.example.com/waiqin"])
    events: list[EventName] = Field(min_length=1, max_length=20, examples=[["customer.changed"]])
    departments: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Ids of departments whose records it is told of, with all below; [] all",
    )
    fields: dict[GuardedField, FieldLevel] = Field(
        default_factory=dict,
        description="How far fields of customers are open to it, as of a token; of what is not "
        "named here and nobody owns, as much as its pool shows",
        examples=[{"phone": "masked"}],
    )


class WebhookChange(In):
    """Fields that are absent stay as they are."""

    name: str | None = Field(None, min_length=1, max_length=100)
    url: str | None = Field(None, min_length=1, max_length=500)
    events: list[EventName] | None = Field(None, min_length=1, max_length=20)
    departments: list[str] | None = Field(None, max_length=100)
    fields: dict[GuardedField, FieldLevel] | None = None


class WebhookOut(Out):
    id: str
    name: str
    url: str
    events: list[str]
    departments: list[str]
    fields: dict[str, str]
    created_at: datetime
    failures: int = Field(description="In a row; 0 when the last delivery arrived")
    paused_at: datetime | None
    paused_reason: str
    signs_twice_until: datetime | None = Field(description="The secret before signs until then")
    waiting: int = Field(0, description="Deliveries on their way")
    given_up: int = Field(0, description="Deliveries that may be replayed")


class Webhooks(Out):
    rows: list[WebhookOut]


class WebhookMade(WebhookOut):
    secret: str = Field(description="Shown this once; deliveries are signed with it")


class DeliveryOut(Out):
    number: int
    event: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime = Field(description="When it is tried next, while it is queued")
    attempts: int
    delivered_at: datetime | None
    status: int | None = Field(description="What was answered last; None: nothing")
    answer: str = Field(description="How the answer began")
    error: str
    took_ms: int | None
    body: str = Field(description="What is sent")


class Deliveries(Out):
    rows: list[DeliveryOut] = Field(description="At most fifty, the newest first")
    more: bool


class DeliveriesQuery(In):
    state: DeliveryState | None = None
    before: int | None = Field(None, description="Go on before this number")


class ReplayIn(In):
    """Which deliveries are sent again: those that were given up, or everything since a moment."""

    since: AwareDatetime | None = Field(None, examples=["2026-03-01T00:00:00Z"])
    delivered: bool = Field(False, description="Also those that were delivered")


class ReplayOut(Out):
    queued: int


class WebhookGone(Out):
    id: str
