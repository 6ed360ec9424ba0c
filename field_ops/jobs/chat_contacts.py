"""Whom members chat with outside of the company."""

from ..chat_contacts.reading import compare_some, read_hinted
from ..connections.refs import ConnectionRef
from ..host.platform import HostPlatform
from .tools import Tools, at_each_connection


async def read_chat_contacts(tools: Tools) -> None:
    """Read again the people outside that host events hinted at."""

    async def read(platform: HostPlatform, connection: ConnectionRef) -> None:
        await read_hinted(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, read)


async def compare_chat_contacts(tools: Tools) -> None:
    """Compare all chat contacts with the hosts every week, a part at a time."""

    async def compare(platform: HostPlatform, connection: ConnectionRef) -> None:
        await compare_some(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, compare)
