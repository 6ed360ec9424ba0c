"""Who asked to work on a customer that is not his to see."""

from datetime import datetime

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime

ASKED = text("state = 'asked'")


class CollaborationRequest(Base):
    """`state`: asked, granted, declined, or over (nobody answered until `expires_at`). At most one
    of a member about a customer is `asked`. `access` is what was granted: read, edit, or "".
    """

    __tablename__ = "collaboration_request"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "uq_collaboration_request_asked",
            "tenant_id",
            "customer_id",
            "asker_id",
            unique=True,
            sqlite_where=ASKED,
            postgresql_where=ASKED,
        ),
        Index("ix_collaboration_request_tenant_id_asker_id", "tenant_id", "asker_id", "asked_at"),
        Index(
            "ix_collaboration_request_expires_at",
            "tenant_id",
            "expires_at",
            sqlite_where=ASKED,
            postgresql_where=ASKED,
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    asker_id: Mapped[str] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(16), default="asked")
    access: Mapped[str] = mapped_column(String(8), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
