"""A company on a host that was not there yesterday: people, a question, an answer, a message."""

from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select

from field_ops.app import create_app
from field_ops.connections import actions
from field_ops.connections.actions import WantedConnection
from field_ops.db import Database
from field_ops.outbox.relay import Relay
from field_ops.people.models import Member
from field_ops.people.sync import full_sync
from field_ops.runtime import now, open_runtime
from field_ops.settings import Settings
from field_ops.work import Actor, Work
from integrations.registry import KINDS
from integrations.sandbox.world import App, World
from tests.integrations.host_contract import a_company
from tests.integrations.teahouse.host import KIND
from tests.integrations.teahouse.simulator import TeahouseSimulator

SECRET, ZONE = "leaves", "Asia/Shanghai"


async def test_a_third_host_is_a_folder(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, data_dir=tmp_path, secret_key="a secret of the test")
    world = World()
    address = "http://waiqin.test/hosts/teahouse/main/callback"
    company = world.add(a_company("teahouse", App(0, "", SECRET, "", "", callback_url=address)))
    routes: dict[str, httpx.AsyncBaseTransport] = {}
    simulator = TeahouseSimulator(
        world, company, httpx.AsyncClient(mounts={"http://waiqin.test": _Later(routes, "ours")})
    )
    theirs = httpx.ASGITransport(app=simulator.app)
    kinds = (*KINDS, KIND)
    async with open_runtime(settings, clock=now, transport=theirs, kinds=kinds) as runtime:
        routes["ours"] = httpx.ASGITransport(app=create_app(runtime))
        async with runtime.database.writing() as session:
            tenant = await actions.ensure_tenant(session, "晨光商贸", ZONE, now())
            work = Work(session, Actor(tenant.id, None), now(), ZoneInfo(ZONE))
            wanted = WantedConnection(
                KIND, "main", {"secret": SECRET}, {"teahouse": "http://teahouse.test"}
            )
            await actions.add(work, runtime.keys, wanted)
        found = await runtime.platforms.platform_named("teahouse", "main")
        assert found is not None
        report = await full_sync(runtime.database, *found, now)
        assert report.state == "done", report.reason
        async with runtime.database.reading() as session:
            names = set(await session.scalars(select(Member.name)))
        assert names == {"老板", "王主管", "李雷", "韩梅梅"}

        assert await simulator.say("lilei", "帮助") == 200
        relay = Relay(runtime.database, runtime.platforms, now, "relay-1", Random(1))
        await relay.pass_once()
        (answer,) = world.heard_by("teahouse", "lilei")
        assert "查 华联" in answer.text


class _Later(httpx.AsyncBaseTransport):
    """A way that is known only when somebody takes it."""

    def __init__(self, routes: dict[str, httpx.AsyncBaseTransport], name: str) -> None:
        self._routes, self._name = routes, name

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._routes[self._name].handle_async_request(request)
