"""What the program does about customers that are shared."""

from ..sharing import requests
from .tools import Tools, companies


async def end_requests(tools: Tools) -> None:
    """End requests to work together that nobody answered within three days, and tell who asked."""
    for company in await companies(tools.database):
        more = True
        while more:
            async with tools.database.writing() as session:
                work = company.work(session, tools.clock())
                more = await requests.end_unanswered(work) > 0
