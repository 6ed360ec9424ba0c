"""What somebody who left leaves behind, until somebody else has it."""

from datetime import datetime

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

OPEN = text("state = 'open'")


class Handover(Base):
    """One for each time somebody departs. `to_id` is the lead who was asked; None when there is
    none, or when he takes over himself what was under another record of his.

    `state`: `open`, `done`, or `called_off` (he came back). After `due_at` it is done without
    asking.
    """

    __tablename__ = "handover"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "member_id", "departed_at"),
        Index("ix_handover_open", "tenant_id", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    departed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    to_id: Mapped[str | None] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16), default="open")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
