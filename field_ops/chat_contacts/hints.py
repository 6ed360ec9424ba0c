"""A host's event about a person outside is a hint; the worker reads him again.

While the service is off nothing is noted: the event is counted at the door, and that is all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from ..db import insert_into
from ..host.events import ExternalContactChanged, HostEvent
from ..work import Work
from .models import LONGEST_ID, ChatContactHint

SERVICE = "external_contacts"
KEPT_FOR = timedelta(days=7)  # by then the comparison has been round


@dataclass(frozen=True, slots=True)
class Hint:
    external_id: str
    host_user_id: str
    change: str
    happened_at: datetime
    noticed_at: datetime


async def note_chat_contact(work: Work, event: HostEvent) -> None:
    """Remember what the event says to read again, in the transaction that handles the event."""
    if not isinstance(event, ExternalContactChanged) or not await _is_on(work):
        return
    if max(len(event.external_id), len(event.host_user_id)) > LONGEST_ID:
        return  # nobody's id, and nothing that could be asked about
    row = insert_into(work.session, ChatContactHint).values(
        tenant_id=work.tenant_id,
        connection_id=work.actor.connection_id,
        external_id=event.external_id,
        host_user_id=event.host_user_id,
        change=event.change,
        happened_at=event.happened_at,
        noticed_at=work.now,
    )
    keys = ["tenant_id", "connection_id", "external_id", "host_user_id", "change"]
    newer = {name: row.excluded[name] for name in ("happened_at", "noticed_at")}
    await work.session.execute(row.on_conflict_do_update(index_elements=keys, set_=newer))


async def waiting_hints(session: AsyncSession, connection: ConnectionRef, limit: int) -> list[Hint]:
    """The oldest first."""
    rows = await session.scalars(
        select(ChatContactHint)
        .where(*_of(connection))
        .order_by(ChatContactHint.happened_at, ChatContactHint.noticed_at)
        .limit(limit)
    )
    return [
        Hint(row.external_id, row.host_user_id, row.change, row.happened_at, row.noticed_at)
        for row in rows
    ]


async def drop_hints(
    session: AsyncSession, connection: ConnectionRef, hints: Iterable[Hint]
) -> None:
    """Forget these. One that became newer while we read stays, and is read again."""
    for hint in hints:
        await session.execute(
            delete(ChatContactHint).where(
                *_of(connection),
                ChatContactHint.external_id == hint.external_id,
                ChatContactHint.host_user_id == hint.host_user_id,
                ChatContactHint.change == hint.change,
                ChatContactHint.noticed_at <= hint.noticed_at,
            )
        )


async def forget_old_hints(session: AsyncSession, now: datetime) -> None:
    """Hints that nobody read, because the service was switched off or refused meanwhile."""
    await session.execute(
        delete(ChatContactHint).where(ChatContactHint.noticed_at < now - KEPT_FOR)
    )


def _of(connection: ConnectionRef) -> tuple[ColumnElement[bool], ...]:
    return (
        ChatContactHint.tenant_id == connection.tenant_id,
        ChatContactHint.connection_id == connection.id,
    )


async def _is_on(work: Work) -> bool:
    services = await work.session.scalar(
        select(HostConnection.services).where(
            HostConnection.tenant_id == work.tenant_id,
            HostConnection.id == work.actor.connection_id,
        )
    )
    return SERVICE in (services or ())
