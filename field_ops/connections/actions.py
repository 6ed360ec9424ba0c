"""Adding, changing and removing a connection. Paused ones go on when their settings change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import alone_with, new_id
from ..history.audit import record
from ..host.platform import HostKind, HostPlatform
from ..host.services import SERVICES
from ..keys import Keys
from ..tenants.models import Tenant
from ..work import Work
from . import credentials as sealed
from .errors import (
    ConnectionExists,
    ConnectionNameInvalid,
    ConnectionUnknown,
    ServiceNotThere,
    ServiceUnknown,
)
from .models import HostConnection
from .services import end_pause

LONGEST_NAME = 64
NEW_ROWS = "connections"  # companies and connections are made by one at a time
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class WantedConnection:
    """A connection as somebody describes it. Without `base_urls` it talks to the usual servers."""

    kind: HostKind
    name: str
    credentials: Mapping[str, str]
    base_urls: Mapping[str, str] = field(default_factory=dict)


async def ensure_tenant(session: AsyncSession, name: str, zone: str, now: datetime) -> Tenant:
    """The company of this name, made when it is not there. Two who ask at once get the same one."""
    await alone_with(session, NEW_ROWS)
    found = await session.scalar(select(Tenant).where(Tenant.name == name).order_by(Tenant.id))
    if found is not None:
        return found
    tenant = Tenant(name=name, zone=zone, created_at=now)
    session.add(tenant)
    await session.flush()  # the database gives the id
    return tenant


async def add(work: Work, keys: Keys, wanted: WantedConnection) -> HostConnection:
    """Connect a host. The name of a removed connection may be used again for the same company."""
    if len(wanted.name) > LONGEST_NAME or not NAME.fullmatch(wanted.name):
        raise ConnectionNameInvalid(limit=LONGEST_NAME)
    given = sealed.checked(wanted.kind, wanted.credentials)
    await alone_with(work.session, NEW_ROWS)
    row = await _named(work.session, wanted.kind.name, wanted.name)
    if row is not None and not _may_return(work, row, given):
        raise ConnectionExists(host=wanted.kind.name, name=wanted.name)
    if row is None:
        row = HostConnection(
            tenant_id=work.tenant_id,
            id=new_id(),
            host=wanted.kind.name,
            name=wanted.name,
            created_at=work.now,
        )
        work.session.add(row)
    row.removed_at = None
    _fill(row, keys, wanted, given)
    record(work, "connection.added", "host_connection", row.id)
    await work.session.flush()
    return row


async def change(work: Work, keys: Keys, wanted: WantedConnection) -> HostConnection:
    """Give a connection other credentials or addresses. The same ones again change nothing."""
    given = sealed.checked(wanted.kind, wanted.credentials)
    row = await _mine(work, wanted.kind.name, wanted.name)
    same_addresses = orjson.loads(row.base_urls) == dict(wanted.base_urls)
    before = sealed.unseal_or_none(keys, row.credentials)
    if before == given and same_addresses:
        return row
    _fill(row, keys, wanted, given)
    changed = [
        name for name in wanted.kind.credentials if (before or {}).get(name) != given.get(name)
    ]
    record(work, "connection.changed", "host_connection", row.id, {"credentials": (None, changed)})
    await work.session.flush()
    return row


async def renewed(
    session: AsyncSession, keys: Keys, kind: HostKind, name: str, given: Mapping[str, str]
) -> tuple[int, WantedConnection]:
    """The company and the connection as it would be with some credentials replaced.

    Where the host's callbacks may be sealed with an older key for a while, the one that is replaced
    becomes the older one, so that nothing is refused until the admin console is changed, too.
    Changes nothing: try it out, then `change`. Raises `CredentialsRejected` when the stored ones
    cannot be read any more and not all of them are given.
    """
    row = await _named(session, kind.name, name)
    if row is None or row.removed_at is not None:
        raise ConnectionUnknown(host=kind.name, name=name)
    all_given = set(kind.required) <= given.keys()
    before = {} if all_given else sealed.unseal(keys, row.credentials)
    older = {
        f"{key}_old": before[key]
        for key, value in given.items()
        if f"{key}_old" in kind.credentials and before.get(key, value) != value
    }
    credentials = sealed.checked(kind, {**before, **older, **given})
    base_urls = orjson.loads(row.base_urls)
    return row.tenant_id, WantedConnection(kind, name, credentials, base_urls)


async def resume(work: Work, host: str, name: str) -> None:
    """Let a paused connection go on: the company trusts our address at last, say."""
    row = await _mine(work, host, name)
    if row.paused_at is None:
        return
    row.paused_at, row.paused_reason = None, ""
    record(work, "connection.resumed", "host_connection", row.id)
    await work.session.flush()


async def switch_service(
    work: Work, platform: HostPlatform, name: str, service: str, *, on: bool
) -> None:
    """Switch a service of a connection on or off; as it is already changes nothing.

    A pause of the service ends, so that it is tried at once. Raises `ServiceUnknown`, and
    `ServiceNotThere` when this host has none.
    """
    if service not in SERVICES:
        raise ServiceUnknown(service=service, known=", ".join(SERVICES))
    if on and service not in platform.services:
        raise ServiceNotThere(title=platform.title, service=service)
    row = await _mine(work, platform.name, name)
    await work.session.refresh(row, with_for_update=True)  # two may switch two services at once
    await end_pause(work.session, row.tenant_id, row.id, service)
    if (service in row.services) == on:
        return
    others = [other for other in row.services if other != service]
    row.services = sorted([*others, service]) if on else others
    record(work, "connection.service_switched", "host_connection", row.id, {service: (not on, on)})
    await work.session.flush()


async def remove(work: Work, host: str, name: str) -> None:
    """Disconnect. People and history stay; the credentials are forgotten."""
    row = await _mine(work, host, name)
    row.removed_at = work.now
    row.credentials = b""
    row.services = []
    record(work, "connection.removed", "host_connection", row.id)
    await work.session.flush()


def _fill(
    row: HostConnection, keys: Keys, wanted: WantedConnection, given: Mapping[str, str]
) -> None:
    row.corp_id = given.get("corp_id", "")
    row.credentials = sealed.seal(keys, given)
    row.base_urls = orjson.dumps(dict(wanted.base_urls)).decode()
    row.paused_at = None
    row.paused_reason = ""


def _may_return(work: Work, row: HostConnection, given: Mapping[str, str]) -> bool:
    """Under another company the old row's people would become the new company's."""
    return (
        row.removed_at is not None
        and row.tenant_id == work.tenant_id
        and row.corp_id == given.get("corp_id", "")
    )


async def _mine(work: Work, host: str, name: str) -> HostConnection:
    row = await _named(work.session, host, name)
    if row is None or row.tenant_id != work.tenant_id or row.removed_at is not None:
        raise ConnectionUnknown(host=host, name=name)
    return row


async def _named(session: AsyncSession, host: str, name: str) -> HostConnection | None:
    # Over all tenants: the callback address names host and connection only.
    found: HostConnection | None = await session.scalar(
        select(HostConnection).where(HostConnection.host == host, HostConnection.name == name)
    )
    return found
