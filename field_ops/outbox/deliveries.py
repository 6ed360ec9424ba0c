"""What became of messages that the host had accepted: looked at where it matters, and undone.

A look costs a call, and DingTalk's free edition has 5 000 a month. So by itself the program looks
at what must not get lost (urgent), at what had trouble on its way, and at everything where calls
are not counted; the rest when an administrator asks.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database
from ..host.deliveries import Delivered, Delivery
from ..host.errors import HostRefused
from ..host.platform import HostLimits, HostPlatform, Receipt, Recipient
from ..logs import log
from ..work import Actor, Work
from .metrics import DROPPED
from .models import OutboxMessage
from .pace import Pace
from .post import address_of, conversation_of, write

SETTLES = timedelta(minutes=2)  # before that a host may not know itself
TOLD_FOR = timedelta(hours=24)  # both hosts
MOST_AT_ONCE = 100
WANTED: ColumnElement[str] = literal_column("'wanted'")
GONE = ("dropped", "recalled")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that the host accepted under an id."""

    id: str
    connection_id: str
    member_id: str | None
    recipient: Recipient
    host_message_id: str


def is_looked_at(
    delivery: Delivery | None, limits: HostLimits, receipt: Receipt, *, urgent: bool, attempts: int
) -> bool:
    """Whether the program asks by itself what became of a message that was just accepted."""
    if delivery is None or not delivery.tells or not receipt.host_message_id:
        return False
    return urgent or attempts > 1 or limits.per_app_month is None


async def look_at_waiting(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Callable[[], datetime],
) -> int:
    """Ask for what is to be looked at at this connection; returns how many were asked for.

    Raises a `SendError` when the host cannot be asked: the rest waits for the next time.
    """
    if platform.delivery is None:
        return 0
    now = clock()
    async with database.reading() as session:
        waiting = await _sent(
            session,
            connection.tenant_id,
            OutboxMessage.connection_id == connection.id,
            OutboxMessage.delivery == WANTED,
            OutboxMessage.sent_at.between(now - TOLD_FOR, now - SETTLES),
        )
    pace = Pace()
    for one in waiting:
        await pace.wait(connection.id, platform.limits.per_app_second)
        await look(database, platform.delivery, connection, one, clock())
    return len(waiting)


async def look(
    database: Database, delivery: Delivery, connection: ConnectionRef, one: SentMessage,
    now: datetime,
) -> Delivered | None:  # fmt: skip
    """Ask for one and keep the answer; None when the host does not tell.

    One that was dropped is said again through another connection where the member has one.
    """
    try:
        found = await delivery.look(one.recipient, one.host_message_id)
    except HostRefused as refused:  # too old, or not known: it will not be told later either
        log.info("outbox.not_told", message=one.id, reason=str(refused))
        found = None
    async with database.writing() as session:
        work = _system(session, connection.tenant_id, connection.zone, now)
        if await _keep(work, one, found) and found is not None and found.state == "dropped":
            DROPPED.labels(connection.host, found.reason).inc()
            again = await _say_elsewhere(work, one)
            log.warning("outbox.dropped", message=one.id, reason=found.reason, said_again=again)
    return found


async def named(work: Work, ids: Collection[str]) -> list[SentMessage]:
    """The company's messages with these ids that a host accepted under an id of its own."""
    return await _sent(work.session, work.tenant_id, OutboxMessage.id.in_(ids))


async def note_recalled(work: Work, one: SentMessage) -> None:
    """It was taken back."""
    await _keep(work, one, Delivered("recalled"))


async def _sent(session: AsyncSession, tenant_id: int, *which: Any) -> list[SentMessage]:
    found = await session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.connection_id,
            OutboxMessage.member_id,
            OutboxMessage.host_user_id,
            OutboxMessage.conversation,
            OutboxMessage.host_message_id,
        )
        .where(
            OutboxMessage.tenant_id == tenant_id,
            OutboxMessage.state == "sent",
            OutboxMessage.host_message_id != "",
            *which,
        )
        .order_by(OutboxMessage.sent_at)
        .limit(MOST_AT_ONCE)
    )
    return [
        SentMessage(
            message_id,
            connection_id,
            member_id,
            Recipient(user_id, conversation_of(talk) if talk else None),
            host_id,
        )
        for message_id, connection_id, member_id, user_id, talk, host_id in found
    ]


async def _keep(work: Work, one: SentMessage, found: Delivered | None) -> bool:
    """False when it was known, or is not `sent` any more."""
    values: dict[str, Any] = {"delivery": "not_told" if found is None else found.state}
    if found is not None and found.state == "on_its_way":
        values["delivery"] = "wanted"
    if found is not None and found.state in GONE:
        values |= {"state": found.state, "error": found.reason}
    kept = await work.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.tenant_id == work.tenant_id,
            OutboxMessage.id == one.id,
            OutboxMessage.state == "sent",
        )
        .values(values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return kept.first() is not None


async def _say_elsewhere(work: Work, one: SentMessage) -> bool:
    """Whether it was posted through another connection of the same member."""
    if one.member_id is None:
        return False
    address = await address_of(work, one.member_id, but_not=one.connection_id)
    if address is None:
        return False
    row = await work.session.get_one(OutboxMessage, (work.tenant_id, one.id))
    return await write(
        work,
        connection_id=address[0],
        member_id=one.member_id,
        host_user_id=address[1],
        conversation=None,
        kind=row.kind,
        message=row.message,
        once=f"again-{one.id}",
        urgent=row.urgent,
        due_at=work.now,
    )


def _system(session: AsyncSession, tenant_id: int, zone: ZoneInfo, now: datetime) -> Work:
    return Work(session, Actor(tenant_id, None, via="worker"), now, zone)
