"""Files that belong to a customer: contracts, price lists, pictures of the shop."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..customers.models import is_customer_in_scope
from ..db import ID, Base, UtcDateTime


class Attachment(Base):
    """`kind`: picture, pdf, document or text. `sha256` is of the bytes as received; `place` and
    `thumbnail_place` are empty once the bytes of one that was removed are gone. `shows_storefront`:
    by this picture a store is recognised; of several by the newest."""

    __tablename__ = "attachment"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_attachment_tenant_id_customer_id", "tenant_id", "customer_id", "created_at"),
        Index("ix_attachment_tenant_id_removed_at", "tenant_id", "removed_at"),
        Index("ix_attachment_tenant_id_place", "tenant_id", "place"),  # whose is a file?
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(200))
    thumbnail_place: Mapped[str] = mapped_column(String(200), default="")
    shows_storefront: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(ID)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)
