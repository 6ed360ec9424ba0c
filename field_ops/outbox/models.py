"""Messages on their way to a host. What happened to each is kept with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

WAITING = text("state IN ('queued', 'sending', 'unknown')")
ASKED_FOR = text("state IN ('queued', 'sending', 'unknown') AND kind = 'answer'")
SENT = text("state = 'sent'")
ABOUT = text("about <> ''")
DELIVERY_WANTED = text("delivery = 'wanted'")
MERGED = text("merged_into <> ''")
RINGS = text("state IN ('waiting', 'ringing')")
STUCK = text("state IN ('refused', 'given_up')")


class OutboxMessage(Base):
    """One message to one member, or into one conversation.

    `state`: `queued` → `sending` (leased by a relay) → `sent`; or `unknown` (the host may have it),
    `refused` (will never succeed), `given_up` (a person must look), `merged` (said by the
    row in `merged_into`, with others of its kind). `once` makes a repeated post
    one row; the host's own duplicate check gets the row's id. Messages to one member leave in the
    order of their ids.

    A row with `revises` is no message: it changes the card of that row, by the host's handle in
    `revise_with`. When the host does not change that card any more it becomes an ordinary message
    if somebody waits for it, else `lapsed`. `line` is what leaves in order: messages to a person,
    answers to him by his questions' own addresses, or changes of a card. `about` names what a card
    asks for, so that it can be settled when the same thing was done elsewhere. `by_connection`:
    only the process that holds the host's long connection can deliver it.

    `delivery` is what the host told after it had accepted a message (`delivered`, `read`,
    `not_told`), or that it is to be asked (`wanted`). What it accepted and did not show is
    `dropped`, and what was taken back `recalled`.

    `due_at` is when the message is wanted, moved on while the policy holds it: until then nobody
    waits for it. `retry_at` is when a failed one is tried again: until then the later ones wait.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "once"),
        Index(
            "ix_outbox_message_due",
            "tenant_id",
            "connection_id",
            "due_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        # What the bot answers: looked for many times a second, beside thousands of reminders.
        Index(
            "ix_outbox_message_asked_for",
            "tenant_id",
            "connection_id",
            "due_at",
            sqlite_where=ASKED_FOR,
            postgresql_where=ASKED_FOR,
        ),
        Index(
            "ix_outbox_message_line",
            "tenant_id",
            "connection_id",
            "line",
            "id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        # What a member was sent lately: the host's budgets and ours.
        Index(
            "ix_outbox_message_sent",
            "tenant_id",
            "connection_id",
            "host_user_id",
            "sent_at",
            sqlite_where=SENT,
            postgresql_where=SENT,
        ),
        Index(
            "ix_outbox_message_about",
            "tenant_id",
            "about",
            sqlite_where=ABOUT,
            postgresql_where=ABOUT,
        ),
        Index(
            "ix_outbox_message_merged",
            "tenant_id",
            "merged_into",
            sqlite_where=MERGED,
            postgresql_where=MERGED,
        ),
        Index(
            "ix_outbox_message_delivery",
            "tenant_id",
            "connection_id",
            "sent_at",
            sqlite_where=DELIVERY_WANTED,
            postgresql_where=DELIVERY_WANTED,
        ),
        Index("ix_outbox_message_tenant_id_member_id", "tenant_id", "member_id", "created_at"),
        # What a person is shown: rows come here only when they could not be sent.
        Index(
            "ix_outbox_message_stuck",
            "tenant_id",
            "connection_id",
            "state",
            sqlite_where=STUCK,
            postgresql_where=STUCK,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str | None] = mapped_column(ID)
    host_user_id: Mapped[str] = mapped_column(String(128))
    line: Mapped[str] = mapped_column(String(128))
    revises: Mapped[str] = mapped_column(String(128), default="")
    delivery: Mapped[str] = mapped_column(String(16), default="")
    merged_into: Mapped[str] = mapped_column(ID, default="")
    by_connection: Mapped[bool] = mapped_column(default=False)
    about: Mapped[str] = mapped_column(String(128), default="")
    conversation: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(String(64))  # what it is about: check_in_receipt, day_plan…
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    once: Mapped[str] = mapped_column(String(200))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relay: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    host_message_id: Mapped[str] = mapped_column(String(512), default="")
    revise_with: Mapped[str] = mapped_column(String(512), default="")
    error: Mapped[str] = mapped_column(Text, default="")


class Alarm(Base):
    """The host's own alarm beside a message that is urgent, or an escalation.

    `state`: `waiting` for the message to be sent, `ringing` (somebody asks the host), `rung`;
    `fell_back` (the host will not: the message stands alone), `given_up` (too late, or nobody knows
    whether it rang), `moot` (the message was not sent). `doubts`: how often it may have rung
    without our knowing.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "message_id"),
        Index(
            "ix_alarm_open",
            "tenant_id",
            "connection_id",
            "message_id",
            sqlite_where=RINGS,
            postgresql_where=RINGS,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    doubts: Mapped[int] = mapped_column(Integer, default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rung_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    host_alarm_id: Mapped[str] = mapped_column(String(128), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
