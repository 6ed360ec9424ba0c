"""Everything that is known of one connection, read in one go."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..connections.leases import held_leases, some_worker_lives
from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from ..connections.services import ServiceState, states
from ..host.platform import HostPlatform
from ..inbox import queries as inbox
from ..inbox import tally
from ..inbox.long_connections import LEASE, UP
from ..inbox.queries import Tallied
from ..outbox import queries as outbox
from ..outbox import quota
from ..outbox.queries import Standing
from ..people import runs
from ..people.runs import LastRun
from ..work import Work

HOURS = 24


@dataclass(frozen=True, slots=True)
class Line:
    """The long connection: the process that holds it, and since when it is so."""

    is_up: bool
    since: datetime | None
    process: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`hours` are the beginnings of the last 24; `posted` has what was posted in each of them, by
    state. `used_this_month` is None where the host does not count."""

    id: str
    host: str
    name: str
    paused_at: datetime | None
    paused_reason: str
    hours: list[datetime]
    last_event: tuple[str, datetime] | None
    tallied: list[Tallied]
    kept: dict[str, int]
    last_run: LastRun | None
    sync_is_waited_for: bool
    standing: Standing
    posted: list[tuple[datetime, str, int]]
    line: Line | None
    used_this_month: int | None
    a_worker_lives: bool
    services: list[ServiceState]
    created_at: datetime = field(kw_only=True)


async def facts_of(
    work: Work, row: HostConnection, found: tuple[HostPlatform, ConnectionRef] | None
) -> Facts:
    """All of it; only counts and moments, no content and nothing secret."""
    since, used = tally.since(HOURS, work.now), None
    if found is not None and found[0].limits.per_app_month is not None:
        used = await quota.used_this_month(work.session, found[1], work.now)
    return Facts(
        id=row.id,
        host=row.host,
        name=row.name,
        paused_at=row.paused_at,
        paused_reason=row.paused_reason,
        hours=[since + timedelta(hours=hour) for hour in range(HOURS)],
        last_event=await inbox.last_event(work, row.id),
        tallied=await inbox.tallied(work, row.id, since),
        kept=await inbox.kept_by_state(work, row.id),
        last_run=await runs.last_run(work, row.id),
        sync_is_waited_for=await runs.is_waited_for(work, row.id),
        standing=await outbox.standing(work, row.id),
        posted=await outbox.posted_by_hour(work, row.id, since),
        line=await _line(work, row.id),
        used_this_month=used,
        services=await states(work.session, *found) if found is not None else [],
        a_worker_lives=await some_worker_lives(work.session, work.now),
        created_at=row.created_at,
    )


async def _line(work: Work, connection_id: str) -> Line | None:
    name = LEASE + connection_id
    lease = (await held_leases(work.session, [name], work.now)).get(name)
    return Line(lease.says == UP, lease.since, lease.holder) if lease else None
