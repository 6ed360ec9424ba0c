"""Export files that are too large to be waited for."""

from ..exchange import export_files
from .tools import Tools, companies


async def write_exports(tools: Tools) -> None:
    """Write the export files that were asked for and are too large to be waited for."""
    for company in await companies(tools.database):
        await export_files.write_waiting(tools.database, tools.files, tools.clock, company)


async def forget_exports(tools: Tools) -> None:
    """Remove export files whose links have ended."""
    for company in await companies(tools.database):
        await export_files.forget_ended(tools.database, tools.files, tools.clock(), company)
