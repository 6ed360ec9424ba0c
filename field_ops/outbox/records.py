"""Recording what became of messages: those that end together share a transaction.

A commit waits for the disk, and the one writer of SQLite would be kept from everybody else by one
commit for each of thousands of reminders.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ..db import Database
from .claims import Claimed, lay_down

MOST_TOGETHER = 16  # about ten milliseconds, so that a callback need not wait longer


@dataclass(frozen=True, slots=True)
class _Told:
    """What to record of one message, and who waits for it."""

    one: Claimed
    values: dict[str, Any]
    kept: asyncio.Future[bool] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Records:
    """Writes down outcomes for one relay, whose `name` its leases carry. `awaited`: somebody waits
    for what the relay does after that."""

    def __init__(self, database: Database, name: str, *, awaited: bool = False) -> None:
        self._database, self._name, self._awaited = database, name, awaited
        self._waiting: deque[_Told] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, one: Claimed, values: dict[str, Any]) -> bool:
        """Record and commit. False when the lease was lost to another relay; raises what the
        database raises."""
        told = _Told(one, values)
        self._waiting.append(told)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await told.kept

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                size = min(MOST_TOGETHER, len(self._waiting))
                group = [self._waiting.popleft() for _ in range(size)]
                if not await self._write_together(group):
                    for told in group:
                        await self._write_alone(told)
        finally:
            self._writing = None
            while self._waiting:  # the process ends: who waits must not wait for ever
                self._waiting.popleft().kept.cancel()

    async def _write_together(self, group: list[_Told]) -> bool:
        """One commit for all. False when anything failed: then nothing of it is left."""
        try:
            async with self._database.writing(awaited=self._awaited) as session:
                kept = [
                    await lay_down(session, told.one, self._name, **told.values) for told in group
                ]
        except Exception:
            return False  # whose fault it was shows when each is written alone
        for told, one_kept in zip(group, kept, strict=True):
            _tell(told, one_kept)
        return True

    async def _write_alone(self, told: _Told) -> None:
        try:
            async with self._database.writing(awaited=self._awaited) as session:
                kept = await lay_down(session, told.one, self._name, **told.values)
        except Exception as failure:
            if not told.kept.done():
                told.kept.set_exception(failure)
            return
        _tell(told, kept)


def _tell(told: _Told, kept: bool) -> None:
    if not told.kept.done():  # whoever waited may be gone
        told.kept.set_result(kept)
