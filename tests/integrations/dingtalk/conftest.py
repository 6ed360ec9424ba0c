"""The pretend DingTalk with our adapter connected to it, in one process and without a socket."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from field_ops.host.platform import HostPlatform
from integrations.dingtalk import connect
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import App, World
from tests.integrations.dingtalk.serving import Later, served
from tests.integrations.host_contract import Door, a_company

BASE_URL = "http://dingtalk.test/dingtalk"
CORP_ID = "dingcorpsandbox"
GROUP = "cidHuaDongXiaoShouQun=="
TEMPLATE = "382e4302-551d-4880-bf29-a30acfab2e71.schema"


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self.stands_still = False
        self._began = time.time()

    def __call__(self) -> float:
        return (self._began if self.stands_still else time.time()) + self.ahead_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door() -> Door:
    return Door()


def a_pretend_dingtalk(door: Door, clock: Clock, base_url: str) -> DingtalkSimulator:
    """With a small company and a group, and its events for our door."""
    app = App(
        agent_id=123456,
        client_id="dingsandboxappkey01",
        secret="sandbox-secret-of-the-app",
        callback_token="crmToken2026",
        callback_aes_key="AbCdEfGhIjKlMnOpQrStUvWxYz0123456789ABCDEFG",
        robot_code="dingsandboxappkey01",
        callback_url=door.address + "callback",
        robot_url=door.address + "robot",
        trusted_hosts=["waiqin.example"],
    )
    world = World(clock)
    company = world.add(a_company("dingtalk", app, CORP_ID))
    company.groups[GROUP] = "华东销售群"
    made = DingtalkSimulator(world, company, door.http, clock, Faults(), base_url)
    made.switches.card_templates[TEMPLATE] = True
    return made


@pytest.fixture
def simulator(door: Door, clock: Clock) -> DingtalkSimulator:
    return a_pretend_dingtalk(door, clock, BASE_URL)


@pytest.fixture
async def live(door: Door, clock: Clock) -> AsyncIterator[DingtalkSimulator]:
    """The same at a real address, for an app that has chosen Stream mode."""
    later = Later()
    async with served(later) as address:
        made = a_pretend_dingtalk(door, clock, address)
        made.switches.push_by = "stream"
        later.app = made.app
        yield made


@pytest.fixture
async def http(simulator: DingtalkSimulator) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the pretend DingTalk below a path, as it is mounted in the sandbox."""
    transport = httpx.ASGITransport(app=simulator.app, root_path="/dingtalk")
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def credentials(simulator: DingtalkSimulator) -> dict[str, str]:
    return credentials_of(simulator)


def credentials_of(simulator: DingtalkSimulator) -> dict[str, str]:
    """What an administrator copies out of the console."""
    app = simulator.company.app
    return {
        "corp_id": simulator.company.corp_id,
        "agent_id": str(app.agent_id),
        "client_id": app.client_id,
        "client_secret": app.secret,
        "robot_code": app.robot_code,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }


@pytest.fixture
def base_urls() -> dict[str, str]:
    return {"dingtalk_api": BASE_URL, "dingtalk_oapi": BASE_URL}


@pytest.fixture
def host(
    credentials: dict[str, str], base_urls: dict[str, str], http: httpx.AsyncClient
) -> HostPlatform:
    return connect(credentials, http, base_urls)


@pytest.fixture
def host_without_robot(
    credentials: dict[str, str], base_urls: dict[str, str], http: httpx.AsyncClient
) -> HostPlatform:
    """An app that has no robot: what remains are work notices."""
    return connect({**credentials, "robot_code": ""}, http, base_urls)


@pytest.fixture
def host_with_cards(
    credentials: dict[str, str], base_urls: dict[str, str], http: httpx.AsyncClient
) -> HostPlatform:
    """An app in Stream mode, for which an administrator has made a card template."""
    return connect({**credentials, "stream": "true", "card_template_id": TEMPLATE}, http, base_urls)
