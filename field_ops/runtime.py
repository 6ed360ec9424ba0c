"""The open resources of one process: opened in one place, closed in the opposite order."""

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

from integrations.registry import KINDS

from .connections.environment import base_urls_in, connect_from_environment
from .connections.platforms import Platforms
from .db import Database
from .files.store import FileStore, LocalStore
from .host.platform import HostKind
from .http.edge import Edge
from .keys import Keys, secret_in
from .settings import Settings


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that outlives a request. `name` tells this process from the others; `http` is for
    the hosts, `outside` for addresses that somebody typed."""

    settings: Settings
    database: Database
    keys: Keys
    http: httpx.AsyncClient
    outside: httpx.AsyncClient
    platforms: Platforms
    files: FileStore
    clock: Callable[[], datetime]
    name: str

    @property
    def edge(self) -> Edge:
        return Edge(self.database, self.keys, self.clock, self.settings.served_over_tls)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = now,
    transport: httpx.AsyncBaseTransport | None = None,
    kinds: Iterable[HostKind] = KINDS,
    database: Database | None = None,
) -> AsyncIterator[Runtime]:
    """Open database and HTTP client. `transport` and `kinds` replace network and hosts in tests.

    A `database` that is given stays open: it belongs to whoever gave it.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = settings.secret_key.get_secret_value() or secret_in(settings.data_dir)
    keys = Keys(secret)
    given = database is not None
    database = database or Database(
        settings.async_database_url, synchronous=settings.sqlite_synchronous
    )
    # Nothing from the environment (proxies, netrc) may decide where credentials are sent.
    http = httpx.AsyncClient(timeout=10, transport=transport, trust_env=False)
    outside = httpx.AsyncClient(
        timeout=10,
        transport=transport,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        # Connections go to an address, not to a name: another name there gets one of its own.
        limits=httpx.Limits(max_keepalive_connections=0),
    )
    platforms = Platforms(
        database,
        keys,
        kinds,
        http,
        clock,
        base_urls=base_urls_in(settings),
        public_url=settings.public_url,
    )
    try:
        yield Runtime(
            settings=settings,
            database=database,
            keys=keys,
            http=http,
            outside=outside,
            platforms=platforms,
            files=LocalStore(settings.data_dir / "files"),
            clock=clock,
            name=f"{socket.gethostname()}-{os.getpid()}",
        )
    finally:
        await outside.aclose()
        await http.aclose()
        if not given:
            await database.close()


async def connect_environment(runtime: Runtime) -> None:
    """Bring the connections that the environment gives in line with their rows."""
    await connect_from_environment(
        runtime.database, runtime.keys, KINDS, runtime.settings, runtime.clock()
    )
    runtime.platforms.forget()


def database_file(settings: Settings) -> Path | None:
    """The SQLite file, or None on PostgreSQL."""
    url = make_url(settings.async_database_url)
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None
