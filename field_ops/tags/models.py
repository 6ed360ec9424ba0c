"""Labels that a company puts on its customers, in groups."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime


class TagGroup(Base):
    """`is_controlled`: only who configures customers makes its tags; else whoever edits customers.
    `is_single`: a customer has one of them at most. `roles`: who puts them on customers and takes
    them off; none means whoever may change the customer. `revision` as everywhere.
    """

    __tablename__ = "tag_group"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    is_controlled: Mapped[bool] = mapped_column(Boolean, default=True)
    is_single: Mapped[bool] = mapped_column(Boolean, default=False)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(Integer, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tag(Base):
    """A label. `name_key` tells names apart as people do. An archived one stays on its customers
    and is put on no other. `merged_into`: it is that one now; its rows follow in small steps, and
    until then whoever asks for one asks for both. `said_to`: it has another name, and this is the
    last customer whom the lookup knows by it; None when it knows all.
    """

    __tablename__ = "tag"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "group_id", "name_key"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    group_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40), default="")
    name_key: Mapped[str] = mapped_column(String(80))
    color: Mapped[str] = mapped_column(String(8), default="grey")
    position: Mapped[int] = mapped_column(Integer, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(ID)
    said_to: Mapped[str | None] = mapped_column(ID)


class CustomerTag(Base):
    """A tag on a customer."""

    __tablename__ = "customer_tag"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "customer_id", "tag_id"),
        Index("ix_customer_tag_tenant_id_tag_id", "tenant_id", "tag_id", "customer_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    tag_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str | None] = mapped_column(ID)
