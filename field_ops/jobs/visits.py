"""The day of a rep: plans, check-ins, evidence."""

from datetime import timedelta

from ..agenda.mirror import bring_in_line
from ..attendance.reading import read_attendance as read_at
from ..connections.refs import ConnectionRef
from ..history.heads import find_heads, write_heads
from ..host.platform import HostPlatform
from ..logs import log
from ..plans.actions import miss_some
from ..plans.day_plan import promise_plans, who_gets_a_plan
from ..visits import cross_check
from ..visits.actions import force_check_outs
from .tools import ROWS_AT_ONCE, Company, Tools, at_each_connection, companies


async def promise_day_plans(tools: Tools) -> None:
    """Promise every rep the day plan of today and of tomorrow."""
    for company in await companies(tools.database):
        today = tools.clock().astimezone(company.zone).date()
        for day in (today, today + timedelta(days=1)):
            async with tools.database.reading() as session:
                members = await who_gets_a_plan(company.work(session, tools.clock()), day)
            for start in range(0, len(members), ROWS_AT_ONCE):
                async with tools.database.writing() as session:
                    work = company.work(session, tools.clock())
                    await promise_plans(work, day, members[start : start + ROWS_AT_ONCE])


async def keep_agendas(tools: Tools) -> None:
    """Make members' calendars and to-dos in the hosts say what their visit plans say."""

    async def keep(platform: HostPlatform, connection: ConnectionRef) -> None:
        await bring_in_line(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, keep)


async def read_attendance(tools: Tools) -> None:
    """Compare check-ins with what the hosts' own attendance recorded beside them."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await read_at(tools.database, platform, connection, cross_check, tools.clock)

    await at_each_connection(tools, read)


async def miss_plans(tools: Tools, company: Company) -> bool:
    """Say of the plans of days that are over, to which nobody went, that they were missed."""
    missed, more = 0, True
    while more:
        async with tools.database.writing() as session:
            more = (found := await miss_some(company.work(session, tools.clock()))) > 0
        missed += found
    if missed:
        log.info("plans.missed", tenant=company.tenant_id, plans=missed)
    return True


async def end_open_visits(tools: Tools, company: Company) -> bool:
    """End the visits that nobody checked out of: the day is over."""
    async with tools.database.writing() as session:
        ended = await force_check_outs(company.work(session, tools.clock()))
    if ended:
        log.info("visits.forced_check_outs", tenant=company.tenant_id, ended=ended)
    return True


async def seal_evidence(tools: Tools, company: Company) -> bool:
    """Write into the audit log what the evidence of each day was that is over."""
    async with tools.database.reading() as session:
        found = await find_heads(company.work(session, tools.clock()))
    async with tools.database.writing() as session:
        heads, walked = await write_heads(company.work(session, tools.clock()), found)
    for head in heads:
        links = head.last - head.first + 1
        log.info("evidence.sealed", tenant=company.tenant_id, day=str(head.day), links=links)
    if not walked.is_whole:
        log.error("evidence.broken", tenant=company.tenant_id, problem=walked.problem)
    return True
