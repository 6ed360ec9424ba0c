"""How customers belong to each other: who stands above whom, and who supplies whom."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..access.scope import Scope
from ..db import ID, Base, UtcDateTime
from ..tenants.models import Tenant
from ..work import Work
from .models import is_customer_in_scope

GROUP, SUBSIDIARY, BRANCH, SUPPLIES = "group", "subsidiary", "branch", "supplies"
# Of these nobody is above himself, by whichever of them he is reached.
HIERARCHY = (GROUP, SUBSIDIARY, BRANCH)
IN_FORCE = text("ended_at IS NULL")


class CustomerRelation(Base):
    """`from_id` stands above `to_id`: it is its group, its parent company, the head office of its
    branch, or (`supplies`) its supplier. One that ended stays as history.
    """

    __tablename__ = "customer_relation"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index(
            "uq_customer_relation_in_force",
            "tenant_id",
            "from_id",
            "to_id",
            "kind",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        Index("ix_customer_relation_tenant_id_from_id", "tenant_id", "from_id"),
        Index("ix_customer_relation_tenant_id_to_id", "tenant_id", "to_id"),
    )

    tenant_id: Mapped[int] = mapped_column(Integer)
    id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))
    from_id: Mapped[str] = mapped_column(ID)
    to_id: Mapped[str] = mapped_column(ID)
    note: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str | None] = mapped_column(ID)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(ID)

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]:
        """Where one of the two is; what is shown of the other one is another question."""
        return or_(is_customer_in_scope(cls.from_id, scope), is_customer_in_scope(cls.to_id, scope))


async def one_at_a_time(work: Work) -> None:
    """Until the commit nobody else of this company changes who stands above whom: two relations
    that are harmless alone can close a circle together, through customers that neither names."""
    await work.session.execute(
        select(Tenant.id).where(Tenant.id == work.tenant_id).with_for_update()
    )


async def closes_a_circle(work: Work, upper_id: str, lower_id: str) -> bool:
    """Whether `lower` stands above `upper` already, or is the same."""
    line = select(literal(upper_id).label("id")).cte("line", recursive=True)
    above = (
        select(CustomerRelation.from_id)
        .join(line, CustomerRelation.to_id == line.c.id)
        .where(
            CustomerRelation.tenant_id == work.tenant_id,
            CustomerRelation.kind.in_(HIERARCHY),
            CustomerRelation.ended_at.is_(None),
        )
    )
    line = line.union(above)  # not UNION ALL: it ends whatever is in the table
    found = await work.session.scalar(select(line.c.id).where(line.c.id == lower_id).limit(1))
    return found is not None
