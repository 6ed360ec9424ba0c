"""Customers: findable, single, and in the hands of somebody who works on them."""

from collections.abc import Awaitable, Callable

from ..attachments import actions as attachments
from ..customers import computing, index, postings, tagging
from ..logs import log
from ..merges import scan
from ..pool import allocation, recycling, removal
from ..work import Work
from .tools import Company, Tools, companies


async def mend_lookups(tools: Tools) -> None:
    """Make customers findable that are not in the lookup index, as after an upgrade."""
    for company in await companies(tools.database):
        mended, last = 0, ""
        while True:
            async with tools.database.reading() as session:
                ids = await index.missing(company.work(session, tools.clock()), last)
            if not ids:
                break
            async with tools.database.writing() as session:
                await index.refresh(company.work(session, tools.clock()), ids)
            mended, last = mended + len(ids), ids[-1]
        if mended:
            log.info("lookup.mended", tenant=company.tenant_id, customers=mended)


async def compute_formulas(tools: Tools) -> None:
    """Compute formulas that an administrator changed, and say by which fields to look up, for every
    customer, a part at a time."""
    for company in await companies(tools.database):
        await _while(tools, company, computing.is_due, computing.step)


async def settle_tags(tools: Tools) -> None:
    """Give the customers of merged tags the tags that those are now, and look up renamed ones."""
    for company in await companies(tools.database):
        await _while(tools, company, tagging.is_unsettled, tagging.settle_some)


async def merge_lookups(tools: Tools) -> None:
    """Take what was noted of changed customers into the lookup index, where it is much."""
    for company in await companies(tools.database):
        await _while(tools, company, postings.are_worth_merging, postings.merge_some)


async def look_for_duplicates(tools: Tools, company: Company) -> bool:
    """Compare the customers that changed with all others: which may be one?"""
    while True:
        async with tools.database.reading() as session:
            looked = await scan.look(company.work(session, tools.clock()))
        if looked is None:
            return True
        async with tools.database.writing() as session:
            await scan.note(company.work(session, tools.clock()), looked)


async def recycle_customers(tools: Tools, company: Company) -> bool:
    """Put back into the pools what nobody has worked on for too long, and tell whom it concerns."""
    async with tools.database.reading() as session:
        due = await recycling.due_in(company.work(session, tools.clock()))
    ids = [one.customer.id for one in due]
    recycled = 0
    for start in range(0, len(ids), recycling.AT_ONCE):
        async with tools.database.writing() as session:
            work = company.work(session, tools.clock())
            recycled += await recycling.recycle(work, ids[start : start + recycling.AT_ONCE])
    async with tools.database.writing() as session:
        await recycling.tell_about_recycled(company.work(session, tools.clock()))
    if recycled:
        log.info("customers.recycled", tenant=company.tenant_id, customers=recycled)
    return True


async def allocate_customers(tools: Tools) -> None:
    """Give customers that lie in pools to their members, where a pool says so."""
    for company in await companies(tools.database):
        async with tools.database.writing() as session:
            await removal.follow(company.work(session, tools.clock()))
        async with tools.database.reading() as session:
            pool_ids = await allocation.pools_that_give(company.work(session, tools.clock()))
        for pool_id in pool_ids:
            goes_on, after = True, ""
            while goes_on:
                async with tools.database.writing() as session:
                    work = company.work(session, tools.clock())
                    after = await allocation.allocate(work, pool_id, after)
                goes_on = after != ""


async def warn_before_recycling(tools: Tools, company: Company) -> bool:
    """Tell owners which customers they are about to lose, and what to do."""
    async with tools.database.reading() as session:
        ending = await recycling.warnings_today(company.work(session, tools.clock()))
    if ending:
        async with tools.database.writing() as session:
            await recycling.warn(company.work(session, tools.clock()), ending)
    return True


async def _while(
    tools: Tools,
    company: Company,
    is_due: Callable[[Work], Awaitable[bool]],
    step: Callable[[Work], Awaitable[bool]],
) -> None:
    """Step by step, each in a transaction of its own, until the step says that it is done."""
    async with tools.database.reading() as session:
        goes_on = await is_due(company.work(session, tools.clock()))
    while goes_on:
        async with tools.database.writing() as session:
            goes_on = await step(company.work(session, tools.clock()))


async def forget_attachments(tools: Tools) -> None:
    """Delete the bytes of attachments that were removed a week ago."""
    for company in await companies(tools.database):
        async with tools.database.reading() as session:
            gone = await attachments.to_forget(company.work(session, tools.clock()))
        if not gone:
            continue
        for one in gone:  # first the bytes: whoever stops here begins again with the same
            await attachments.drop(tools.files, one)
        async with tools.database.writing() as session:
            work = company.work(session, tools.clock())
            await attachments.forget(work, [one.id for one in gone])
