"""The three queues: reminders, what the hosts bring, and what is on its way to them."""

from ..connections.refs import ConnectionRef
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..inbox.missed import take_in_missed
from ..inbox.retry import retry_failed
from ..logs import log
from ..outbox import alarms, deliveries, queries, quota
from ..outbox.metrics import CALLS_THIS_MONTH, OLDEST_WAITING, WAITING
from .tools import MOST_BATCHES, Tools, at_each_connection, open_connections


async def send_reminders(tools: Tools) -> None:
    """Send the reminders whose time has come."""
    for _ in range(MOST_BATCHES):
        if not await tools.drain.pass_once():
            return


async def retry_inbox(tools: Tools) -> None:
    """Try again the host events whose handling met a bug."""
    await retry_failed(tools.database, tools.hear, tools.clock, tools.dice)


async def fetch_missed_events(tools: Tools) -> None:
    """Ask the hosts for events that they could not bring while we were away."""
    async for platform, connection in open_connections(tools):
        if platform.missed is None:
            continue
        try:
            await take_in_missed(
                tools.database, platform.missed, connection, tools.hear, tools.clock
            )
        except SendError as failure:  # they are kept: the next time will do
            log.warning("inbox.not_fetched", connection=connection.id, reason=str(failure))


async def ring_alarms(tools: Tools) -> None:
    """Ring by the hosts' own alarms for what is urgent and was sent."""

    async def ring_at(platform: HostPlatform, connection: ConnectionRef) -> None:
        await alarms.ring(tools.database, platform, connection, tools.clock)

    await at_each_connection(tools, ring_at)


async def measure(tools: Tools) -> None:
    """Measure what waits in the outbox."""
    async with tools.database.reading() as session:
        waiting = await queries.waiting_by_state(session)
        oldest_s = await queries.oldest_waiting_s(session, tools.clock())
    for state in ("queued", "sending", "unknown"):
        WAITING.labels(state).set(waiting.get(state, 0))
    OLDEST_WAITING.set(oldest_s)


async def watch_quotas(tools: Tools) -> None:
    """Warn when a host's calls of the month are nearly used up."""
    async for platform, connection in open_connections(tools):
        if platform.limits.per_app_month is None:
            continue
        async with tools.database.reading() as session:
            used = await quota.used_this_month(session, connection, tools.clock())
        CALLS_THIS_MONTH.labels(connection.host, connection.name).set(used)
        if quota.is_nearly_used(used, platform.limits):
            log.warning(
                "outbox.quota_nearly_used", connection=connection.id, host=connection.host,
                used=used, of=platform.limits.per_app_month,
            )  # fmt: skip


async def look_at_deliveries(tools: Tools) -> None:
    """Ask the hosts what became of messages that must not get lost, while calls are left."""
    async for platform, connection in open_connections(tools):
        if platform.delivery is None or not platform.delivery.tells:
            continue
        async with tools.database.reading() as session:
            used = await quota.used_this_month(session, connection, tools.clock())
        if quota.is_nearly_used(used, platform.limits):
            continue
        try:
            await deliveries.look_at_waiting(tools.database, platform, connection, tools.clock)
        except SendError as failure:
            log.warning("outbox.not_looked", connection=connection.id, reason=str(failure))
