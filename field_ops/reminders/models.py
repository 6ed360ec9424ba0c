"""Promises to say something at a time: each once, whatever dies in between."""

from datetime import datetime

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

DUE = text("state = 'waiting'")
LEASED = text("state = 'claimed'")


class Reminder(Base):
    """Unique by (rule, subject, due instant).

    `state`: `waiting`, `claimed` (leased by a worker, or waiting for another try after a bug),
    `done`, `cancelled` (there was nothing to say any more), `missed` (too late to be useful) or
    `given_up` (a person must look).
    """

    __tablename__ = "reminder"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "rule", "subject_id", "due_at"),
        Index("ix_reminder_due", "tenant_id", "due_at", sqlite_where=DUE, postgresql_where=DUE),
        Index(
            "ix_reminder_leased",
            "tenant_id",
            "lease_until",
            sqlite_where=LEASED,
            postgresql_where=LEASED,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    rule: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[str] = mapped_column(ID)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str] = mapped_column(String(64), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DailyRun(Base):
    """The last time a company-wide job was done for a tenant: `due_at` is the time it stands for.

    It is what makes a job at 23:59 run once, after a restart too.
    """

    __tablename__ = "daily_run"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "job"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    job: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
