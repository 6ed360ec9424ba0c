"""The organisation, as the hosts tell it, and those who leave it."""

from ..connections.refs import ConnectionRef
from ..handovers.actions import go_on, notice_leavers
from ..host.platform import HostPlatform
from ..people.queries import departments_of
from ..people.reader import seconds_for
from ..people.reread import sync_everybody_hinted, sync_named
from ..people.sync import full_sync
from .tools import MOST_BATCHES, Company, Tools, at_each_connection, companies, open_connections

READ_QUICKLY_S = 60.0


async def read_what_changed(tools: Tools) -> None:
    """Read again the people and departments that host events named."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await sync_named(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, read)


async def read_everybody_again(tools: Tools) -> None:
    """Read organisations whole where an event could not be settled otherwise."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await sync_everybody_hinted(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, read)


async def look_at_people(tools: Tools) -> None:
    """Compare the organisations that are read within a minute: some hosts tell of no change."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        if await _is_read_quickly(tools, platform, connection):
            await full_sync(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, read)


async def compare_people(tools: Tools, company: Company) -> bool:
    """Compare the whole organisation with the hosts, in case an event was lost.

    False when a host did not answer completely: it is worth another try.
    """
    complete = True
    async for platform, connection in open_connections(tools):
        if connection.tenant_id == company.tenant_id:
            report = await full_sync(tools.database, platform, connection, tools.clock)
            complete = complete and report.state != "failed"
    return complete


async def hand_over(tools: Tools) -> None:
    """Ask the leads of those who left what becomes of their customers, and do what is due."""
    for company in await companies(tools.database):
        for _ in range(MOST_BATCHES):
            async with tools.database.writing() as session:
                work = company.work(session, tools.clock())
                noticed, moved = await notice_leavers(work), await go_on(work)
            if not (noticed or moved):
                break


async def _is_read_quickly(tools: Tools, platform: HostPlatform, connection: ConnectionRef) -> bool:
    """Whether its host allows to read all of it within a minute."""
    async with tools.database.reading() as session:
        departments = await departments_of(session, connection)
    return seconds_for(departments, platform.limits) < READ_QUICKLY_S
