"""The environment as one way to supply a connection: one for each host, named `default`."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import Database, alone_with
from ..host.platform import HostKind
from ..keys import Keys
from ..settings import Settings
from ..tenants.models import UNNAMED_COMPANY, Tenant
from ..work import Actor, Work
from .actions import NEW_ROWS, WantedConnection, add, change, ensure_tenant
from .models import HostConnection

DEFAULT = "default"


async def connect_from_environment(
    database: Database, keys: Keys, kinds: Iterable[HostKind], settings: Settings, now: datetime
) -> None:
    """Bring the rows named `default` in line with the environment. Safe to repeat at each start,
    and for any number of processes that start together.

    A host without any setting is left alone; one with some of them raises `CredentialsMissing`.
    """
    wanted = [
        WantedConnection(kind, DEFAULT, given)
        for kind in kinds
        if (given := credentials_in(settings, kind))
    ]
    if not wanted:
        return
    async with database.writing() as session:
        # Whoever starts at the same moment waits here, and then finds rows to compare with.
        await alone_with(session, NEW_ROWS)
        for connection in wanted:
            await _bring_in_line(session, keys, connection, settings, now)


def credentials_in(settings: Settings, kind: HostKind) -> dict[str, str]:
    """What the environment says about this host, without blanks."""
    given: BaseModel | None = getattr(settings, kind.name, None)
    return {name: text for name in kind.credentials if (text := _text(given, name))}


def base_urls_in(settings: Settings) -> dict[str, str]:
    """Where the hosts are, for connections that do not say it themselves."""
    return {
        "wecom": settings.wecom.base_url,
        "wecom_bot": settings.wecom.bot_url,
        "dingtalk_api": settings.dingtalk.api_base_url,
        "dingtalk_oapi": settings.dingtalk.oapi_base_url,
    }


async def _bring_in_line(
    session: AsyncSession,
    keys: Keys,
    connection: WantedConnection,
    settings: Settings,
    now: datetime,
) -> None:
    there = await _there(session, connection.kind.name)
    tenant = await _company_of(session, there, settings, now)
    work = Work(session, Actor(tenant.id, None, via="cli"), now, ZoneInfo(tenant.zone))
    is_live = there is not None and there.removed_at is None
    await (change if is_live else add)(work, keys, connection)


async def _there(session: AsyncSession, host: str) -> HostConnection | None:
    found: HostConnection | None = await session.scalar(
        select(HostConnection).where(HostConnection.host == host, HostConnection.name == DEFAULT)
    )
    return found


async def _company_of(
    session: AsyncSession, there: HostConnection | None, settings: Settings, now: datetime
) -> Tenant:
    """The row's company; for a new row the one of the other host's `default`, else a new one."""
    if there is None:
        there = await session.scalar(
            select(HostConnection)
            .where(HostConnection.name == DEFAULT, HostConnection.removed_at.is_(None))
            .limit(1)
        )
    tenant = await session.get(Tenant, there.tenant_id) if there is not None else None
    return tenant or await ensure_tenant(session, UNNAMED_COMPANY, settings.timezone, now)


def _text(given: BaseModel | None, name: str) -> str:
    value = getattr(given, name, "")
    if isinstance(value, bool):
        return "true" if value else ""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
