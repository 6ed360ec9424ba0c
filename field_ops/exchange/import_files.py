"""The files of imports, in the file store for as long as somebody may need them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import anyio
from sqlalchemy import and_, case, select, update

from ..db import Database
from ..files.store import FileStore
from ..work import Work
from .errors import FileMissing
from .export_files import Company
from .import_models import ImportBatch

KEPT_FOR = timedelta(days=8)  # a day longer than an import can be undone
AT_ONCE = 200


def place_of(tenant_id: int, batch_id: str) -> str:
    """Where the file is kept that somebody brought."""
    return f"{tenant_id}/imports/{batch_id}"


async def fetched(files: FileStore, batch: ImportBatch, folder: Path) -> Path:
    """A copy of the file in `folder`. Raises FileMissing."""
    parts = await files.stream(place_of(batch.tenant_id, batch.id))
    if parts is None:
        raise FileMissing(name=batch.file_name)
    path = folder / "customers"
    async with await anyio.open_file(path, "wb") as file:
        async for part in parts:
            await file.write(part)
    return path


async def files_of(work: Work, places: Collection[str]) -> set[str]:
    """Those of these files that an import may still need."""
    found = await work.session.scalars(
        select(ImportBatch.id).where(
            ImportBatch.tenant_id == work.tenant_id,
            ImportBatch.id.in_({PurePosixPath(place).name for place in places}),
            ImportBatch.file_gone_at.is_(None),
        )
    )
    return {place_of(work.tenant_id, batch_id) for batch_id in found}.intersection(places)


async def forget_old(database: Database, files: FileStore, now: datetime, company: Company) -> None:
    """Remove the files that nobody needs any more; drafts of so long ago are dropped."""
    old = and_(
        ImportBatch.tenant_id == company.tenant_id,
        ImportBatch.file_gone_at.is_(None),
        ImportBatch.asked_at < now - KEPT_FOR,
        ImportBatch.state.in_(("draft", "done", "cancelled", "failed", "undone")),
    )
    async with database.reading() as session:
        found = (await session.scalars(select(ImportBatch.id).where(old).limit(AT_ONCE))).all()
    for batch_id in found:
        await files.remove(place_of(company.tenant_id, batch_id))
        async with database.writing() as session:
            row = update(ImportBatch).where(old, ImportBatch.id == batch_id)
            dropped = case((ImportBatch.state == "draft", "cancelled"), else_=ImportBatch.state)
            await session.execute(row.values(file_gone_at=now, state=dropped))
