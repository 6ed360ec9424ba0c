"""Files that belong to nothing: what was uploaded and never attached, and what died half-way."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta

from ..attachments import actions as attachments
from ..exchange import export_files, import_files
from ..files.store import Kept
from ..logs import log
from ..loop import make_way
from ..visits import queries as visits
from ..work import Work
from .tools import Company, Tools

GRACE = timedelta(days=1)  # bytes come first, and the row that names them a moment later
Named = Callable[[Work, Collection[str]], Awaitable[set[str]]]

# Whose the files of a folder are: which of some places a row names. A folder that is not here is
# left alone.
OWNERS: dict[str, Named] = {
    "photos": visits.photo_files,
    "watermarked": visits.watermarked_files,
    "attachments": attachments.files_of,
    "exports": export_files.files_of,
    "imports": import_files.files_of,
}


async def forget_orphaned_files(tools: Tools, company: Company) -> bool:
    """Remove files that nothing names for a day, and what was never written to its end."""
    removed = 0
    for folder, named in OWNERS.items():
        async for part in tools.files.listed(f"{company.tenant_id}/{folder}"):
            await make_way()
            removed += await _forget(tools, company, named, part)
    if removed:
        log.info("files.forgotten", tenant=company.tenant_id, files=removed)
    return True


async def _forget(tools: Tools, company: Company, named: Named, part: Sequence[Kept]) -> int:
    before = tools.clock() - GRACE
    old = [one for one in part if one.kept_at < before]
    if not old:
        return 0
    async with tools.database.reading() as session:
        work = company.work(session, tools.clock())
        owned = await named(work, {one.place for one in old if not one.is_draft})
    removed = 0
    for one in old:
        if one.place not in owned:
            removed += await tools.files.remove_old(one.place, before)
    return removed
