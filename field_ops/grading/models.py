"""Grading: the rules of a company, the figures that it was given, and what was proposed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Date,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..customers.models import is_customer_in_scope
from ..db import ID, Base, UtcDateTime
from .rules import GradeRules

OPEN = text("state = 'open'")


class GradeRuleSet(Base):
    """The rules of a company, where they are not the usual ones."""

    __tablename__ = "grade_rules"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_by: Mapped[str | None] = mapped_column(ID)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def ruled(self) -> GradeRules:
        return GradeRules.model_validate(self.rules)


class CustomerFigure(Base):
    """What a customer bought in a month, told by a system that knows. `month` is its first day,
    `cents` are hundredths of the company's currency, `paid_on_time` the share of what was due that
    came in time, None where nothing was due."""

    __tablename__ = "customer_figure"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "customer_id", "month"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    month: Mapped[date] = mapped_column(Date)
    cents: Mapped[int] = mapped_column(BigInteger)
    orders: Mapped[int] = mapped_column(Integer)
    paid_on_time: Mapped[float | None] = mapped_column(Float)
    told_by: Mapped[str | None] = mapped_column(ID)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents) / 100


class GradeProposal(Base):
    """That a customer should have another level, by the card of a quarter (its first day).

    `state`: open, confirmed, or dismissed. `card` is what spoke for it.
    """

    __tablename__ = "grade_proposal"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "quarter", "customer_id"),
        Index("ix_grade_proposal_tenant_id_customer_id", "tenant_id", "customer_id"),
        Index(
            "ix_grade_proposal_open",
            "tenant_id",
            "id",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    quarter: Mapped[date] = mapped_column(Date)
    customer_id: Mapped[str] = mapped_column(ID)
    before: Mapped[str] = mapped_column(String(1))
    after: Mapped[str] = mapped_column(String(1))
    score: Mapped[float] = mapped_column(Float)
    card: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)
