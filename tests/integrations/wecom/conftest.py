"""The pretend WeCom with our adapter connected to it, in one process and without a socket."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from field_ops.host.platform import HostPlatform
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import App, World
from integrations.wecom import connect
from integrations.wecom.simulator import WecomSimulator
from tests.integrations.host_contract import Door, a_company

BASE_URL = "http://wecom.test/qyapi"


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


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
async def http(simulator: WecomSimulator) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the pretend WeCom below a path, as it is mounted in the sandbox."""
    transport = httpx.ASGITransport(app=simulator.app, root_path="/qyapi")
    async with httpx.AsyncClient(transport=transport) as client:
        yield client


@pytest.fixture
def host(simulator: WecomSimulator, http: httpx.AsyncClient, clock: Clock) -> HostPlatform:
    return connected(simulator, http, clock)


@pytest.fixture
def other(simulator: WecomSimulator, http: httpx.AsyncClient, clock: Clock) -> HostPlatform:
    """The same connection in another process."""
    return connected(simulator, http, clock)


def connected(
    simulator: WecomSimulator, http: httpx.AsyncClient, clock: Clock, **more: str
) -> HostPlatform:
    app = simulator.company.app
    credentials = {
        "corp_id": simulator.company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    return connect(
        credentials | more,
        http,
        {"wecom": BASE_URL},
        now=lambda: datetime.fromtimestamp(clock(), UTC),
    )
