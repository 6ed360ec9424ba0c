"""Exports that somebody asked for: the row is the order, the file lies in the file store."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime

OPEN = text("state IN ('waiting', 'writing')")


class Export(Base):
    """A file that somebody asked for. `state`: waiting, writing, ready, failed, or gone (the file
    was removed).

    `member_id` is who asked: the file holds what he may see when it is written. `counted` is how
    many rows there were when he asked, `rows` how many are written. `taken_until` is the lease of
    whoever writes; a writer that died is followed by another one, which begins anew.
    """

    __tablename__ = "export"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_export_open", "tenant_id", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_export_tenant_id_member_id_id", "tenant_id", "member_id", "id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    what: Mapped[str] = mapped_column(String(32))
    format: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    masks_phones: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    counted: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    size_bytes: Mapped[int | None] = mapped_column(Integer)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Who asked for it, and nobody else: it holds what he may see."""
        return true() if scope.member_id is None else cls.member_id == scope.member_id
