"""The pretend WeCom with our adapter connected to it, in one process and without a socket."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from field_ops.host.platform import HostPlatform
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import App, World
from integrations.wecom import connect
from integrations.wecom.simulator import WecomSimulator
from tests.integrations.host_contract import Door, a_company

BASE_URL = "http://wecom.test/qyapi"
BASE = f"{BASE_URL}/cgi-bin/"


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def now(self) -> datetime:
        return datetime.fromtimestamp(self(), UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def simulator(door: Door, clock: Clock) -> WecomSimulator:
    app = App(
        agent_id=1000002,
        client_id="",
        secret="sandbox-secret-of-the-app-0000000000000000",
        callback_token="SandboxToken2026",
        callback_aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        callback_url=door.address + "callback",
        robot_url=door.address + "robot",
        trusted_hosts=["waiqin.example"],
    )
    world = World(clock)
    company = world.add(a_company("wecom", app))
    company.groups = {"wrSandboxGroup01": "华东一组群"}
    return WecomSimulator(world, company, door.http, clock, Faults())


@pytest.fixture
async def http(simulator: WecomSimulator, door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the pretend WeCom below a path, as it is mounted in the sandbox; and our own door."""
    transport = httpx.ASGITransport(app=simulator.app, root_path="/qyapi")
    doors = Starlette(routes=[Mount("/hosts/wecom/main", app=door.app)])
    home = {"http://waiqin.test": httpx.ASGITransport(app=doors)}
    async with httpx.AsyncClient(transport=transport, mounts=home) as client:
        yield client


@pytest.fixture
def host(simulator: WecomSimulator, http: httpx.AsyncClient, clock: Clock) -> HostPlatform:
    return connected(simulator, http, clock)


@pytest.fixture
def other(simulator: WecomSimulator, http: httpx.AsyncClient, clock: Clock) -> HostPlatform:
    """The same connection in another process."""
    return connected(simulator, http, clock)


class Phone:
    """A caller with a token, who knows nothing of our adapter."""

    def __init__(self, http: httpx.AsyncClient, simulator: WecomSimulator) -> None:
        self.http = http
        self.simulator = simulator

    async def token(self, **changed: str) -> dict[str, Any]:
        company = self.simulator.company
        params = {"corpid": company.corp_id, "corpsecret": company.app.secret, **changed}
        return (await self.http.get(BASE + "gettoken", params=params)).json()

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        params = {"access_token": (await self.token())["access_token"], **params}
        return (await self.http.get(BASE + path, params=params)).json()

    async def post(self, path: str, body: Any) -> dict[str, Any]:
        params = {"access_token": (await self.token())["access_token"]}
        return (await self.http.post(BASE + path, params=params, json=body)).json()

    async def send(self, msgtype: str, content: Any, **changed: Any) -> dict[str, Any]:
        body = {"touser": "lilei", "agentid": 1000002, "msgtype": msgtype, msgtype: content}
        return await self.post("message/send", {**body, **changed})

    @property
    def heard(self) -> list[str]:
        return [line.text for line in self.simulator.world.heard_by("wecom", "lilei")]


@pytest.fixture
def phone(http: httpx.AsyncClient, simulator: WecomSimulator) -> Phone:
    return Phone(http, simulator)


def connected(
    simulator: WecomSimulator,
    http: httpx.AsyncClient,
    clock: Clock,
    *,
    bot_url: str = "",
    **more: str,
) -> HostPlatform:
    """The adapter with the app's credentials, and `more` of them."""
    app = simulator.company.app
    credentials = {
        "corp_id": simulator.company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    base_urls = {"wecom": BASE_URL, "wecom_bot": bot_url}
    return connect(credentials | more, http, base_urls, now=clock.now)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, at most a minute."""
    async with asyncio.timeout(60):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def served(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """Serve `app` on a free port of this machine, in this loop; gives the port."""
    config = uvicorn.Config(
        app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving
