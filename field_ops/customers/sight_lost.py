"""Who saw a customer though he does not look over its owner, and may see it no more: copies of his
are told to let go of it. What changed hands stands in the history of owners (`owner_changes.py`).
"""

from collections.abc import Collection

from sqlalchemy import Integer, PrimaryKeyConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import ID, Base, insert_into
from ..work import Work
from .models import Customer


class SightLost(Base):
    """It was shared with him and is not any more, or he made it and somebody owns it now. Whether
    he sees it by another way is asked when he asks what is gone."""

    __tablename__ = "sight_lost"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "member_id", "customer_id"),)

    tenant_id: Mapped[int] = mapped_column(Integer)
    member_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)


async def no_longer_shared(work: Work, customer_id: str, member_ids: Collection[str]) -> None:
    """These members do not work on it beside its owner any more."""
    rows = [
        {"tenant_id": work.tenant_id, "member_id": one, "customer_id": customer_id}
        for one in member_ids
    ]
    if rows:
        noted = insert_into(work.session, SightLost).values(rows)
        await work.session.execute(noted.on_conflict_do_nothing())


async def found_owners(work: Work, customer_ids: Collection[str]) -> None:
    """Nobody owned these customers, so that who made them saw them."""
    if not customer_ids:
        return
    made = select(Customer.tenant_id, Customer.created_by, Customer.id).where(
        Customer.tenant_id == work.tenant_id,
        Customer.id.in_(customer_ids),
        Customer.created_by.is_not(None),
    )
    noted = insert_into(work.session, SightLost).from_select(
        ["tenant_id", "member_id", "customer_id"], made
    )
    await work.session.execute(noted.on_conflict_do_nothing())
