"""The services of a connected host: what each does, which are on, and which the host refuses now.

A service is off until somebody switches it on (`actions.switch_service`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import insert_into
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..host.services import SERVICES
from ..texts import Text
from .models import ServicePause
from .refs import ConnectionRef

TRIED_AGAIN_AFTER = timedelta(hours=1)
LONGEST_REASON = 500
LONGEST_CODE = 128

DOES: Mapping[str, Text] = {
    "calendar": Text(
        "把每位成员未来两周的拜访计划写进他自己的日程。",
        "Puts each member's visits of the next two weeks into his own calendar.",
    ),
    "todo": Text(
        "把每位成员未来两周的拜访计划列为他的待办，拜访完成后自动勾掉。",
        "Lists each member's visits of the next two weeks as his to-dos, and ticks them off when "
        "they are done.",
    ),
    "urgent": Text(
        "用平台自己的强提醒送达紧急消息。",
        "Delivers urgent messages by the host's own alarm.",
    ),
    "attendance": Text(
        "读取平台的考勤记录，只用来与外勤签到对照，从不改动。",
        "Reads the host's attendance records to compare them with check-ins, and changes none.",
    ),
    "external_contacts": Text(
        "读取成员在平台上的外部联系人，用来与客户对应。",
        "Reads members' contacts outside the company, to match them with customers.",
    ),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, and in which words, the host refuses a service; `retry_at`: tried again then."""

    since: datetime
    reason: str
    code: str
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service of a connection. `wants` is None where this host does not have it."""

    name: str
    on: bool
    does: Text
    wants: Text | None
    pause: Pause | None

    @property
    def state(self) -> str:
        """`on`, `off`, `paused`, or `none` where this host does not have it."""
        if self.wants is None:
            return "none"
        if not self.on:
            return "off"
        return "paused" if self.pause else "on"


def is_on(connection: ConnectionRef, service: str) -> bool:
    """Whether somebody switched the service on. As fresh as the `ConnectionRef`: some seconds."""
    return service in connection.services


async def states(
    session: AsyncSession, platform: HostPlatform, connection: ConnectionRef
) -> list[ServiceState]:
    """Every service there is, with what is known of it at this connection."""
    pauses = await pauses_of(session, connection)
    return [
        ServiceState(
            name=name,
            on=is_on(connection, name),
            does=DOES[name],
            wants=platform.services[name].wants if name in platform.services else None,
            pause=pauses.get(name),
        )
        for name in SERVICES
    ]


async def pauses_of(session: AsyncSession, connection: ConnectionRef) -> dict[str, Pause]:
    """What the host refuses to this connection, by service."""
    rows = await session.scalars(
        select(ServicePause).where(
            ServicePause.tenant_id == connection.tenant_id,
            ServicePause.connection_id == connection.id,
        )
    )
    return {row.service: Pause(row.since, row.reason, row.code, row.retry_at) for row in rows}


async def may_try(
    session: AsyncSession, connection: ConnectionRef, service: str, now: datetime
) -> bool:
    """Whether the service is on, and the host did not refuse it within the hour."""
    if not is_on(connection, service):
        return False
    pause = (await pauses_of(session, connection)).get(service)
    return pause is None or pause.retry_at <= now


async def pause(
    session: AsyncSession,
    connection: ConnectionRef,
    service: str,
    failure: SendError,
    now: datetime,
) -> None:
    """Leave the service of this connection alone for an hour, and keep what the host said.

    The connection goes on. A second refusal keeps when the first one came.
    """
    values = {
        "reason": failure.reason[:LONGEST_REASON],
        "code": failure.code[:LONGEST_CODE],
        "retry_at": now + TRIED_AGAIN_AFTER,
    }
    row = insert_into(session, ServicePause).values(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        service=service,
        since=now,
        **values,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "connection_id", "service"], set_=values
        )
    )


async def end_pause(
    session: AsyncSession, tenant_id: int, connection_id: str, service: str
) -> None:
    """The host does it again, or somebody wants it tried now."""
    await session.execute(
        delete(ServicePause).where(
            ServicePause.tenant_id == tenant_id,
            ServicePause.connection_id == connection_id,
            ServicePause.service == service,
        )
    )
