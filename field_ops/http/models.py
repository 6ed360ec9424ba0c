"""The first answer to a write, kept so that the same key gives the same answer."""

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class AnsweredRequest(Base):
    """`fingerprint` hashes method, path and body: the same key with other content is refused."""

    __tablename__ = "answered_request"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "member_id", "key"),
        Index("ix_answered_request_tenant_id_answered_at", "tenant_id", "answered_at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
