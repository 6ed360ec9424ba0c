"""What happened, and proof that it was not changed afterwards. Rows here are only ever added."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Index, Integer, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class AuditEntry(Base):
    """Who changed what, when, through which door; `change` is `{field: [before, after]}`."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        # What happened to one thing, the newest first.
        Index("ix_audit_entry_tenant_id_subject", "tenant_id", "subject_id", "at", "id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[str | None] = mapped_column(ID)
    via: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    change: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class EvidenceLink(Base):
    """One link of the tenant's hash chain: `hash = SHA-256(previous hash ‖ canonical payload)`.

    `payload` is the canonical JSON itself. A legal deletion sets it to NULL and keeps
    `payload_hash`; a link's hash is taken over `payload_hash`, so the chain still verifies.
    """

    __tablename__ = "evidence_link"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "number"),
        Index("ix_evidence_link_tenant_id_visit_id", "tenant_id", "visit_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    business_date: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(32))
    visit_id: Mapped[str] = mapped_column(ID)
    payload: Mapped[str | None] = mapped_column(Text)
    payload_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChangeClock(Base):
    """The last change of a tenant: its number, and its moment in microseconds since 1970."""

    __tablename__ = "change_clock"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer, autoincrement=False)
    last_us: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)


class Change(Base):
    """Something that other systems may be told. Numbers are given in the order of the commits, so
    whoever has read up to one has missed none before it. `entry_id` is the audit entry that knows
    more; changes of many at once (an import) have none.
    """

    __tablename__ = "change"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "number"),
        Index("ix_change_tenant_id_at", "tenant_id", "at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    entry_id: Mapped[str | None] = mapped_column(ID)


class NumberSequence(Base):
    """The last short number that was given out, per kind (`C`, `V-20260310`)."""

    __tablename__ = "number_sequence"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "kind"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(32))
    last: Mapped[int] = mapped_column(Integer)
