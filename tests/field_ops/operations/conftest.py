"""The usual company, connected to the pretend WeCom, and the pages of its people."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from field_ops.app import create_app
from field_ops.connections.actions import WantedConnection, change
from field_ops.connections.models import HostConnection
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.history.models import AuditEntry
from field_ops.people.models import Member
from field_ops.runtime import Runtime
from field_ops.work import Actor, Work
from integrations.registry import KINDS
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import App, World
from integrations.wecom.simulator import WecomSimulator
from tests.conftest import SHANGHAI
from tests.factories import Company, a_company
from tests.fakes import Clock, Nobody
from tests.pages import Page, a_page, an_app

WECOM = next(kind for kind in KINDS if kind.name == "wecom")
AT = "http://wecom.test"


@dataclass
class Desk:
    """What an administrator sits at. `app_there` is our app in the host's admin console."""

    runtime: Runtime
    company: Company
    web: Starlette
    app_there: App
    clock: Clock
    pages: AsyncExitStack
    open_pages: dict[str, Page] = field(default_factory=dict)

    @property
    def ref(self) -> ConnectionRef:
        one = self.company.connection
        return ConnectionRef(one.tenant_id, one.id, one.host, one.name, SHANGHAI)

    def work(self, session: Any) -> Work:
        actor = Actor(self.company.tenant.id, None, via="cli")
        return Work(session, actor, self.clock(), SHANGHAI)

    async def page(self, who: Member | None = None) -> Page:
        who = who or self.company.admin
        if who.id not in self.open_pages:
            opened = a_page(self.runtime, self.company, who, self.web)
            self.open_pages[who.id] = await self.pages.enter_async_context(opened)
        return self.open_pages[who.id]

    async def looks(self) -> dict[str, Any]:
        """The connection, as the administrator sees it."""
        answer = await (await self.page()).get("/connections")
        assert answer.status_code == 200, answer.text
        return answer.json()["connections"][0]

    async def advice(self) -> list[tuple[str, str]]:
        return [(one["code"], one["verb"]) for one in (await self.looks())["advice"]]

    async def does(
        self, verb: str, body: Any = None, *, method: str = "POST", who: Member | None = None
    ) -> httpx.Response:
        page = await self.page(who)
        return await page.send(method, f"/connections/{self.company.connection.id}/{verb}", body)

    async def replaces(self, **credentials: str) -> httpx.Response:
        return await self.does("credentials", {"credentials": credentials}, method="PUT")

    async def row(self) -> HostConnection:
        async with self.runtime.database.reading() as session:
            one = self.company.connection
            return await session.get_one(HostConnection, (one.tenant_id, one.id))

    async def pauses(self, reason: str = "40001 invalid secret") -> None:
        async with self.runtime.database.writing() as session:
            one = self.company.connection
            row = await session.get_one(HostConnection, (one.tenant_id, one.id))
            row.paused_at, row.paused_reason = self.clock(), reason
        self.runtime.platforms.forget()

    async def audited(self) -> list[tuple[str, str | None]]:
        """What was done to the connection, and by whom."""
        async with self.runtime.database.reading() as session:
            found = await session.execute(
                select(AuditEntry.action, AuditEntry.member_id)
                .where(AuditEntry.subject == "host_connection", AuditEntry.via == "h5")
                .order_by(AuditEntry.id)
            )
            return [(action, member_id) for action, member_id in found]


@pytest.fixture
async def desk(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    world, clock = World(), Clock()
    there = world.add(a_small_company("wecom"))
    there.people["gl"] = replace(there.people["sun"], user_id="gl", name="管理员")
    async with httpx.AsyncClient(transport=Nobody()) as nobody, AsyncExitStack() as pages:
        simulator = WecomSimulator(world, there, nobody, time.time, Faults())
        transport = httpx.ASGITransport(app=simulator.app)
        async with an_app(database_url, tmp_path, clock, transport) as runtime:
            async with runtime.database.writing() as session:
                company = await a_company(session)
            app, connection = there.app, company.connection
            there.app.trusted_hosts = ["waiqin.test"]
            given = {
                "corp_id": there.corp_id,
                "agent_id": str(app.agent_id),
                "secret": app.secret,
                "callback_token": app.callback_token,
                "callback_aes_key": app.callback_aes_key,
            }
            async with runtime.database.writing() as session:
                actor = Actor(connection.tenant_id, None, via="cli")
                work = Work(session, actor, clock(), SHANGHAI)
                wanted = WantedConnection(WECOM, connection.name, given, {"wecom": AT})
                await change(work, runtime.keys, wanted)
            yield Desk(runtime, company, create_app(runtime), app, clock, pages)
            await pages.aclose()
