"""What the hosts hold of our visit plans, as far as we know."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class AgendaEntry(Base):
    """One plan in one member's calendar, or among his to-dos, on one host.

    `state`: `asked` (the host was asked to make it, and may have done so), `held` (it has it, under
    `host_entry_id`), `leaving` (it was asked to delete it), `waiting` (it has it not: refused, or
    the limit of the day was reached), or `dropped` (the member deleted it there: it is not put
    again). The row's id is our key of the entry. `stamp` is a hash of the words that the host has,
    "" when that is not known; `done` what it was told. `retry_at`: nothing is done about it before.
    """

    __tablename__ = "agenda_entry"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "connection_id",
            "service",
            "plan_id",
            "host_user_id",
            name="uq_agenda_entry_plan",
        ),
        Index(
            "ix_agenda_entry_member", "tenant_id", "connection_id", "service", "member_id"
        ),
    )  # fmt: skip

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    service: Mapped[str] = mapped_column(String(32))
    plan_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    host_user_id: Mapped[str] = mapped_column(String(128))
    union_id: Mapped[str] = mapped_column(String(128), default="")
    day: Mapped[date] = mapped_column(Date)
    url: Mapped[str] = mapped_column(String(300))
    host_entry_id: Mapped[str] = mapped_column(String(128), default="")
    stamp: Mapped[str] = mapped_column(String(32), default="")
    done: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")


class AgendaBook(Base):
    """Where a host keeps the entries of a connection, and how far the mirror is.

    `host_book_id` is None until one was opened. `compared_up_to` is the member after whom the next
    pass begins, "" for the first. `not_before`: the host wants to be left alone till then.
    """

    __tablename__ = "agenda_book"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id", "service"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    service: Mapped[str] = mapped_column(String(32))
    host_book_id: Mapped[str | None] = mapped_column(String(128))
    compared_up_to: Mapped[str] = mapped_column(String(26), default="")
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
