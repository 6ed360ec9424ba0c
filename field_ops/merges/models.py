"""Two records of one customer that became one, and what it takes to part them again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, PrimaryKeyConstraint
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
