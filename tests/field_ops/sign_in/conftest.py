"""A browser in front of the real doors, and a company whose host is a `FakeCompany`."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from field_ops.connections.actions import WantedConnection, add, ensure_tenant
from field_ops.connections.platforms import Platforms
from field_ops.db import Database
from field_ops.http.edge import Edge
from field_ops.keys import Keys
from field_ops.people.sync import full_sync
from field_ops.settings import Settings
from field_ops.sign_in.api import routes
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.field_ops.people.fake_company import FakeCompany, FakeKind

ADDRESS = "https://crm.example"
KEYS = Keys("a secret of this test, long enough")


class Office:
    """The doors of signing in over a real database; `web` is a browser without cookies yet."""

    def __init__(self, database: Database, company: FakeCompany) -> None:
        self.database = database
        self.company = company
        self.now = TUESDAY_MORNING
        self.kinds = {name: FakeKind(company, name) for name in ("wecom", "dingtalk")}
        self.platforms = Platforms(
            database, KEYS, [fake.kind for fake in self.kinds.values()], None, self.clock
        )
        self.app = Starlette(routes=routes.starlette_routes())
        self.app.state.edge = Edge(database, KEYS, self.clock, secure_cookies=True)
        self.app.state.platforms = self.platforms
        self.app.state.settings = Settings(public_url=ADDRESS)
        self.web = self.browser()

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS)

    async def connect(
        self, host: str = "wecom", name: str = "default", company: str = "甲"
    ) -> None:
        async with self.database.writing() as session:
            tenant = await ensure_tenant(session, company, SHANGHAI.key, self.now)
            work = Work(session, Actor(tenant.id, None, via="cli"), self.now, SHANGHAI)
            given = {"corp_id": f"corp-{tenant.id}", "secret": "s3cret", "client_id": "client-1"}
            await add(work, KEYS, WantedConnection(self.kinds[host].kind, name, given))

    async def sync(self, host: str = "wecom", name: str = "default") -> None:
        found = await self.platforms.platform_named(host, name)
        assert found is not None
        report = await full_sync(self.database, *found, self.clock, force=True)
        assert report.state == "done"

    async def post_code(self, code: str, **body: str) -> httpx.Response:
        """What the page does with a code that the host's script gave it."""
        wanted = {"host": "wecom", "connection": "default", "code": code, **body}
        return await self.web.post("/api/v1/sessions", json=wanted)

    async def sign_in(self, who: str) -> httpx.Response:
        answer = await self.post_code(self.company.code_for(who, f"code-of-{who}"))
        assert answer.status_code == 201
        return answer

    async def leave_for_host(self, wanted: str = "/h5/#/today") -> str:
        """Press sign-in; gives the state that the host would carry back."""
        answer = await self.web.get("/hosts/wecom/default/sign-in", params={"next": wanted})
        assert answer.status_code == 302
        return httpx.URL(answer.headers["location"]).params["state"]

    async def return_from_host(self, code: str, state: str) -> httpx.Response:
        return await self.web.get(
            "/hosts/wecom/default/signed-in", params={"code": code, "state": state}
        )


@pytest.fixture
def company() -> FakeCompany:
    return FakeCompany()


@pytest.fixture
async def office(database: Database, company: FakeCompany) -> AsyncIterator[Office]:
    office = Office(database, company)
    await office.connect()
    await office.sync()
    yield office
    await office.web.aclose()
