"""A signed-in page without a browser: the real app in this process, cookies and CSRF included."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.types import ASGIApp

from field_ops.app import create_app
from field_ops.http import sessions
from field_ops.people.models import Member
from field_ops.runtime import Runtime, open_runtime
from field_ops.settings import Settings
from tests.databases import OPENED
from tests.factories import Company
from tests.fakes import Nobody

SECRET = "a secret that only the tests know"


@dataclass
class Page:
    """One member's page. Writes carry the CSRF token and a fresh key unless told otherwise."""

    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(f"/api/v1{path}", params=query)

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> httpx.Response:
        asked = {**self.headers, "Idempotency-Key": key or str(uuid4()), **headers}
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        return await self.client.request(method, f"/api/v1{path}", headers=asked, **content)


@asynccontextmanager
async def an_app(
    database_url: str,
    folder: Path,
    clock: Callable[[], datetime],
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Runtime]:
    """The runtime of an app on this database."""
    settings = Settings(
        database_url=database_url,
        data_dir=folder,
        secret_key=SECRET,
        public_url="http://waiqin.test",
        sqlite_synchronous="NORMAL",
    )
    database = OPENED.get(database_url)
    async with open_runtime(
        settings, clock=clock, transport=transport or Nobody(), database=database
    ) as runtime:
        yield runtime


@asynccontextmanager
async def a_page(
    runtime: Runtime, company: Company, member: Member | None, app: ASGIApp | None = None
) -> AsyncIterator[Page]:
    """A page of this member; without one, of somebody who is not signed in."""
    transport = httpx.ASGITransport(app or create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://waiqin.test") as client:
        page = Page(client)
        if member is not None:
            async with runtime.database.writing() as session:
                session_id = sessions.begin(
                    session,
                    tenant_id=member.tenant_id,
                    member_id=member.id,
                    connection_id=company.connection.id,
                    device_id="",
                    now=runtime.clock(),
                )
            value = sessions.cookie_value(runtime.keys, member.tenant_id, session_id)
            client.cookies.set(sessions.COOKIE, value)
            page.headers["X-CSRF-Token"] = sessions.csrf_token(runtime.keys, session_id)
        yield page
