"""Writing the files that were asked for: claimed by a lease, read in parts, kept in the store."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Update, select, update

from ..access import may
from ..customers.filters import CustomerFilter, conditions_of
from ..db import Database
from ..files.store import FileStore
from ..logs import log
from ..people.queries import actor_again
from ..texts import Text
from ..work import Actor, Work
from .claiming import LEASE, MOST_ATTEMPTS, claim, waiting
from .customer_cells import Style, header, own_columns, rows_after
from .export_actions import needed, note
from .models import OPEN, Export
from .sheets import CsvSheet, Sheet, XlsxSheet

AT_ONCE = 5000  # rows: more are written by the worker
PART = 1000
RENEWED_EVERY = 20  # parts
LIVES = timedelta(hours=24)

SHEET = Text("客户", "Customers")
ABOUT_SHEET = Text("导出说明", "About")
EXPORTED_BY = Text("导出人：{name}", "Exported by {name}")
EXPORTED_AT = Text("导出时间：{at}", "Exported at {at}")
CONFIDENTIAL = Text("内部资料，请勿外传", "Internal: do not pass on")

Reading = Callable[[], AbstractAsyncContextManager[Work]]
Progress = Callable[[int], Awaitable[None]]


class Company(Protocol):
    """A tenant by its own clock."""

    @property
    def tenant_id(self) -> int: ...
    @property
    def zone(self) -> ZoneInfo: ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written. `requester` is the name that stands on the file."""

    filters: CustomerFilter
    style: Style
    format: str
    requester: str
    at: datetime


async def write_file(path: Path, order: Order, reading: Reading, progress: Progress) -> int:
    """Write a whole file; returns its rows. `reading` opens a short `Work` for each part."""
    language = order.style.language
    sheet: Sheet
    if order.format == "csv":
        sheet = CsvSheet(path)
    else:
        sheet = XlsxSheet(path, SHEET.say(language), ABOUT_SHEET.say(language))
    try:
        async with reading() as work:
            own = await own_columns(work)
        sheet.begin(_about(order), header(order.style, own))
        last_id, done, part = "", 0, PART
        while part == PART:
            async with reading() as work:
                wanted = await conditions_of(work, order.filters)
                last_id, rows = await rows_after(work, last_id, wanted, order.style, own, PART)
            await asyncio.to_thread(sheet.add, rows)
            part = len(rows)
            done += part
            await progress(done)
    finally:
        await asyncio.to_thread(sheet.close)
    return done


def _about(order: Order) -> list[str]:
    """The watermark: who took it, when, and that it is not for everybody."""
    language = order.style.language
    return [
        EXPORTED_BY.say(language, name=order.requester),
        EXPORTED_AT.say(language, at=f"{order.at:%Y-%m-%d %H:%M}"),
        CONFIDENTIAL.say(language),
    ]


async def write_waiting(
    database: Database, files: FileStore, clock: Callable[[], datetime], company: Company
) -> None:
    """Write every file of this company that waits, or whose writer died."""
    for export_id in await waiting(database, Export, OPEN, company.tenant_id, clock()):
        await carry_out(database, files, clock, company, export_id)


async def carry_out(
    database: Database,
    files: FileStore,
    clock: Callable[[], datetime],
    company: Company,
    export_id: str,
) -> None:
    """Write one file and make it ready, unless somebody else does. A second time nothing happens.

    It holds what the requester may see now. If he left, or may not export any more, it fails.
    """
    writer = _Writer(database, clock, company, export_id)
    export = await writer.claim()
    if export is None:
        return
    found = await writer.requester(export)
    if found is None or export.attempts > MOST_ATTEMPTS:
        await writer.fail(export)
        return
    requester, actor = found
    order = Order(
        CustomerFilter.model_validate(export.filters),
        Style(export.language, export.masks_phones),
        export.format,
        requester,
        export.asked_at.astimezone(company.zone),
    )
    with tempfile.TemporaryDirectory(prefix="waiqin-export-") as folder:
        path = Path(folder) / f"customers.{export.format}"
        rows = await write_file(path, order, lambda: writer.reading(actor), writer.renew)
        await files.put_file(place_of(export), path)
        await writer.finish(actor, export, rows, path.stat().st_size)


def place_of(export: Export) -> str:
    """Where its file is kept."""
    return f"{export.tenant_id}/exports/{export.id}.{export.format}"


async def files_of(work: Work, places: Collection[str]) -> set[str]:
    """Those of these files that somebody may fetch, or that are being written."""
    ids = {PurePosixPath(place).stem for place in places}
    found = await work.session.scalars(
        select(Export).where(
            Export.tenant_id == work.tenant_id,
            Export.id.in_(ids),
            Export.state.in_(("waiting", "writing", "ready")),
        )
    )
    return {place_of(export) for export in found}.intersection(places)


async def forget_ended(
    database: Database, files: FileStore, now: datetime, company: Company
) -> None:
    """Remove the files whose links have ended; the rows stay, as what happened."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Export).where(
                Export.tenant_id == company.tenant_id, Export.state == "ready", Export.ends_at < now
            )
        )
        ended = found.all()
    for export in ended:
        await files.remove(place_of(export))
        async with database.writing() as session:
            await session.execute(_row(export.tenant_id, export.id).values(state="gone"))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Whoever writes one export: its claim on the row, and how it reads."""

    database: Database
    clock: Callable[[], datetime]
    company: Company
    export_id: str

    async def claim(self) -> Export | None:
        key, now = (self.company.tenant_id, self.export_id), self.clock()
        return await claim(self.database, Export, OPEN, key, now, state="writing", rows=0)

    async def requester(self, export: Export) -> tuple[str, Actor] | None:
        """Name and present rights of who asked; None when he has none any more."""
        door = Actor(export.tenant_id, None, via="worker")
        async with self.database.reading() as session:
            found = await actor_again(session, door, export.member_id)
            if found is None:
                return None
            actor, member = found
            work = Work(session, actor, self.clock(), self.company.zone)
            allowed = all(may(work, permission) for permission in needed(export.masks_phones))
            return (member.name, actor) if allowed else None

    @asynccontextmanager
    async def reading(self, actor: Actor) -> AsyncIterator[Work]:
        async with self.database.reading() as session:
            yield Work(session, actor, self.clock(), self.company.zone)

    async def renew(self, rows: int) -> None:
        """Say how far it is, and keep the claim."""
        if rows % (PART * RENEWED_EVERY) == 0:
            async with self.database.writing() as session:
                row = self._mine().values(rows=rows, taken_until=self.clock() + LEASE)
                await session.execute(row)

    async def finish(self, actor: Actor, export: Export, rows: int, size_bytes: int) -> None:
        now = self.clock()
        async with self.database.writing() as session:
            await session.execute(
                self._mine().values(
                    state="ready",
                    rows=rows,
                    size_bytes=size_bytes,
                    taken_until=None,
                    ready_at=now,
                    ends_at=now + LIVES,
                )
            )
            work = Work(session, actor, now, self.company.zone)
            masked = export.masks_phones
            note(work, "export.written", export.id, export.filters, rows, masked=masked)

    async def fail(self, export: Export) -> None:
        log.warning("export.failed", tenant=export.tenant_id, export=export.id)
        async with self.database.writing() as session:
            await session.execute(self._mine().values(state="failed", taken_until=None))

    def _mine(self) -> Update:
        return _row(self.company.tenant_id, self.export_id)


def _row(tenant_id: int, export_id: str) -> Update:
    return update(Export).where(Export.tenant_id == tenant_id, Export.id == export_id)
