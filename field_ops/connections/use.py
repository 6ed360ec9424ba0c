"""What services cost: the calls of a month, and what was made today, where hosts limit either."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import insert_into
from .models import ServiceUse
from .refs import ConnectionRef

THE_APP = ""


async def note_use(
    session: AsyncSession,
    connection: ConnectionRef,
    service: str,
    day: date,
    *,
    host_user_id: str = THE_APP,
    calls: int = 0,
    made: int = 0,
) -> None:
    """Add to what this day has cost the app, or this member."""
    row = insert_into(session, ServiceUse).values(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        service=service,
        day=day,
        host_user_id=host_user_id,
        calls=calls,
        made=made,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "connection_id", "service", "day", "host_user_id"],
            set_={"calls": ServiceUse.calls + calls, "made": ServiceUse.made + made},
        )
    )


async def made_on(
    session: AsyncSession, connection: ConnectionRef, service: str, day: date
) -> Mapping[str, int]:
    """What was made this day, by host user id; `THE_APP` is all of it together."""
    rows = await session.execute(
        select(ServiceUse.host_user_id, ServiceUse.made).where(
            ServiceUse.tenant_id == connection.tenant_id,
            ServiceUse.connection_id == connection.id,
            ServiceUse.service == service,
            ServiceUse.day == day,
        )
    )
    return {row.host_user_id: row.made for row in rows}


async def calls_since(session: AsyncSession, connection: ConnectionRef, day: date) -> int:
    """The calls of all services since this day."""
    calls = await session.scalar(
        select(func.sum(ServiceUse.calls)).where(
            ServiceUse.tenant_id == connection.tenant_id,
            ServiceUse.connection_id == connection.id,
            ServiceUse.day >= day,
        )
    )
    return int(calls or 0)
