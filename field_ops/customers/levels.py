"""How a customer came to its level: every change, by whom, and why (domain.md §7.2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, UtcDateTime, new_id
from ..work import Work
from .errors import LevelReasonNeeded
from .models import Customer
from .queries import find_customer

LEVELS = "ABCD"
NEEDS_A_REASON = 2  # levels at once
BY_HAND, BY_RULE = "manual", "proposal"
MERGED, PARTED = "merged", "parted"
IMPORTED, IMPORT_UNDONE = "import", "import_undone"
MOST_SHOWN = 50


class LevelChange(Base):
    """`how`: manual, proposal (of a score card), merged (the level of the other record was taken),
    parted (and given back), import (of the file that `reason` names), import_undone.
    """

    __tablename__ = "level_change"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_level_change_tenant_id_customer_id", "tenant_id", "customer_id", "id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    how: Mapped[str] = mapped_column(String(16))
    before: Mapped[str] = mapped_column(String(1))
    after: Mapped[str] = mapped_column(String(1))
    reason: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[str | None] = mapped_column(ID)


def steps_between(one: str, other: str) -> int:
    return abs(LEVELS.index(one) - LEVELS.index(other))


def refuse_unexplained(customer: Customer, after: str, reason: str) -> None:
    """Two levels or more at once need a reason."""
    if steps_between(customer.level, after) >= NEEDS_A_REASON and not reason:
        raise LevelReasonNeeded(name=customer.name, before=customer.level, after=after)


def note_level(
    work: Work, customer: Customer, before: str, after: str, how: str, reason: str = ""
) -> None:
    """Remember that the level is another one now."""
    work.session.add(LevelChange(**level_values(work, customer.id, before, after, how, reason)))


def level_values(
    work: Work, customer_id: str, before: str, after: str, how: str, reason: str = ""
) -> dict[str, Any]:
    """The columns of a change, for whoever writes many."""
    return {
        "tenant_id": work.tenant_id,
        "id": new_id(),
        "customer_id": customer_id,
        "at": work.now,
        "how": how,
        "before": before,
        "after": after,
        "reason": reason,
        "by_id": work.actor.member_id,
    }


async def levels_of(work: Work, customer_id: str) -> Sequence[LevelChange]:
    """The newest first. Raises NotFound when the customer is not mine to see."""
    customer = await find_customer(work, customer_id)
    found = await work.session.scalars(
        select(LevelChange)
        .where(LevelChange.tenant_id == work.tenant_id, LevelChange.customer_id == customer.id)
        .order_by(LevelChange.id.desc())
        .limit(MOST_SHOWN)
    )
    return found.all()
