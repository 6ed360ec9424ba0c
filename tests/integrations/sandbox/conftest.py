"""A stage with two pretend hosts that do what they are told and remember it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from integrations.sandbox.app import create_sandbox
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.stage import Noted
from integrations.sandbox.world import Company, World

NOON = 1_773_115_200.0  # 2026-03-10 12:00 in Shanghai
ORIGIN = "http://sandbox.test"
PLACES = (
    {"name": "华联", "lat": 31.2304, "lng": 121.4737, "customer_number": "KH00001"},
    {"name": "红星", "lat": 31.2404, "lng": 121.4837},
)


class ToldHost:
    """A `HostSimulator` that pushes nothing: it writes down what people did in it."""

    def __init__(self, world: World, company: Company) -> None:
        self.host = company.host
        self.world = world
        self.company = company
        self.faults = Faults()
        self.status = 200
        self.done: list[tuple[object, ...]] = []
        self.noted: dict[str, list[Noted]] = {}
        self.app: ASGIApp = Starlette(
            routes=[Route("/ping", lambda _: PlainTextResponse(self.host))]
        )

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        self.done.append(("say", user_id, text, group))
        self.world.hear(
            self.host, user_id, mine=True, kind="text", text=text, conversation_id=group
        )
        return self.status

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        if key not in [button["key"] for button in self.world.line(line_id).buttons]:
            raise LookupError(key)
        self.done.append(("press", line_id, key, user_id))
        return self.status

    async def open_app(self, user_id: str) -> int:
        self.done.append(("open_app", user_id))
        return self.status

    def noted_by(self, user_id: str) -> list[Noted]:
        return self.noted.get(user_id, [])

    def sign_in_code(self, user_id: str) -> str:
        return f"code of {user_id}"

    async def member_changed(self, user_id: str) -> int:
        self.done.append(("member_changed", user_id))
        return self.status

    async def member_left(self, user_id: str) -> int:
        self.company.people[user_id].active = False
        self.done.append(("member_left", user_id))
        return self.status

    async def department_changed(self, department_id: int) -> int:
        self.done.append(("department_changed", department_id))
        return self.status

    def revoke_tokens(self) -> None:
        self.done.append(("revoke_tokens",))


@pytest.fixture
def world() -> World:
    return World(lambda: NOON)


@pytest.fixture
def wecom(world: World) -> ToldHost:
    return ToldHost(world, world.add(a_small_company("wecom")))


@pytest.fixture
def dingtalk(world: World, wecom: ToldHost) -> ToldHost:
    return ToldHost(world, world.add(a_small_company("dingtalk")))


@pytest.fixture
def sandbox(world: World, wecom: ToldHost, dingtalk: ToldHost) -> Starlette:
    return create_sandbox(
        world,
        {"wecom": wecom, "dingtalk": dingtalk},
        clock=lambda: NOON,
        places=PLACES,
        h5_urls={"wecom": "/h5/?host=wecom&connection=demo", "dingtalk": "https://h5.example/h5/"},
    )


@pytest.fixture
async def console(sandbox: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the console; it keeps its cookies."""
    transport = httpx.ASGITransport(app=sandbox)
    async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/console/api/") as http:
        yield http
