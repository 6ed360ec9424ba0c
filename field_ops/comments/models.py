"""What colleagues say to each other about a customer."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, Integer, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..customers.models import is_customer_in_scope
from ..db import ID, Base, UtcDateTime


class CustomerComment(Base):
    """A comment, or a reply to one (`parent_id`); a reply has no replies. One that was removed
    keeps its place, without its text, which is in the audit trail."""

    __tablename__ = "customer_comment"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "ix_customer_comment_tenant_id_customer_id", "tenant_id", "customer_id", "created_at"
        ),
        Index("ix_customer_comment_tenant_id_parent_id", "tenant_id", "parent_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    parent_id: Mapped[str | None] = mapped_column(ID)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)


class CommentMention(Base):
    """Somebody who was named in a comment, and told of it."""

    __tablename__ = "comment_mention"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "comment_id", "member_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    comment_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
