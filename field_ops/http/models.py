"""What the edge keeps: first answers, so that the same key gives the same; programs' tokens."""

from datetime import datetime

from sqlalchemy import JSON, Index, Integer, LargeBinary, PrimaryKeyConstraint, String
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


class ApiToken(Base):
    """A program of another system that may use the API.

    `secret_hash` is the SHA-256 of what it sends; `scopes` what it may; `departments` whose records
    it sees, with all below ([]: the whole company's). `fields` of customers say how far
    they are open to it, where it is not the usual. `last_used_at` is true to ten minutes.
    """

    __tablename__ = "api_token"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    departments: Mapped[list[str]] = mapped_column(JSON)
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
