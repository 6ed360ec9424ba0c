"""Pools: un-owned customers that members may claim under rules."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Index, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..access.fields import OWN_POOL
from ..db import ID, Base, UtcDateTime
from .rules import PoolRules

DEFAULT = OWN_POOL


class Pool(Base):
    """`id` is `default` for the company's own: everybody is a member, and it is there without a
    row, with the rules that are usual. Of several pools of a member the first `position` rules
    over his customers. A removed one keeps its rules and members for a while, so that it can be
    there again; `moved_to` is the pool that has its customers."""

    __tablename__ = "pool"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_to: Mapped[str | None] = mapped_column(ID)

    @property
    def ruled(self) -> PoolRules:
        """Its rules, checked."""
        return PoolRules.model_validate(self.rules)


class PoolMember(Base):
    """Who belongs to a pool: a member, or a department with all below it (`kind`)."""

    __tablename__ = "pool_member"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "pool_id", "kind", "subject_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    pool_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(ID)
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)


class PoolMove(Base):
    """A customer that lay in a pool that was removed, and lies in the next one since."""

    __tablename__ = "pool_move"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "pool_id", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    pool_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)


class Protection(Base):
    """A customer that is not recycled: until the end of a day, or locked where `until` is None."""

    __tablename__ = "pool_protection"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(ID)
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[str | None] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Extension(Base):
    """An owner asked for more time. `state`: asked, granted or refused by his lead."""

    __tablename__ = "pool_extension"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_pool_extension_tenant_id_customer_id", "tenant_id", "customer_id", "asked_at"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    member_id: Mapped[str] = mapped_column(ID)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(16), default="asked")
    decided_by: Mapped[str | None] = mapped_column(ID)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PoolView(Base):
    """A customer of a pool whose details a member opened on a day of the company."""

    __tablename__ = "pool_view"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "day", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    day: Mapped[date] = mapped_column(Date)
    customer_id: Mapped[str] = mapped_column(ID)
