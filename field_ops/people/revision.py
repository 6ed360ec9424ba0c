"""Whether the organisation was written since we looked, and one writer of it at a time."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import insert_into
from .models import SyncState


async def revision(session: AsyncSession, tenant_id: int) -> int:
    """How often the organisation of this tenant was written."""
    found = await session.scalar(select(SyncState.revision).where(SyncState.tenant_id == tenant_id))
    return found or 0


async def lock(session: AsyncSession, tenant_id: int) -> None:
    """Two writers of one tenant's organisation take turns (SQLite has one writer anyway)."""
    row = insert_into(session, SyncState).values(tenant_id=tenant_id, revision=0)
    await session.execute(row.on_conflict_do_nothing(index_elements=["tenant_id"]))
    await session.execute(
        select(SyncState.revision).where(SyncState.tenant_id == tenant_id).with_for_update()
    )


async def bump(session: AsyncSession, tenant_id: int) -> None:
    """It is written in this transaction, which holds the lock."""
    await session.execute(
        update(SyncState)
        .where(SyncState.tenant_id == tenant_id)
        .values(revision=SyncState.revision + 1)
        .execution_options(synchronize_session=False)
    )
