"""Two records of one customer: that may be one, and that became one and how to part them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class CustomerMerge(Base):
    """`loser_id` went into `master_id`. `fields` is `{field: [before, after]}` of the master;
    `moved` has, by table, the ids of the rows that changed hands.
    """

    __tablename__ = "customer_merge"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_customer_merge_tenant_id_master_id", "tenant_id", "master_id"),
        Index("ix_customer_merge_tenant_id_loser_id", "tenant_id", "loser_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    master_id: Mapped[str] = mapped_column(ID)
    loser_id: Mapped[str] = mapped_column(ID)
    merged_by: Mapped[str | None] = mapped_column(ID)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone_by: Mapped[str | None] = mapped_column(ID)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DuplicatePair(Base):
    """Two customers that may be one. `one_id` is the smaller id.

    `check` and `similarity` as `customers.suspects` found them. `state`: `open`, or `different`
    when somebody looked and said so; what was merged has no pair any more.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "one_id", "other_id"),
        Index("ix_duplicate_pair_tenant_id_other_id", "tenant_id", "other_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    one_id: Mapped[str] = mapped_column(ID)
    other_id: Mapped[str] = mapped_column(ID)
    check: Mapped[str] = mapped_column(String(16))
    similarity: Mapped[float] = mapped_column(Float)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="open")
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DuplicateScan(Base):
    """How far the nightly look for duplicates has come: in the order of `updated_at` and id."""

    __tablename__ = "duplicate_scan"
    __table_args__ = (PrimaryKeyConstraint("tenant_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer_id: Mapped[str] = mapped_column(ID)
