"""Visits: arrival, leaving, what was observed about them, and what the rep wrote."""

from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime

OPEN = text("checked_out_at IS NULL")


class Visit(Base):
    """One call on one customer by one owner. Open until it is checked out.

    `check_in_verdict` and `check_out_verdict` repeat what the fixes say, for lists. `dwell_s` is
    None while open and after a forced check-out: never guessed. `review_state`: none, pending,
    accepted, rejected. `proven_customer_id` is the record that the evidence names, where that was
    merged into another one since.
    """

    __tablename__ = "visit"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "number"),
        # One open visit per member is a promise of the database, not only of the code.
        Index(
            "uq_visit_open",
            "tenant_id",
            "owner_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_visit_tenant_id_owner_id_business_date", "tenant_id", "owner_id", "business_date"
        ),
        Index("ix_visit_tenant_id_customer_id", "tenant_id", "customer_id", "checked_in_at"),
        Index("ix_visit_tenant_id_business_date", "tenant_id", "business_date"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(String(24))
    owner_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    proven_customer_id: Mapped[str | None] = mapped_column(ID)
    plan_id: Mapped[str | None] = mapped_column(ID)
    visit_type: Mapped[str] = mapped_column(String(32))
    business_date: Mapped[date] = mapped_column(Date)
    checked_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_in_verdict: Mapped[str] = mapped_column(String(16))
    check_out_verdict: Mapped[str | None] = mapped_column(String(16))
    pair_colour: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(300), default="")
    dwell_s: Mapped[int | None] = mapped_column(Integer)
    forced_check_out: Mapped[bool] = mapped_column(Boolean, default=False)
    risk_score: Mapped[int] = mapped_column(Integer, default=0)
    review_state: Mapped[str] = mapped_column(String(16), default="none")
    log_result: Mapped[str | None] = mapped_column(String(16))
    log_summary: Mapped[str] = mapped_column(Text, default="")
    log_submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_open(self) -> bool:
        return self.checked_out_at is None

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Whose owner is."""
        return scope.covers(cls.owner_id)


class FixRecord(Base):
    """Evidence of one end of a visit, as received and as judged. `end`: check_in or check_out."""

    __tablename__ = "fix_record"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "visit_id", "end"),
        Index("ix_fix_record_tenant_id_member_id", "tenant_id", "member_id", "at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    visit_id: Mapped[str] = mapped_column(ID)
    end: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float | None] = mapped_column(Float)  # WGS-84
    lng: Mapped[float | None] = mapped_column(Float)
    original_lat: Mapped[float | None] = mapped_column(Float)
    original_lng: Mapped[float | None] = mapped_column(Float)
    datum: Mapped[str] = mapped_column(String(8), default="")
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    provider: Mapped[str] = mapped_column(String(16), default="")
    is_mock: Mapped[bool | None] = mapped_column(Boolean)
    network: Mapped[str] = mapped_column(String(16), default="")
    fix_age_s: Mapped[float | None] = mapped_column(Float)
    client_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[str] = mapped_column(String(128), default="")
    host: Mapped[str] = mapped_column(String(32), default="")
    app_version: Mapped[str] = mapped_column(String(64), default="")
    verdict: Mapped[str] = mapped_column(String(16))
    distance_m: Mapped[float | None] = mapped_column(Float)
    effective_distance_m: Mapped[float | None] = mapped_column(Float)
    radius_m: Mapped[int] = mapped_column(Integer)
    location_id: Mapped[str | None] = mapped_column(ID)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its visit is."""
        return _visit_in_scope(cls.visit_id, scope)


class VisitFlag(Base):
    """One observation about a visit (domain.md §4.7). Never a punishment by itself."""

    __tablename__ = "visit_flag"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "visit_id", "flag"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    visit_id: Mapped[str] = mapped_column(ID)
    flag: Mapped[str] = mapped_column(String(32))
    severity: Mapped[str] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its visit is."""
        return _visit_in_scope(cls.visit_id, scope)


class Photo(Base):
    """A picture of a visit. `sha256` is of the bytes as received; `place` names the stored master
    by the hash of its own bytes, the watermarked copy is drawn from it. `captured_by`: by which way
    the page says that it came (`types.CAPTURED_BY`), empty where it said nothing."""

    __tablename__ = "photo"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_photo_tenant_id_visit_id", "tenant_id", "visit_id"),
        Index("ix_photo_tenant_id_sha256", "tenant_id", "sha256"),
        Index("ix_photo_tenant_id_place", "tenant_id", "place"),  # whose is a file?
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    visit_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    sha256: Mapped[str] = mapped_column(String(64))
    verification_code: Mapped[str] = mapped_column(String(8))
    place: Mapped[str] = mapped_column(String(200))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(Integer)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    captured_by: Mapped[str] = mapped_column(String(24), default="", server_default="")
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def master_sha256(self) -> str:
        """The hash of the picture as it is kept: the name of its file."""
        return PurePosixPath(self.place).stem

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its visit is."""
        return _visit_in_scope(cls.visit_id, scope)


def _visit_in_scope(visit_id: InstrumentedAttribute[str], scope: Scope) -> ColumnElement[bool]:
    return visit_id.in_(
        select(Visit.id).where(Visit.tenant_id == scope.tenant_id, Visit.in_scope(scope))
    )


class LogDraft(Base):
    """A log that was said to the bot and waits for one tap. `code` is what the buttons name."""

    __tablename__ = "log_draft"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "code"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(8))
    member_id: Mapped[str] = mapped_column(ID)
    visit_id: Mapped[str] = mapped_column(ID)
    summary: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
