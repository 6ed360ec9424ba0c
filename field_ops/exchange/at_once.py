"""A file that is brought, checked and taken in by one caller who waits for it: the command line.

The verbs are those of the pages; the caller does what else the worker does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..access import require
from ..db import Database, new_id
from ..files.store import FileStore
from ..work import Actor, Work
from . import import_actions, import_runs, import_undo
from .claiming import LEASE
from .customer_rows import RowError
from .error_file import listed_rows, with_cells
from .export_files import Company
from .import_files import place_of
from .import_models import ImportBatch
from .import_runs import PART, Progress
from .import_terms import Key, Mode


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the caller wants his file to be read; None: as it was read before, or by its header."""

    mapping: dict[str, int] | None = None
    mode: Mode | None = None
    key: Key | None = None
    system: str | None = None
    dry_run: bool = False
    skip_errors: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file. `batch.state` says whether it was taken in."""

    batch: ImportBatch
    errors: list[RowError] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return self.batch.counts or self.batch.checked or {}

    @property
    def created(self) -> int:
        """How many customers are new; 0 after a check alone."""
        return self.counts.get("created", 0) if self.batch.started_at else 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody works on files, and who he is."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    company: Company
    actor: Actor
    part: int = PART

    async def take_in(
        self, path: Path, wishes: Wishes, progress: Progress = lambda done, total: None
    ) -> Report:
        """Check a file and take it in, unless rows are wrong and not to be skipped.

        Raises what the verbs raise; then nothing was stored.
        """
        async with self.reading() as work:  # before a large file is read for nothing
            require(work, "customers.import")
        sheet = await asyncio.to_thread(import_actions.look_at, path)
        batch_id = new_id()
        await self.files.put_file(place_of(self.company.tenant_id, batch_id), path)
        async with self.writing() as work:
            batch = await import_actions.bring(work, sheet, path.name, batch_id)
            await import_actions.settle(
                work, batch.id, mapping=wishes.mapping, mode=wishes.mode, key=wishes.key,
                system=wishes.system, skip_errors=wishes.skip_errors,
            )  # fmt: skip
            await import_actions.check(work, batch.id, taken_until=work.now + LEASE)
        checked = await self._carry_out(batch.id, lambda done, total: progress(done, 2 * total))
        outcomes = checked.checked or {}
        wrong = outcomes.get("wrong", 0) + outcomes.get("doubtful", 0)
        may_start = wrong < checked.total and (wishes.skip_errors or not wrong)
        if checked.state == "draft" and may_start and not wishes.dry_run:
            async with self.writing() as work:
                await import_actions.start(work, batch.id, taken_until=work.now + LEASE)
            checked = await self._carry_out(
                batch.id, lambda done, total: progress(total + done, 2 * total)
            )
        return Report(checked, await self._errors(checked, path))

    async def undo(self, batch_id: str, progress: Progress = lambda done, total: None) -> Report:
        """Take a batch back; what stays is in the report, with its reasons."""
        async with self.writing() as work:
            await import_undo.ask_undo(work, batch_id, taken_until=work.now + LEASE)
        return Report(await self._carry_out(batch_id, progress))

    async def _carry_out(self, batch_id: str, progress: Progress) -> ImportBatch:
        await import_runs.carry_out(
            self.database, self.files, self.clock, self.company, batch_id,
            is_mine=True, part=self.part, progress=progress,
        )  # fmt: skip
        async with self.reading() as work:
            return await work.session.get_one(ImportBatch, (self.company.tenant_id, batch_id))

    async def _errors(self, batch: ImportBatch, path: Path) -> list[RowError]:
        async with self.reading() as work:
            rows = await listed_rows(work.session, batch)
        return await asyncio.to_thread(with_cells, path, rows) if rows else []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        async with self.database.reading() as session:
            yield Work(session, self.actor, self.clock(), self.company.zone)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Work]:
        async with self.database.writing() as session:
            yield Work(session, self.actor, self.clock(), self.company.zone)
