"""What the program does about customers that go from one member to others."""

from ..transfers import actions, queries
from .tools import Tools, companies


async def move_customers(tools: Tools) -> None:
    """Go on with transfers that are larger than one transaction."""
    for company in await companies(tools.database):
        async with tools.database.reading() as session:
            more = await queries.is_any_under_way(company.work(session, tools.clock()))
        while more:
            async with tools.database.writing() as session:
                work = company.work(session, tools.clock())
                begun = await queries.under_way(work)
                more = begun is not None
                if begun is not None:
                    await actions.go_on(work, begun)
