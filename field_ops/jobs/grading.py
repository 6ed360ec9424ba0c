"""Grading: what a quarter proposes."""

from ..grading.proposals import due_quarter, propose, tell_owners
from .tools import Company, Tools


async def propose_levels(tools: Tools, company: Company) -> bool:
    """Propose levels by the score cards, on the first day of a quarter."""
    async with tools.database.reading() as session:
        quarter = await due_quarter(company.work(session, tools.clock()))
    if quarter is None:
        return True
    last = ""
    while True:
        async with tools.database.writing() as session:
            last = await propose(company.work(session, tools.clock()), quarter, last)
        if not last:
            break
    async with tools.database.writing() as session:
        await tell_owners(company.work(session, tools.clock()), quarter)
    return True
