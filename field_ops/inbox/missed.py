"""What a host kept while our address did not answer is fetched and taken in as at the door."""

from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.platform import MissedEvents
from ..logs import log
from .receive import Clock, Handle, Intake

MOST_ROUNDS = 50  # a host that never says "no more" must not keep the worker for ever


async def take_in_missed(
    database: Database,
    missed: MissedEvents,
    connection: ConnectionRef,
    handle: Handle,
    clock: Clock,
) -> int:
    """How many events were fetched. Those that had come after all are handled once.

    Each round is committed before the host is asked again, which is when it forgets them. Raises a
    `SendError` when the host does not answer.
    """
    intake, taken = Intake(database, handle, clock), 0
    for _ in range(MOST_ROUNDS):
        events = await missed.fetch()
        if not events:
            break
        await intake.take(connection, events)
        taken += len(events)
    if taken:
        log.info("inbox.missed_events", connection=connection.id, events=taken)
    return taken
