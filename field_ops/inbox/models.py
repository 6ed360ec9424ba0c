"""What hosts delivered. One host event is handled once, however often the host repeats it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, PrimaryKeyConstraint, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

KEPT = text("state IN ('failed', 'given_up')")


class InboxEvent(Base):
    """`state`: `done`, `failed` (waits for a retry) or `given_up` (a person must look).

    `payload` is kept for what failed, so that nothing a host delivered is lost; a handled event
    keeps only its id.
    """

    __tablename__ = "inbox_event"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "event_id"),
        Index(
            "ix_inbox_event_due",
            "tenant_id",
            "next_attempt_at",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        # What a person is shown: rows come here only when their handling failed.
        Index(
            "ix_inbox_event_kept",
            "tenant_id",
            "connection_id",
            "state",
            sqlite_where=KEPT,
            postgresql_where=KEPT,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    event_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class EventTally(Base):
    """How many events of one kind came through a connection within an hour, by what became of them.

    Written every few seconds from what a process counted: no event waits for it, and a process that
    dies takes the last seconds of it along. `outcome` is that of `Intake.take`, or why a request
    at the callback address was refused; then `kind` is "".
    """

    __tablename__ = "event_tally"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "hour", "kind", "outcome"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    hour: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(32))
    count: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
