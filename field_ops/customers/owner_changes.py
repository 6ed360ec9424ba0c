"""Who had a customer before, and how he lost it: what limits on claiming are counted by."""

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

CLAIMED, ASSIGNED, HANDED_OVER = "claimed", "assigned", "handed_over"
ALLOCATED = "allocated"  # by the system, from a pool; counts against his limit
RELEASED, RECYCLED, UNDONE = "released", "recycled", "undone"
MERGED, PARTED = "merged", "parted"  # with another record, which had an owner


class OwnerChange(Base):
    """A customer that changed hands; `from_id` or `to_id` None stands for nobody: the pool.

    `how`: claimed, assigned, allocated, handed_over, released, recycled, undone (a recycling or a
    transfer that was taken back), merged or parted. `pool_id` is the pool that it left or entered.
    `due_on` is the day at which the clock of its former owner would have ended, where there was
    one.
    """

    __tablename__ = "owner_change"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_owner_change_tenant_id_customer_id", "tenant_id", "customer_id", "at"),
        Index("ix_owner_change_tenant_id_to_id", "tenant_id", "to_id", "at"),
        Index("ix_owner_change_tenant_id_from_id", "tenant_id", "from_id", "at"),
        Index("ix_owner_change_tenant_id_how", "tenant_id", "how", "at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    how: Mapped[str] = mapped_column(String(16))
    from_id: Mapped[str | None] = mapped_column(ID)
    to_id: Mapped[str | None] = mapped_column(ID)
    by_id: Mapped[str | None] = mapped_column(ID)
    pool_id: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(300), default="")
    due_on: Mapped[date | None] = mapped_column(Date)
