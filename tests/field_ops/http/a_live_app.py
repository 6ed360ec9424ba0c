"""The real app behind a real socket, in a thread: for clients that are not ours.

Its clock runs fast, so that nobody is asked to slow down.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import uvicorn

from field_ops.api_tokens import actions as tokens
from field_ops.api_tokens.schemas import ApiTokenIn
from field_ops.app import create_app
from field_ops.customers import actions as customers
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.http import sessions
from field_ops.http.tokens import SCOPES
from field_ops.runtime import Runtime
from field_ops.webhooks import actions as webhooks
from field_ops.webhooks.schemas import WebhookIn
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, work_as
from tests.pages import an_app
from tests.scenarios.a_server import free_port


@dataclass(frozen=True)
class Live:
    """Where it listens, how an administrator and a program ask, and some ids that are there."""

    address: str
    member: dict[str, str]
    program: dict[str, str]
    ids: dict[str, str]


class HastyClock:
    """Each look at it is a second later than the one before."""

    def __init__(self) -> None:
        self._now = TUESDAY_MORNING

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@contextmanager
def live_app(database_url: str, folder: Path) -> Iterator[Live]:
    """Serve until the block ends."""
    known: list[Live] = []
    server: list[uvicorn.Server] = []
    is_up = threading.Event()

    async def serve() -> None:
        nobody = httpx.MockTransport(lambda _request: httpx.Response(503))
        async with an_app(database_url, folder, HastyClock(), nobody) as runtime:
            port = free_port()
            known.append(await _furnish(runtime, f"http://127.0.0.1:{port}"))
            config = uvicorn.Config(
                create_app(runtime), port=port, log_level="error", lifespan="off", ws="none"
            )
            server.append(uvicorn.Server(config))
            is_up.set()
            await server[0].serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert is_up.wait(30)
    while not server[0].started and thread.is_alive():
        threading.Event().wait(0.01)
    try:
        yield known[0]
    finally:
        server[0].should_exit = True
        thread.join(15)


async def _furnish(runtime: Runtime, address: str) -> Live:
    async with runtime.database.writing() as session:
        company = await a_company(session)
    async with runtime.database.writing() as session:
        work = work_as(session, company.lilei, runtime.clock())
        place = LocationIn(lat=30.59, lng=114.31, datum="GCJ02")
        new = CustomerIn(
            name="华联超市",
            phone="13800138000",
            contacts=[ContactIn(name="张经理")],
            location=place,
        )
        shop = await customers.create(work, new)
    async with runtime.database.writing() as session:
        work = work_as(session, company.admin, runtime.clock())
        scopes = sorted(SCOPES)
        fields = {"phone": "edit", "email": "edit"}  # it writes what nobody owns
        wanted = ApiTokenIn.model_validate({"name": "ERP", "scopes": scopes, "fields": fields})
        _, token = await tokens.make(work, wanted)
        told = WebhookIn(name="ERP", url="https://erp.example.com/", events=["customer.created"])
        webhook, _ = await webhooks.make(work, runtime.keys, told)
        ids = {"customer_id": shop.id, "webhook_id": webhook.id, "member_id": company.lilei.id}
    member = await _signed_in(runtime, company)
    return Live(address, member, {"authorization": f"Bearer {token}"}, ids)


async def _signed_in(runtime: Runtime, company: Company) -> dict[str, str]:
    async with runtime.database.writing() as session:
        session_id = sessions.begin(
            session,
            tenant_id=company.tenant.id,
            member_id=company.admin.id,
            connection_id=company.connection.id,
            device_id="",
            now=runtime.clock(),
        )
    value = sessions.cookie_value(runtime.keys, company.tenant.id, session_id)
    return {
        "cookie": f"{sessions.COOKIE}={value}",
        "x-csrf-token": sessions.csrf_token(runtime.keys, session_id),
    }
