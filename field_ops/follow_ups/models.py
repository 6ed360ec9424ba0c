"""What passed between somebody of ours and a customer, by whichever way."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..customers.models import is_customer_in_scope
from ..db import ID, Base, UtcDateTime

COUNTED = text("counts")
WITH_A_CONTACT = text("contact_id IS NOT NULL")


class FollowUp(Base):
    """Any contact with a customer: visit, call, chat, mail. A visit with a log creates one.

    `happened_at` is when they spoke, `created_at` when it was written down, which may be days
    later. `counts` is what `counting.counts` said of it when it was last written; what a visit is
    worth is asked of the visit. `via` is the door it came through (`Actor.via`). One that was
    removed keeps its place and says nothing any more; what it said is in the audit trail.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_follow_up_tenant_id_customer_id", "tenant_id", "customer_id", "happened_at"),
        # The clock of a customer asks for the last one that counts.
        Index(
            "ix_follow_up_counted",
            "tenant_id",
            "customer_id",
            "happened_at",
            sqlite_where=COUNTED,
            postgresql_where=COUNTED,
        ),
        # Who knows a contact asks for those with him.
        Index(
            "ix_follow_up_contact",
            "tenant_id",
            "contact_id",
            "happened_at",
            sqlite_where=WITH_A_CONTACT,
            postgresql_where=WITH_A_CONTACT,
        ),
        UniqueConstraint("tenant_id", "visit_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(String(16))
    visit_id: Mapped[str | None] = mapped_column(ID)
    contact_id: Mapped[str | None] = mapped_column(ID)
    result: Mapped[str] = mapped_column(String(16), default="")
    duration_s: Mapped[int | None] = mapped_column(Integer)
    was_answered: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    summary: Mapped[str] = mapped_column(Text, default="")
    next_action: Mapped[str] = mapped_column(String(200), default="")
    next_action_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    via: Mapped[str] = mapped_column(String(16), default="", server_default="")
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its customer is."""
        return is_customer_in_scope(cls.customer_id, scope)


class FollowUpDraft(Base):
    """A follow-up that was said to the bot and waits for one tap. `code` is what the button
    names."""

    __tablename__ = "follow_up_draft"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "code"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(8))
    member_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(String(16))
    duration_s: Mapped[int | None] = mapped_column(Integer)
    summary: Mapped[str] = mapped_column(Text)
    next_action: Mapped[str] = mapped_column(String(200))
    next_action_on: Mapped[date | None] = mapped_column(Date)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
