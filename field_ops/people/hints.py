"""The host hinted that something changed; the worker reads it again. Several are one reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import insert_into
from ..host.events import DepartmentsChanged, HostEvent, MembersChanged, MembersLeft
from ..work import Work
from .models import SyncHint
from .safety import Going

MEMBER, DEPARTMENT = "member", "department"
CONFIRMED = "confirmed"  # a person lets so many go: the id says how many
EVERYTHING = "*"
LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class Hint:
    kind: str
    host_id: str
    noticed_at: datetime


async def note_hints(work: Work, event: HostEvent) -> None:
    """Remember what the event says to read again, in the transaction that handles the event.

    Events about anything else are nothing to us. An event that names nobody means everybody.
    """
    if work.actor.connection_id is None:
        raise RuntimeError("a hint needs the connection that the event came through")
    match event:
        case MembersChanged(host_user_ids=ids) | MembersLeft(host_user_ids=ids) if ids:
            wanted = [(MEMBER, one) for one in ids]
        case DepartmentsChanged(host_department_ids=ids) if ids:
            wanted = [(DEPARTMENT, one) for one in ids]
        case MembersChanged() | MembersLeft() | DepartmentsChanged():
            wanted = [(DEPARTMENT, EVERYTHING)]
        case _:
            return
    for kind, host_id in dict.fromkeys(wanted):
        await note(work.session, work.tenant_id, work.actor.connection_id, kind, host_id, work.now)


async def ask_for_all(work: Work, connection_id: str, agreed: Going | None = None) -> None:
    """A person wants everybody to be read now; `agreed` when it is to go on after a safety stop."""
    kind, host_id = DEPARTMENT, EVERYTHING
    if agreed is not None:
        kind, host_id = CONFIRMED, f"{agreed.members}/{agreed.departments}"
    await note(work.session, work.tenant_id, connection_id, kind, host_id, work.now)


def is_about_all(hint: Hint) -> bool:
    """Whether only a reading of everybody does."""
    return hint.host_id == EVERYTHING or hint.kind == CONFIRMED


def agreed_in(waiting: Iterable[Hint]) -> Going | None:
    """What a person has let go, of these hints; the newest when there are several."""
    agreed = [hint for hint in waiting if hint.kind == CONFIRMED]
    if not agreed:
        return None
    newest = max(agreed, key=lambda hint: hint.noticed_at)
    members, _, departments = newest.host_id.partition("/")
    return Going(int(members), int(departments))


async def note(
    session: AsyncSession,
    tenant_id: int,
    connection_id: str,
    kind: str,
    host_id: str,
    now: datetime,
) -> None:
    """One hint; the same one again only becomes newer."""
    if len(host_id) > LONGEST_ID:
        kind, host_id = DEPARTMENT, EVERYTHING
    statement = insert_into(session, SyncHint).values(
        tenant_id=tenant_id,
        connection_id=connection_id,
        kind=kind,
        host_id=host_id,
        noticed_at=now,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "connection_id", "kind", "host_id"],
            set_={"noticed_at": statement.excluded.noticed_at},
        )
    )


async def waiting_hints(session: AsyncSession, connection: ConnectionRef) -> list[Hint]:
    rows = await session.execute(
        select(SyncHint.kind, SyncHint.host_id, SyncHint.noticed_at)
        .where(SyncHint.tenant_id == connection.tenant_id, SyncHint.connection_id == connection.id)
        .order_by(SyncHint.noticed_at)
    )
    return [Hint(*row) for row in rows]


async def drop_hints(
    session: AsyncSession, connection: ConnectionRef, hints: Iterable[Hint]
) -> None:
    """Forget these. One that became newer while we read stays, and is read again."""
    for hint in hints:
        await session.execute(
            delete(SyncHint).where(
                SyncHint.tenant_id == connection.tenant_id,
                SyncHint.connection_id == connection.id,
                SyncHint.kind == hint.kind,
                SyncHint.host_id == hint.host_id,
                SyncHint.noticed_at <= hint.noticed_at,
            )
        )
