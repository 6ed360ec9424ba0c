"""Intentions: which customer, on which date, by whom."""

from datetime import date, datetime, time

from sqlalchemy import (
    ColumnElement,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Time,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime

# Written out, not bound: only so do both databases see that the partial index serves.
SCHEDULED = text("state = 'scheduled'")


class VisitPlan(Base):
    """`state`: draft, scheduled, in_progress, attempted, done, skipped, cancelled, missed or
    rescheduled (domain.md §5.1). `position` orders the day."""

    __tablename__ = "visit_plan"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_visit_plan_tenant_id_owner_id_planned_on", "tenant_id", "owner_id", "planned_on"),
        Index("ix_visit_plan_tenant_id_planned_on", "tenant_id", "planned_on"),
        Index("ix_visit_plan_tenant_id_customer_id", "tenant_id", "customer_id", "planned_on"),
        # What nobody went to is looked for every night; of the past there is nothing else in here.
        Index(
            "ix_visit_plan_scheduled",
            "tenant_id",
            "planned_on",
            sqlite_where=SCHEDULED,
            postgresql_where=SCHEDULED,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    owner_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    planned_on: Mapped[date] = mapped_column(Date)
    planned_at: Mapped[time | None] = mapped_column(Time)
    position: Mapped[int] = mapped_column(Integer, default=0)
    visit_type: Mapped[str] = mapped_column(String(32), default="routine")
    purpose: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(16), default="scheduled")
    skip_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Whose owner is."""
        return scope.covers(cls.owner_id)
