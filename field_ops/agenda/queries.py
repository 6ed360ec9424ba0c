"""Every SELECT of the agenda."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..customers.models import Customer
from ..host.services import Colleague
from ..people.models import Member, MemberIdentity
from ..plans.models import VisitPlan
from .models import AgendaBook, AgendaEntry
from .wanted import AHEAD, KEPT, SHOWN, Plan


async def book_of(
    session: AsyncSession, connection: ConnectionRef, service: str
) -> AgendaBook | None:
    found: AgendaBook | None = await session.get(
        AgendaBook, (connection.tenant_id, connection.id, service)
    )
    return found


async def some_members(
    session: AsyncSession,
    connection: ConnectionRef,
    service: str,
    today: date,
    after: str,
    limit: int,
) -> Sequence[str]:
    """The next members who have plans, or entries that the host may hold, by their ids."""
    planning = select(VisitPlan.owner_id.label("id")).where(
        VisitPlan.tenant_id == connection.tenant_id,
        VisitPlan.planned_on.between(today - KEPT, today + AHEAD),
        VisitPlan.owner_id > after,
    )
    holding = select(AgendaEntry.member_id.label("id")).where(
        AgendaEntry.tenant_id == connection.tenant_id,
        AgendaEntry.connection_id == connection.id,
        AgendaEntry.service == service,
        AgendaEntry.member_id > after,
    )
    both = union(planning, holding).subquery()
    return (await session.scalars(select(both.c.id).order_by(both.c.id).limit(limit))).all()


async def plans_of(
    session: AsyncSession, connection: ConnectionRef, members: Sequence[str], today: date
) -> list[Plan]:
    """The plans from a week ago to two weeks ahead of those of them whom this host has."""
    rows = await session.execute(
        select(
            VisitPlan.id,
            VisitPlan.owner_id,
            MemberIdentity.host_user_id,
            MemberIdentity.union_id,
            Member.language,
            VisitPlan.planned_on,
            VisitPlan.planned_at,
            Customer.id.label("customer_id"),
            Customer.name,
            Customer.address,
            VisitPlan.purpose,
            VisitPlan.state,
        )
        .join(
            Customer,
            (Customer.tenant_id == VisitPlan.tenant_id) & (Customer.id == VisitPlan.customer_id),
        )
        .join(
            Member,
            (Member.tenant_id == VisitPlan.tenant_id) & (Member.id == VisitPlan.owner_id),
        )
        .join(
            MemberIdentity,
            (MemberIdentity.tenant_id == VisitPlan.tenant_id)
            & (MemberIdentity.member_id == VisitPlan.owner_id),
        )
        .where(
            VisitPlan.tenant_id == connection.tenant_id,
            VisitPlan.owner_id.in_(members),
            VisitPlan.planned_on.between(today - KEPT, today + AHEAD),
            VisitPlan.state.in_(SHOWN),
            Member.state == "active",
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.left_at.is_(None),
        )
        .order_by(VisitPlan.planned_on, VisitPlan.id)
    )
    return [
        Plan(
            plan_id=row.id,
            member_id=row.owner_id,
            whose=Colleague(row.host_user_id, row.union_id),
            language=row.language,
            day=row.planned_on,
            at=row.planned_at,
            customer_id=row.customer_id,
            customer=row.name,
            address=row.address,
            purpose=row.purpose,
            state=row.state,
        )
        for row in rows
    ]


async def entries_of(
    session: AsyncSession, connection: ConnectionRef, service: str, members: Sequence[str]
) -> Sequence[AgendaEntry]:
    """What the host holds, or may hold, for these members."""
    found = await session.scalars(
        select(AgendaEntry).where(
            AgendaEntry.tenant_id == connection.tenant_id,
            AgendaEntry.connection_id == connection.id,
            AgendaEntry.service == service,
            AgendaEntry.member_id.in_(members),
        )
    )
    return found.all()


async def somebody(session: AsyncSession, connection: ConnectionRef) -> Colleague | None:
    """A member of this connection, to ask something harmless about."""
    row = (
        await session.execute(
            select(MemberIdentity.host_user_id, MemberIdentity.union_id)
            .where(
                MemberIdentity.tenant_id == connection.tenant_id,
                MemberIdentity.connection_id == connection.id,
                MemberIdentity.left_at.is_(None),
            )
            # One with a union id first, where the host has such ids.
            .order_by(MemberIdentity.union_id.desc(), MemberIdentity.host_user_id)
            .limit(1)
        )
    ).first()
    return Colleague(row.host_user_id, row.union_id) if row else None


async def counts(
    session: AsyncSession, connection: ConnectionRef, service: str
) -> Mapping[str, int]:
    """How many entries are in which state."""
    rows = await session.execute(
        select(AgendaEntry.state, func.count())
        .where(
            AgendaEntry.tenant_id == connection.tenant_id,
            AgendaEntry.connection_id == connection.id,
            AgendaEntry.service == service,
        )
        .group_by(AgendaEntry.state)
    )
    return {row[0]: row[1] for row in rows}
