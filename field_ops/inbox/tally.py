"""Counting what comes through each connection, for the page that shows it.

Counted in memory and written every few seconds, because no event may wait for its own statistics.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database, insert_into
from ..errors import StorageBusy, StorageFull
from ..logs import log
from .models import EventTally

WRITES_EVERY_S = 5.0
KEYS = ["tenant_id", "connection_id", "hour", "kind", "outcome"]

Key = tuple[int, str, datetime, str, str]


class Tally:
    """What this process counted and has not written yet."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._counted: dict[Key, tuple[int, datetime]] = {}

    def count(self, connection: ConnectionRef, kind: str, outcome: str) -> None:
        """One more of this kind; `outcome` says what became of it."""
        now = self._clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        self._add((connection.tenant_id, connection.id, hour, kind, outcome), 1, now)

    async def write(self) -> None:
        """Write what was counted since the last time. What cannot be written is kept."""
        counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            async with self._database.writing() as session:
                await _write(session, counted)
        except BaseException:
            for key, (count, last_at) in counted.items():
                self._add(key, count, last_at)
            raise

    async def keep_writing(self) -> None:
        """Write every few seconds until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(WRITES_EVERY_S)
                await self._try_to_write()
        finally:
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        try:
            await self.write()
        except (SQLAlchemyError, StorageBusy, StorageFull) as failure:
            log.warning("inbox.tally_not_written", error=type(failure).__name__)

    def _add(self, key: Key, count: int, at: datetime) -> None:
        before, last_at = self._counted.get(key, (0, at))
        self._counted[key] = (before + count, max(last_at, at))


async def ended(writing: asyncio.Task[None]) -> None:
    """End `keep_writing`, after it has written what is left."""
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing


def since(hours: int, now: datetime) -> datetime:
    """The beginning of the first of so many hours, of which the last is the present one."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)


async def _write(session: AsyncSession, counted: dict[Key, tuple[int, datetime]]) -> None:
    # In one order everywhere: two processes that write the same rows wait, and never deadlock.
    rows = [
        {**dict(zip(KEYS, key, strict=True)), "count": count, "last_at": last_at}
        for key, (count, last_at) in sorted(counted.items())
    ]
    statement = insert_into(session, EventTally).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=KEYS,
            set_={
                "count": EventTally.count + statement.excluded.count,
                "last_at": statement.excluded.last_at,
            },
        )
    )
