"""What an administrator may do about a connection. Whatever needs the host is left to the worker,
or was asked of the host before (`asking.py`)."""

from ..access import require
from ..connections import actions as connections
from ..connections.actions import WantedConnection
from ..connections.models import HostConnection
from ..connections.queries import live_one
from ..history.audit import record
from ..host.platform import HostPlatform
from ..inbox import queries as inbox
from ..keys import Keys
from ..outbox import queries as outbox
from ..people import hints, runs
from ..people.safety import Going
from ..work import Work
from .errors import AnotherSyncToConfirm, ConnectionPaused, NoSyncToConfirm

CONFIGURE = "connections.configure"
SYNC = "people.sync"


async def mine(work: Work, connection_id: str) -> HostConnection:
    """The connection, for who may configure it. Raises `NotAllowed` or `NotFound`."""
    require(work, CONFIGURE)
    return await live_one(work, connection_id)


async def resume(work: Work, connection_id: str) -> None:
    """Let a paused connection go on, whose host was asked and accepts it."""
    row = await mine(work, connection_id)
    await connections.resume(work, row.host, row.name)


async def replace_credentials(
    work: Work, keys: Keys, connection_id: str, wanted: WantedConnection
) -> None:
    """Store what the host was asked about and accepts; a paused connection goes on."""
    await mine(work, connection_id)
    await connections.change(work, keys, wanted)


async def switch_service(
    work: Work, platform: HostPlatform, connection_id: str, service: str, *, on: bool
) -> None:
    """Switch something that the host does beside messages on or off; it is tried at once then."""
    row = await mine(work, connection_id)
    await connections.switch_service(work, platform, row.name, service, on=on)


async def note_checked(work: Work, connection_id: str) -> None:
    """Somebody had the connection checked, which costs calls of the host."""
    row = await mine(work, connection_id)
    record(work, "connection.checked", "host_connection", row.id)


async def sync_soon(work: Work, connection_id: str) -> None:
    """Let the worker read the whole organisation as soon as it comes to it."""
    row = await _awake(work, connection_id)
    await hints.ask_for_all(work, row.id)
    record(work, "connection.sync_asked", "host_connection", row.id)


async def confirm_sync(work: Work, connection_id: str, run_id: str) -> None:
    """Let a stopped reading be applied. As many may go as `run_id` would have let go, and no more:
    the worker reads anew and stops again when it would be more."""
    row = await _awake(work, connection_id)
    run = await runs.last_run(work, row.id)
    if run is None or run.state != "halted" or run.would_go is None:
        raise NoSyncToConfirm()
    if run.id != run_id:
        raise AnotherSyncToConfirm()
    members, departments = run.would_go["members"], run.would_go["departments"]
    await hints.ask_for_all(work, row.id, agreed=Going(members, departments))
    change = {"members": (None, members), "departments": (None, departments)}
    record(work, "connection.sync_confirmed", "host_connection", row.id, change)


async def retry_events(work: Work, connection_id: str) -> int:
    """Let the worker handle all events again that failed or were given up."""
    row = await mine(work, connection_id)
    count = await inbox.retry_soon(work, row.id)
    change = {"count": (None, count)}
    record(work, "connection.events_retried", "host_connection", row.id, change)
    return count


async def retry_messages(work: Work, connection_id: str) -> int:
    """Queue all messages again that were refused or given up."""
    row = await mine(work, connection_id)
    count = await outbox.retry(work, connection_id=row.id)
    change = {"count": (None, count)}
    record(work, "connection.messages_retried", "host_connection", row.id, change)
    return count


async def _awake(work: Work, connection_id: str) -> HostConnection:
    require(work, SYNC)
    row = await mine(work, connection_id)
    if row.paused_at is not None:
        raise ConnectionPaused()
    return row
