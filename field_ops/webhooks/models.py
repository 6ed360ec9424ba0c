"""Webhooks of a company, and their deliveries: each remembers what happened to it."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

WAITING = text("state IN ('queued', 'sending')")
GIVEN_UP = text("state = 'given_up'")
# Written out, not bound: only so do both databases see that the partial indexes serve.
UNFINISHED: list[ColumnElement[str]] = [
    literal_column(f"'{state}'") for state in ("queued", "sending")
]


class Webhook(Base):
    """An address of another system that is told what happens.

    `events` are their names, `departments` and `fields` how far it sees, as of a token. `position`
    is the number of the last change for which deliveries were made. `secret` is encrypted; for a
    day after a rotation `secret_before` signs too. `failures` counts those in a row since
    `failing_since`; while it rests nobody tries, and while it is paused nothing is made for it:
    changes wait for thirty days.
    """

    __tablename__ = "webhook"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)
    departments: Mapped[list[str]] = mapped_column(JSON)
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    secret_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    signs_twice_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    position: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_reason: Mapped[str] = mapped_column(String(300), default="")
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def scopes(self) -> list[str]:
        """What it may see, in the words of tokens."""
        return ["customers.read", "visits.read"]


class WebhookDelivery(Base):
    """One event on its way to one webhook.

    `state`: `queued` → `sending` (leased by a courier) → `delivered`, or `given_up` after the last
    try. Those of one `line` (a customer) leave in the order of their numbers. `body` is what is
    sent, the same at each try; `status` and `answer` are of the last one.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "webhook_id", "number"),
        Index(
            "ix_webhook_delivery_due",
            "tenant_id",
            "webhook_id",
            "due_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_webhook_delivery_line",
            "tenant_id",
            "webhook_id",
            "line",
            "number",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        # What an administrator is shown: rows come here only when they could not be delivered.
        Index(
            "ix_webhook_delivery_given_up",
            "tenant_id",
            "webhook_id",
            sqlite_where=GIVEN_UP,
            postgresql_where=GIVEN_UP,
        ),
        Index("ix_webhook_delivery_tenant_id_created_at", "tenant_id", "created_at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    webhook_id: Mapped[str] = mapped_column(ID)
    number: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    line: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    courier: Mapped[str] = mapped_column(String(64), default="")
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str] = mapped_column(String(300), default="")
    took_ms: Mapped[int | None] = mapped_column(Integer)
