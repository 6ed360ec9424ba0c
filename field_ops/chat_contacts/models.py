"""Whom members have in their host's chat, which contact of ours that is, and whether he agreed.

Of what a host tells only what is needed is kept: who it is, and by what he can be recognised.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..contacts.models import ContactConsent
from ..customers.models import is_contact_in_scope
from ..db import ID, Base, UtcDateTime

LONGEST_ID = 128
LONGEST_NAME = 100
LONGEST_KEY = 330


class ChatContact(Base):
    """That a member has somebody outside in the host's chat.

    `host_key` is a digest of the host's ids of both; it is what is left of an `erased` row, so that
    a later reading does not bring back what somebody revoked. `state`: `known`, or who ended it:
    `left` (the person outside deleted the member), `removed` (the member him), `absent` (it was not
    there any more when it was read), `erased` (consent was revoked). `seen_at`: when the host last
    told it. `remark` is what the member calls him.
    """

    __tablename__ = "chat_contact"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "connection_id", "host_key"),
        Index("ix_chat_contact_tenant_id_member_id", "tenant_id", "member_id", "state"),
        Index("ix_chat_contact_tenant_id_external_id", "tenant_id", "external_id"),
        Index(
            "ix_chat_contact_tenant_id_host_user_id", "tenant_id", "connection_id", "host_user_id"
        ),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    connection_id: Mapped[str] = mapped_column(ID)
    host_key: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    host_user_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    member_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    remark: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    state: Mapped[str] = mapped_column(String(16), default="known")
    added_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """A member's own; anybody else's only where it is linked to a contact in scope who agreed.

        No role sees more: whom a member chats with is nobody's business until then.
        """
        if scope.member_id is None:
            return true()
        agreed = (
            select(ChatLink.chat_contact_id)
            .join(
                ContactConsent,
                and_(
                    ContactConsent.tenant_id == ChatLink.tenant_id,
                    ContactConsent.contact_id == ChatLink.contact_id,
                    ContactConsent.revoked_at.is_(None),
                ),
            )
            .where(
                ChatLink.tenant_id == scope.tenant_id,
                ChatLink.state == "linked",
                is_contact_in_scope(ChatLink.contact_id, scope),
            )
        )
        return and_(cls.state == "known", or_(cls.member_id == scope.member_id, cls.id.in_(agreed)))


class ChatContactKey(Base):
    """By what a member's chat contact may be recognised among our contacts (`keys.py`)."""

    __tablename__ = "chat_contact_key"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "member_id", "key", "chat_contact_id"),
        Index("ix_chat_contact_key_tenant_id_chat_contact_id", "tenant_id", "chat_contact_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    chat_contact_id: Mapped[str] = mapped_column(ID)


class ChatLink(Base):
    """What the member said about a chat contact and a contact of ours.

    `state`: `linked` (the same person), `dismissed` (somebody else), `ended` (the chat is gone) or
    `revoked` (the person took his consent back).
    """

    __tablename__ = "chat_link"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "chat_contact_id", "contact_id"),
        Index("ix_chat_link_tenant_id_contact_id", "tenant_id", "contact_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    chat_contact_id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChatContactHint(Base):
    """A host hinted that a pair changed; `change` as in `ExternalContactChanged`."""

    __tablename__ = "chat_contact_hint"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "connection_id", "external_id", "host_user_id", "change"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    external_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    host_user_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    change: Mapped[str] = mapped_column(String(16))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChatContactReading(Base):
    """How far the comparison of a connection's chat contacts with its host has come.

    Members are read in the order of their ids, in blocks: all up to `after` are read, `block` is
    being read, and `page` is the host's cursor in it.
    """

    __tablename__ = "chat_contact_reading"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "connection_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    connection_id: Mapped[str] = mapped_column(ID)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    after: Mapped[str] = mapped_column(String(LONGEST_ID), default="")
    block: Mapped[list[Any]] = mapped_column(JSON, default=list)
    page: Mapped[str] = mapped_column(Text, default="")
