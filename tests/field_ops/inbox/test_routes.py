"""Where hosts knock: what is answered, and what leaves no trace."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.middleware import Middleware

from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.host.events import HostEvent, TextReceived, to_payload
from field_ops.inbox.models import InboxEvent
from field_ops.inbox.receive import Intake
from field_ops.inbox.routes import BODY_LIMIT, HostDoors
from field_ops.work import Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import a_company
from tests.fakes import Clock, FakeHost, FakePlatforms

HELP = TextReceived(event_id="e1", happened_at=TUESDAY_MORNING, host_user_id="lilei", text="帮助")


class Listener:
    def __init__(self) -> None:
        self.heard: list[HostEvent] = []

    async def hear(self, work: Work, event: HostEvent) -> None:
        self.heard.append(event)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def host(database: Database, listener: Listener) -> AsyncIterator[httpx.AsyncClient]:
    """A host that can reach us; our connection is called `default`."""
    async with database.writing() as session:
        company = await a_company(session)
    ref = ConnectionRef(company.tenant.id, company.connection.id, "wecom", "default", SHANGHAI)
    app = Starlette(middleware=[Middleware(HostDoors)])
    app.state.platforms = FakePlatforms({ref.id: FakeHost()}, refs={"default": ref})
    app.state.edge = SimpleNamespace(database=database, clock=Clock())
    app.state.intake = Intake(database, listener.hear, Clock())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waiqin.example") as client:
        yield client


def envelope(*events: HostEvent, signed: bool = True) -> bytes:
    return orjson.dumps({"signed": signed, "events": [to_payload(event) for event in events]})


def refused(reason: str, host: str = "wecom") -> float:
    labels = {"host": host, "reason": reason}
    return REGISTRY.get_sample_value("waiqin_host_callbacks_refused_total", labels) or 0.0


async def stored(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(InboxEvent)) or 0


@pytest.mark.parametrize("door", ["callback", "robot"])
async def test_the_answer_is_exactly_what_the_host_wants(
    host: httpx.AsyncClient, listener: Listener, door: str
) -> None:
    answer = await host.post(f"/hosts/wecom/default/{door}", content=envelope(HELP))
    assert (answer.status_code, answer.text) == (200, f"success:{door}")
    assert listener.heard == [HELP]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (envelope(HELP, signed=False), 403, "not_authentic"),
        (b"<xml>", 400, "unreadable"),
        (b"x" * (BODY_LIMIT + 1), 413, "too_large"),
    ],
)
async def test_what_is_not_authentic_or_readable_leaves_only_a_count(
    host: httpx.AsyncClient,
    database: Database,
    listener: Listener,
    body: bytes,
    status: int,
    reason: str,
) -> None:
    before = refused(reason)
    answer = await host.post("/hosts/wecom/default/callback", content=body)
    assert (answer.status_code, answer.content) == (status, b"")
    assert (refused(reason) - before, await stored(database), listener.heard) == (1, 0, [])


async def test_a_body_without_a_length_is_cut_off_at_the_limit(host: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 65_536

    answer = await host.post("/hosts/wecom/default/callback", content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["/hosts/wecom/other", "/hosts/dingtalk/default"])
async def test_an_unknown_connection_is_not_found(host: httpx.AsyncClient, address: str) -> None:
    assert (await host.post(f"{address}/callback", content=envelope(HELP))).status_code == 404


async def test_a_repeated_callback_is_answered_again_and_handled_once(
    host: httpx.AsyncClient, listener: Listener
) -> None:
    answers: list[Any] = [
        (await host.post("/hosts/wecom/default/callback", content=envelope(HELP))).text
        for _ in range(3)
    ]
    assert (answers, listener.heard) == (["success:callback"] * 3, [HELP])


async def test_what_is_neither_asked_nor_told_is_refused(host: httpx.AsyncClient) -> None:
    assert (await host.put("/hosts/wecom/default/callback", content=b"x")).status_code == 405


async def test_a_door_is_counted_by_host_and_not_by_what_strangers_write(
    host: httpx.AsyncClient,
) -> None:
    def answered(known: str, status: str) -> float:
        labels = {"method": "POST", "route": f"/hosts/{known}/…/callback", "status": status}
        return REGISTRY.get_sample_value("waiqin_http_requests_total", labels) or 0.0

    before = answered("wecom", "200"), answered("unknown", "404"), answered("wecomm", "404")
    await host.post("/hosts/wecom/default/callback", content=envelope(HELP))
    await host.post("/hosts/wecomm/default/callback", content=envelope(HELP))
    after = answered("wecom", "200"), answered("unknown", "404"), answered("wecomm", "404")
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 0]
