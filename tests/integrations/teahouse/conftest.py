"""The pretend Teahouse, and our adapter connected to it."""

import httpx
import pytest

from field_ops.host.platform import HostPlatform
from integrations.sandbox.world import App, World
from tests.integrations.host_contract import Door, a_company
from tests.integrations.teahouse.host import KIND
from tests.integrations.teahouse.simulator import TeahouseSimulator

SECRET = "leaves"


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def simulator(door: Door) -> TeahouseSimulator:
    app = App(0, "", SECRET, "", "", callback_url=door.address + "callback")
    world = World()
    return TeahouseSimulator(world, world.add(a_company("teahouse", app)), door.http)


@pytest.fixture
async def host(simulator: TeahouseSimulator) -> HostPlatform:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=simulator.app))
    return KIND.connect({"secret": SECRET}, http, {"teahouse": "http://teahouse.test"})
