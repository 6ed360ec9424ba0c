"""Working off what was asked for: part by part, each in its own transaction, never twice."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Update, insert, select, update

from ..access import may
from ..customers import index
from ..db import Database
from ..files.store import FileStore
from ..logs import log
from ..people.queries import actor_again
from ..texts import Text
from ..work import Actor, Work
from .claiming import LEASE, MOST_ATTEMPTS, claim, waiting
from .customer_rows import GivenRow, read_row
from .error_file import LISTED
from .errors import FileUnreadable
from .export_files import Company
from .import_actions import terms_of
from .import_doubts import doubts_of
from .import_files import fetched
from .import_models import WORKED_ON, ImportBatch, ImportRow
from .import_plan import Planner, owners_of
from .import_steps import Step
from .import_store import ImportOvertaken, row_of, store
from .import_undo import UNDO_PART, undo_part
from .tables import read_table

PART = 200  # rows of one transaction: callbacks wait for its end
CHECKED_IN_PARTS = 5  # as large: a check keeps nobody waiting
STOCK_AFTER = 5000  # rows, from which on PostgreSQL is told how much there is

Progress = Callable[[int, int], None]


async def work_off(
    database: Database, files: FileStore, clock: Callable[[], datetime], company: Company
) -> None:
    """Do what waits in this company, or what somebody left who died."""
    for batch_id in await waiting(database, ImportBatch, WORKED_ON, company.tenant_id, clock()):
        await carry_out(database, files, clock, company, batch_id)


async def carry_out(
    database: Database,
    files: FileStore,
    clock: Callable[[], datetime],
    company: Company,
    batch_id: str,
    *,
    is_mine: bool = False,
    part: int = PART,
    progress: Progress = lambda done, total: None,
) -> None:
    """Check, take in or undo one batch, from where it is to its end. A second one does nothing.

    It is done with the present rights of whoever asked. `is_mine`: the caller has the lease.
    """
    runner = _Runner(database, files, clock, company, batch_id, part, progress)
    batch = await runner.claim(is_mine=is_mine)
    if batch is None:
        return
    actor = await runner.requester(batch)
    if actor is None or batch.attempts > MOST_ATTEMPTS:
        await runner.end("failed")
        return
    try:
        if batch.state == "undoing":
            await runner.undo(batch, actor)
        else:
            await runner.go(batch, actor)
    except _NotOurs:
        log.info("import.stopped", tenant=company.tenant_id, batch=batch_id)
    except FileUnreadable:  # it was readable when it was brought: the store lost it
        await runner.end("failed")


class _NotOurs(Exception):
    """Somebody cancelled, or another worker took over."""


@dataclass(slots=True)
class _Runner:
    """Whoever works on one batch: its claim, its transactions, how far it is."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    company: Company
    batch_id: str
    part: int
    progress: Progress
    counts: dict[str, int] = field(default_factory=dict)
    done: int = 0
    _moved: tuple[int, dict[str, int]] = (0, {})

    async def claim(self, *, is_mine: bool) -> ImportBatch | None:
        key = (self.company.tenant_id, self.batch_id)
        batch = await claim(
            self.database, ImportBatch, WORKED_ON, key, self.clock(), is_mine=is_mine
        )
        if batch is not None:
            self.counts, self.done = dict(batch.counts), batch.done
        return batch

    async def requester(self, batch: ImportBatch) -> Actor | None:
        """Whoever asked, with his present rights; None when he has none any more."""
        if batch.member_id is None:
            return Actor(batch.tenant_id, None, via=batch.via)
        door = Actor(batch.tenant_id, None, via=batch.via, language=batch.language)
        async with self.database.reading() as session:
            found = await actor_again(session, door, batch.member_id)
            if found is None:
                return None
            actor = replace(found[0], via=batch.via)
            work = Work(session, actor, self.clock(), self.company.zone)
            return actor if may(work, "customers.import") else None

    async def go(self, batch: ImportBatch, actor: Actor) -> None:
        """Check or take in the rows that are left."""
        rows = await self._rows(batch)
        planner = await self._planner(batch, actor)
        if planner.terms.creates and planner.told is None:
            planner.doubts = await doubts_of(lambda: self._reading(actor), rows[self.done :])
        await self._tell(len(rows))
        size = self.part if batch.state == "running" else CHECKED_IN_PARTS * self.part
        while self.done < len(rows):
            part = rows[self.done : self.done + size]
            if batch.state == "running":
                await self._take_in(batch, actor, planner, part)
            else:
                await self._check(batch, actor, planner, part)
            await self._tell(len(rows))
        await self._finish(batch)

    async def undo(self, batch: ImportBatch, actor: Actor) -> None:
        """Take back the rows that are left, the last one first."""
        while True:
            async with self._work(actor) as work:
                outcomes = await undo_part(work, batch)
                for outcome in outcomes:
                    self.counts[outcome] = self.counts.get(outcome, 0) + 1
                await self._step(work, batch, len(outcomes))
            await self._tell(batch.total)
            if len(outcomes) < UNDO_PART:
                break
        await self.end("undone")

    async def end(self, state: str) -> None:
        async with self.database.writing() as session:
            await session.execute(
                self._row()
                .where(WORKED_ON)
                .values(state=state, taken_until=None, ended_at=self.clock())
            )
        if state == "failed":
            log.warning("import.failed", tenant=self.company.tenant_id, batch=self.batch_id)

    async def _rows(self, batch: ImportBatch) -> Sequence[GivenRow]:
        columns, header_row = terms_of(batch).columns, batch.header_row

        def read(path: Path) -> list[GivenRow]:
            table = read_table(path)
            return [read_row(row, columns) for row in table if row.number > header_row]

        with tempfile.TemporaryDirectory(prefix="waiqin-import-") as folder:
            path = await fetched(self.files, batch, Path(folder))
            return await asyncio.to_thread(read, path)

    async def _planner(self, batch: ImportBatch, actor: Actor) -> Planner:
        """What rows before `done` were about counts, if a worker that died had done them."""
        async with self._reading(actor) as work:
            done = await work.session.execute(
                select(ImportRow.customer_id, ImportRow.number).where(
                    ImportRow.tenant_id == batch.tenant_id,
                    ImportRow.batch_id == batch.id,
                    ImportRow.run == batch.run,
                    ImportRow.outcome.in_(("created", "updated", "same")),
                    ImportRow.customer_id.is_not(None),
                )
            )
            rows_of = {row.customer_id: row.number for row in done if row.customer_id}
            planner = Planner(terms_of(batch), await owners_of(work), rows_of)
            if batch.state == "running":
                planner.told = await self._told_by_the_check(work, batch)
            return planner

    async def _told_by_the_check(self, work: Work, batch: ImportBatch) -> dict[int, list[Text]]:
        doubtful = await work.session.execute(
            select(ImportRow.number, ImportRow.reasons).where(
                ImportRow.tenant_id == batch.tenant_id,
                ImportRow.batch_id == batch.id,
                ImportRow.run == batch.run - 1,
                ImportRow.outcome == "doubtful",
            )
        )
        return {row.number: [Text(*pair) for pair in row.reasons] for row in doubtful}

    async def _take_in(
        self, batch: ImportBatch, actor: Actor, planner: Planner, part: Sequence[GivenRow]
    ) -> None:
        for attempt in range(MOST_ATTEMPTS):
            try:
                async with self._work(actor) as work:
                    steps = await planner.plan(work, part, holding=True)
                    await store(work, batch, steps)
                    await self._step(work, batch, len(part), steps)
                    if self.done == STOCK_AFTER:
                        await index.take_stock(work)
            except ImportOvertaken:
                if attempt == MOST_ATTEMPTS - 1:
                    raise
                continue
            planner.accept(steps, stored=True)
            return

    async def _check(
        self, batch: ImportBatch, actor: Actor, planner: Planner, part: Sequence[GivenRow]
    ) -> None:
        async with self._reading(actor) as work:
            steps = await planner.plan(work, part)
        planner.accept(steps, stored=False)
        shown = [row_of(batch, step, {}) for step in steps if step.outcome in LISTED]
        async with self._work(actor) as work:
            if shown:
                await work.session.execute(insert(ImportRow), shown)
            await self._step(work, batch, len(part), steps)

    async def _step(
        self, work: Work, batch: ImportBatch, rows: int, steps: Sequence[Step] = ()
    ) -> None:
        """How far it is, in the transaction of what was done. Raises _NotOurs when somebody
        stopped it, or does the same: then that transaction is taken back whole."""
        counts = dict(self.counts)
        for step in steps:
            counts[step.outcome] = counts.get(step.outcome, 0) + 1
        moved = await work.session.scalar(
            self._row()
            .where(
                ImportBatch.state == batch.state,
                ImportBatch.run == batch.run,
                ImportBatch.done == self.done,
            )
            .values(
                done=self.done + rows,
                counts=counts,
                attempts=0,
                taken_until=self.clock() + LEASE,
            )
            .returning(ImportBatch.id)
            .execution_options(synchronize_session=False)
        )
        if moved is None:
            raise _NotOurs()
        self._moved = (self.done + rows, counts)

    async def _finish(self, batch: ImportBatch) -> None:
        now = self.clock()
        over = {"state": "done", "ended_at": now}
        if batch.state == "checking":
            over = {"state": "draft", "checked": self.counts}
        async with self.database.writing() as session:
            await session.execute(
                self._row()
                .where(ImportBatch.state == batch.state, ImportBatch.run == batch.run)
                .values(**over, taken_until=None)
            )

    async def _tell(self, total: int) -> None:
        self.progress(self.done, total)
        await asyncio.sleep(0)

    @asynccontextmanager
    async def _reading(self, actor: Actor) -> AsyncIterator[Work]:
        async with self.database.reading() as session:
            yield Work(session, actor, self.clock(), self.company.zone)

    @asynccontextmanager
    async def _work(self, actor: Actor) -> AsyncIterator[Work]:
        """One transaction; only when it is committed, it counts."""
        async with self.database.writing() as session:
            yield Work(session, actor, self.clock(), self.company.zone)
        self.done, self.counts = self._moved

    def _row(self) -> Update:
        return update(ImportBatch).where(
            ImportBatch.tenant_id == self.company.tenant_id, ImportBatch.id == self.batch_id
        )
