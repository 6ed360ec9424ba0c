"""Which connections there are, without their secrets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import NotFound
from ..tenants.models import Tenant
from ..work import Work
from .models import HostConnection


@dataclass(frozen=True, slots=True)
class ListedConnection:
    """A line of `waiqin host list`. `state` is `active`, `paused` or `removed`."""

    company: str
    host: str
    name: str
    corp_id: str
    state: str
    paused_reason: str
    created_at: datetime


async def listed(session: AsyncSession) -> list[ListedConnection]:
    """Every connection of this installation, in the order in which they were added."""
    rows = await session.execute(
        select(
            Tenant.name.label("company"),
            HostConnection.host,
            HostConnection.name,
            HostConnection.corp_id,
            HostConnection.paused_at,
            HostConnection.paused_reason,
            HostConnection.removed_at,
            HostConnection.created_at,
        )
        .join(Tenant, Tenant.id == HostConnection.tenant_id)
        .order_by(HostConnection.created_at, HostConnection.host, HostConnection.name)
    )
    return [
        ListedConnection(
            company=row.company,
            host=row.host,
            name=row.name,
            corp_id=row.corp_id,
            state=_state(row.removed_at, row.paused_at),
            paused_reason=row.paused_reason,
            created_at=row.created_at,
        )
        for row in rows
    ]


async def live_ids(session: AsyncSession) -> list[str]:
    """The ids of all connections that were not removed, paused ones too."""
    return list(
        await session.scalars(
            select(HostConnection.id)
            .where(HostConnection.removed_at.is_(None))
            .order_by(HostConnection.tenant_id, HostConnection.id)
        )
    )


async def live_of(work: Work) -> list[HostConnection]:
    """The company's connections that were not removed, in the order in which they were added."""
    found = await work.session.scalars(
        select(HostConnection)
        .where(HostConnection.tenant_id == work.tenant_id, HostConnection.removed_at.is_(None))
        .order_by(HostConnection.created_at, HostConnection.id)
    )
    return list(found)


async def live_one(work: Work, connection_id: str) -> HostConnection:
    """The company's connection of this id. Raises `NotFound`."""
    row = await work.session.get(HostConnection, (work.tenant_id, connection_id))
    if row is None or row.removed_at is not None:
        raise NotFound()
    return row


def with_company() -> Select[HostConnection, str, str]:
    """Live connections, each with its company's name and zone."""
    return (
        select(HostConnection, Tenant.name, Tenant.zone)
        .join(Tenant, Tenant.id == HostConnection.tenant_id)
        .where(HostConnection.removed_at.is_(None))
    )


def _state(removed_at: datetime | None, paused_at: datetime | None) -> str:
    if removed_at is not None:
        return "removed"
    return "paused" if paused_at is not None else "active"
