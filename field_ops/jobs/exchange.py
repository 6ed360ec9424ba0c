"""Export files that are too large to be waited for."""

from ..exchange import export_files, import_files, import_runs
from .tools import Tools, companies


async def write_exports(tools: Tools) -> None:
    """Write the export files that were asked for and are too large to be waited for."""
    for company in await companies(tools.database):
        await export_files.write_waiting(tools.database, tools.files, tools.clock, company)


async def forget_exports(tools: Tools) -> None:
    """Remove export files whose links have ended."""
    for company in await companies(tools.database):
        await export_files.forget_ended(tools.database, tools.files, tools.clock(), company)


async def work_off_imports(tools: Tools) -> None:
    """Check, take in and take back the spreadsheets that somebody brought."""
    for company in await companies(tools.database):
        await import_runs.work_off(tools.database, tools.files, tools.clock, company)


async def forget_imports(tools: Tools) -> None:
    """Remove the files of imports that are over for a week, and drafts that nobody went on with."""
    for company in await companies(tools.database):
        await import_files.forget_old(tools.database, tools.files, tools.clock(), company)
