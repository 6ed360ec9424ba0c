"""What has to be asked of a host before anything is stored. No transaction is open meanwhile."""

from collections.abc import Mapping

from ..connections import actions as connections
from ..connections.actions import WantedConnection
from ..connections.check import explained
from ..connections.models import HostConnection
from ..connections.platforms import Platforms
from ..connections.refs import ConnectionRef
from ..host.errors import CredentialsRejected, SendError
from ..host.platform import HostKind, HostPlatform
from ..http.edge import Edge
from .advice import UNREADABLE
from .errors import AnotherCompany, HostDoesNotAccept, NothingGiven


async def usable(
    platforms: Platforms, connection_id: str
) -> tuple[HostPlatform, ConnectionRef] | None:
    """The platform of a connection; None when its stored settings cannot be used."""
    try:
        return await platforms.find(connection_id)
    except SendError:
        return None


async def is_accepted(platform: HostPlatform | None) -> None:
    """Raises `HostDoesNotAccept`, which says what to mend, unless the host lets us read."""
    if platform is None:
        raise HostDoesNotAccept(says=UNREADABLE)
    try:
        await platform.directory.departments()
    except SendError as failure:
        raise HostDoesNotAccept(says=explained(platform, failure)) from failure


async def renewed(
    edge: Edge, row: HostConnection, kind: HostKind, given: Mapping[str, str]
) -> WantedConnection:
    """The connection as it would be with these credentials replaced. Changes nothing."""
    if not given:
        raise NothingGiven()
    if "corp_id" in given:
        raise AnotherCompany()
    try:
        async with edge.database.reading() as session:
            _, wanted = await connections.renewed(session, edge.keys, kind, row.name, given)
    except CredentialsRejected as failure:
        raise HostDoesNotAccept(says=UNREADABLE) from failure
    return wanted


async def is_tried_out(
    platforms: Platforms, wanted: WantedConnection, current: HostPlatform | None
) -> None:
    """Ask the host with the new credentials. Raises `HostDoesNotAccept`."""
    try:
        platform = platforms.try_out(wanted)
    except CredentialsRejected as failure:
        says = explained(current, failure) if current else UNREADABLE
        raise HostDoesNotAccept(says=says) from failure
    await is_accepted(platform)
