"""What is kept of a contact as a person, whether he agreed to it, and where he worked before."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..customers.models import is_contact_in_scope, is_customer_in_scope
from ..db import ID, Base, UtcDateTime
from .birthdays import Birthday

IN_FORCE = text("revoked_at IS NULL")
CHATS, CHATS_AND_PERSON = 1, 2  # versions of what somebody agrees to
PRESENT_TEXT = CHATS_AND_PERSON


class ContactConsent(Base):
    """That a contact agreed to what we keep of him: how, when, and who wrote it down.

    `how`: `spoken`, `written` or `chat`. `version` is the text that he agreed to: 1, that his chats
    with a member are used; 2, that his birthday, habits and likings are kept, too. At most one of a
    contact is in force; those that were revoked, or replaced by a wider one, stay as the record.
    """

    __tablename__ = "contact_consent"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "uq_contact_consent_in_force",
            "tenant_id",
            "contact_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        Index("ix_contact_consent_tenant_id_contact_id", "tenant_id", "contact_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str] = mapped_column(ID)
    how: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(SmallInteger, default=PRESENT_TEXT, server_default="1")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str | None] = mapped_column(ID)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(ID)


class ContactTraits(Base):
    """A contact as a person; the row is there only while he agrees.

    `birth_calendar` is "" when the birthday is not known. `next_birthday_on` is kept by whoever
    writes it and by the nightly job, so that the days to come are found by one range of an index.
    `style`: driver, expressive, amiable, analytical or "".
    """

    __tablename__ = "contact_traits"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "contact_id"),
        Index("ix_contact_traits_tenant_id_next_birthday_on", "tenant_id", "next_birthday_on"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    contact_id: Mapped[str] = mapped_column(ID)
    birth_calendar: Mapped[str] = mapped_column(String(8), default="")
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    birth_month: Mapped[int | None] = mapped_column(SmallInteger)
    birth_day: Mapped[int | None] = mapped_column(SmallInteger)
    birth_is_leap: Mapped[bool] = mapped_column(Boolean, default=False)
    next_birthday_on: Mapped[date | None] = mapped_column(Date)
    gender: Mapped[str] = mapped_column(String(8), default="")
    age_band: Mapped[str] = mapped_column(String(8), default="")
    income_band: Mapped[str] = mapped_column(String(8), default="")
    style: Mapped[str] = mapped_column(String(16), default="")
    preferences: Mapped[str] = mapped_column(String(500), default="")
    noted_by: Mapped[str | None] = mapped_column(ID)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def birthday(self) -> Birthday | None:
        if self.birth_month is None or self.birth_day is None:
            return None
        return Birthday(
            "lunar" if self.birth_calendar == "lunar" else "solar",
            self.birth_month,
            self.birth_day,
            self.birth_is_leap,
            self.birth_year,
        )

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where its contact is."""
        return is_contact_in_scope(cls.contact_id, scope)


class ContactMove(Base):
    """A contact who went from one customer to another. `title` is what he was there."""

    __tablename__ = "contact_move"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_contact_move_tenant_id_contact_id", "tenant_id", "contact_id"),
        Index("ix_contact_move_tenant_id_from_id", "tenant_id", "from_id"),
        Index("ix_contact_move_tenant_id_to_id", "tenant_id", "to_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(100), default="")
    from_id: Mapped[str] = mapped_column(ID)
    to_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str | None] = mapped_column(ID)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where one of the two customers is."""
        return or_(is_customer_in_scope(cls.from_id, scope), is_customer_in_scope(cls.to_id, scope))
