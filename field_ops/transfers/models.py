"""Customers that a lead gives from one member to others, with a list and a way back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

AT_WORK = text("state IN ('moving', 'returning')")
MOVING, DONE, RETURNING, UNDONE = "moving", "done", "returning", "undone"
WAITS, MOVED, SKIPPED, GOES_BACK, BACK, KEPT = (
    "waits", "moved", "skipped", "goes_back", "back", "kept",
)  # fmt: skip


class Transfer(Base):
    """`state`: moving, done, returning (it is being taken back), undone. `count` is what was seen
    when it was asked for."""

    __tablename__ = "transfer"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "ix_transfer_at_work",
            "tenant_id",
            "id",
            sqlite_where=AT_WORK,
            postgresql_where=AT_WORK,
        ),
        Index("ix_transfer_tenant_id_from_id", "tenant_id", "from_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    from_id: Mapped[str] = mapped_column(ID)
    by_id: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(300), default="")
    count: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), default=MOVING)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(ID)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TransferItem(Base):
    """One customer of a transfer and who gets it.

    `state`: waits, moved, skipped (it was no longer his), then goes_back, back, or kept (somebody
    did something else with it meanwhile). `before` is how its former owner had it, the plans that
    moved with it, and what the new owner had shared before: for the way back.
    """

    __tablename__ = "transfer_item"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "transfer_id", "customer_id"),
        Index("ix_transfer_item_tenant_id_state", "tenant_id", "transfer_id", "state"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    transfer_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    to_id: Mapped[str] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16), default=WAITS)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
