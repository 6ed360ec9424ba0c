"""Rows into live platforms: one `HostPlatform` for a connection, shared by all who need it.

Sharing matters: the platform keeps the host's token, and one refresh serves all callers.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, and_

from ..db import Database
from ..host.platform import HostKind, HostPlatform
from ..keys import Keys
from . import queries
from .actions import WantedConnection
from .credentials import unseal
from .models import HostConnection
from .pages import with_pages
from .refs import ConnectionRef, is_sandbox

READ_AGAIN_AFTER = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class _Kept:
    ref: ConnectionRef
    # The sealed credentials have a new nonce whenever they are saved, so they tell a change.
    stamp: tuple[bytes, str]
    platform: HostPlatform
    read_at: datetime


class Platforms:
    """Builds platforms from rows and keeps them until their row changes.

    A change is noticed within a few seconds, in every process. `http` is the one shared client;
    `base_urls` are used for rows that name none.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        kinds: Iterable[HostKind],
        http: Any,
        clock: Callable[[], datetime],
        *,
        base_urls: Mapping[str, str] | None = None,
        public_url: str = "",
    ) -> None:
        self._database = database
        self._keys = keys
        self._kinds = {kind.name: kind for kind in kinds}
        self._http = http
        self._clock = clock
        self._base_urls = dict(base_urls or {})
        self._public_url = public_url
        self._kept: dict[str, _Kept] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._lock = asyncio.Lock()

    async def platform_of(self, connection_id: str) -> HostPlatform | None:
        """The platform of a connection, paused or not; None when it was removed.

        Raises `CredentialsRejected` for stored settings that cannot be right.
        """
        found = await self.find(connection_id)
        return found[0] if found else None

    async def platform_named(
        self, host: str, name: str
    ) -> tuple[HostPlatform, ConnectionRef] | None:
        """By the two parts of the callback address. Raises as `platform_of`."""
        connection_id = self._ids.get((host, name), "")
        if found := await self.find(connection_id):
            return found
        kept = await self._read(
            and_(HostConnection.host == host, HostConnection.name == name),
        )
        return (kept.platform, kept.ref) if kept else None

    async def find(self, connection_id: str) -> tuple[HostPlatform, ConnectionRef] | None:
        """The platform and what is known of its connection. Raises as `platform_of`."""
        kept = self._fresh(connection_id)
        if kept is None and connection_id:
            kept = await self._read(HostConnection.id == connection_id)
        return (kept.platform, kept.ref) if kept else None

    def kind_of(self, host: str) -> HostKind | None:
        """The kind of host of this name, if it is installed."""
        return self._kinds.get(host)

    async def live(self) -> list[str]:
        """The ids of all connections that were not removed, for jobs that visit each."""
        async with self._database.reading() as session:
            return await queries.live_ids(session)

    def try_out(self, wanted: WantedConnection) -> HostPlatform:
        """A platform with these credentials, which nobody else gets. Raises as `platform_of`."""
        base_urls = {**self._base_urls, **wanted.base_urls}
        return wanted.kind.connect(wanted.credentials, self._http, base_urls)

    def forget(self) -> None:
        """Read the rows again at the next use, instead of within seconds."""
        self._ids.clear()
        self._kept = {
            connection_id: _Kept(
                kept.ref, kept.stamp, kept.platform, kept.read_at - READ_AGAIN_AFTER
            )
            for connection_id, kept in self._kept.items()
        }

    def _fresh(self, connection_id: str) -> _Kept | None:
        kept = self._kept.get(connection_id)
        if kept is None or self._clock() - kept.read_at >= READ_AGAIN_AFTER:
            return None
        return kept

    async def _read(self, which: ColumnElement[bool]) -> _Kept | None:
        # One at a time, so that two callers do not build two platforms with a token each.
        async with self._lock, self._database.reading() as session:
            found = (await session.execute(queries.with_company().where(which))).first()
            if found is None:
                return None
            row, company, zone = found
            kept = self._keep(row, company, zone)
            if kept is not None:
                self._kept[row.id] = kept
                self._ids[(row.host, row.name)] = row.id
            return kept

    def _keep(self, row: HostConnection, company: str, zone: str) -> _Kept | None:
        kind = self._kinds.get(row.host)
        if kind is None:
            return None
        before = self._kept.get(row.id)
        stamp = (row.credentials, row.base_urls)
        base_urls = {**self._base_urls, **orjson.loads(row.base_urls)}
        if before is not None and before.stamp == stamp:
            platform, client_id = before.platform, before.ref.client_id
        else:
            credentials = unseal(self._keys, row.credentials)
            client_id = credentials.get("client_id", "")
            doors = f"{self._public_url.rstrip('/')}/hosts/{row.host}/{row.name}"
            known = {**base_urls, "doors": doors} if self._public_url else base_urls
            platform = with_pages(
                kind.connect(credentials, self._http, known), self._public_url, row.name
            )
        ref = ConnectionRef(
            tenant_id=row.tenant_id,
            id=row.id,
            host=row.host,
            name=row.name,
            zone=ZoneInfo(zone),
            company=company,
            corp_id=row.corp_id,
            client_id=client_id,
            sandbox=is_sandbox(_of_host(row.host, base_urls)),
            paused=row.paused_at is not None,
            services=frozenset(row.services),
        )
        return _Kept(ref, stamp, platform, self._clock())


def _of_host(host: str, base_urls: Mapping[str, str]) -> dict[str, str]:
    """Only this host's addresses: `dingtalk_api` and `dingtalk_oapi` are DingTalk's."""
    return {name: url for name, url in base_urls.items() if name.partition("_")[0] == host}
