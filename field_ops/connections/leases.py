"""Leadership: something that only one process may do, and which processes are alive."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import Database, insert_into
from .models import Lease

HEARTBEAT = "worker/"
HEARTBEAT_LASTS = timedelta(seconds=60)


async def take_lease(
    database: Database, name: str, holder: str, now: datetime, lasts: timedelta, says: str = ""
) -> bool:
    """Take or renew the lease. False while somebody else holds it."""
    async with database.writing() as session:
        row = insert_into(session, Lease).values(
            name=name, holder=holder, until=now + lasts, says=says, since=now
        )
        goes_on = and_(Lease.holder == holder, Lease.says == says, Lease.until > now)
        taken = await session.execute(
            row.on_conflict_do_update(
                index_elements=["name"],
                set_={
                    "holder": row.excluded.holder,
                    "until": row.excluded.until,
                    "says": row.excluded.says,
                    "since": case((goes_on, Lease.since), else_=row.excluded.since),
                },
                where=or_(Lease.holder == holder, Lease.until <= now),
            ).returning(Lease.name)
        )
        return taken.first() is not None


async def give_back(database: Database, name: str, holder: str) -> None:
    """End the lease early, so that nobody has to wait for it."""
    async with database.writing() as session:
        await session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


async def beat(database: Database, worker: str, now: datetime) -> None:
    """Say that this worker is alive."""
    await take_lease(database, HEARTBEAT + worker, worker, now, HEARTBEAT_LASTS)


async def last_breath(database: Database, worker: str) -> None:
    """Say that this worker ends on purpose."""
    await give_back(database, HEARTBEAT + worker, worker)


async def a_worker_lives(database: Database, now: datetime) -> bool:
    """Whether some worker has beaten within the last minute: what `/readyz` asks."""
    async with database.reading() as session:
        return await some_worker_lives(session, now)


async def some_worker_lives(session: AsyncSession, now: datetime) -> bool:
    """The same, for who has a session."""
    alive = await session.scalar(
        select(Lease.name).where(Lease.name.startswith(HEARTBEAT), Lease.until > now).limit(1)
    )
    return alive is not None


async def held_leases(
    session: AsyncSession, names: Collection[str], now: datetime
) -> dict[str, Lease]:
    """Those of these leases that somebody holds now, by name."""
    found = await session.scalars(select(Lease).where(Lease.name.in_(names), Lease.until > now))
    return {lease.name: lease for lease in found}
