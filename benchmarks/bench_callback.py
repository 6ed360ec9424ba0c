"""A host's callback, from its first byte to our answer, against a bare Starlette route.

    python -m benchmarks.bench_callback [database address]

Real requests: a WeCom member writes 帮助, as the pretend WeCom encrypts and signs it. Each is
verified, decrypted, remembered, answered by the bot (a row in the outbox) and committed before the
host gets its answer.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from field_ops import logs
from field_ops.app import create_app
from field_ops.connections import actions
from field_ops.connections.actions import WantedConnection
from field_ops.migrations import upgrade
from field_ops.people.sync import full_sync
from field_ops.runtime import Runtime, now, open_runtime
from field_ops.settings import Settings
from field_ops.work import Actor, Work
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom import KIND
from integrations.wecom.simulator import WecomSimulator

from .measuring import p50_p99_ms, say, served, timed

REQUESTS, WARM_UP = 400, 40
SHANGHAI = "Asia/Shanghai"


async def bare(request: Request) -> Response:
    await request.body()
    return Response()


async def recorded(world: World, count: int) -> tuple[WecomSimulator, list[httpx.Request]]:
    """The pretend WeCom, and the requests that it sends when a member writes `count` times."""
    requests: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as http:
        company = world.companies["wecom"]
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        for _ in range(count):
            await simulator.say("lilei", "帮助")
    return simulator, requests


async def connected(runtime: Runtime, simulator: WecomSimulator, world: World) -> None:
    """The pretend company's connection and people in our database."""
    app = world.companies["wecom"].app
    credentials = {
        "corp_id": world.companies["wecom"].corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    async with runtime.database.writing() as session:
        tenant = await actions.ensure_tenant(session, "晨光商贸", SHANGHAI, runtime.clock())
        work = Work(session, Actor(tenant.id, None), runtime.clock(), ZoneInfo(SHANGHAI))
        wanted = WantedConnection(KIND, "demo", credentials, {"wecom": "http://wecom.test"})
        await actions.add(work, runtime.keys, wanted)
    found = await runtime.platforms.platform_named("wecom", "demo")
    assert found is not None
    report = await full_sync(runtime.database, *found, runtime.clock)
    assert report.state == "done", report.reason


async def measure(url: str, folder: Path) -> None:
    await upgrade(url)
    world = World()
    world.add(
        a_small_company("wecom")
    ).app.callback_url = "http://waiqin.test/hosts/wecom/demo/callback"
    simulator, requests = await recorded(world, 2 * (REQUESTS + WARM_UP))
    settings = Settings(database_url=url, data_dir=folder, secret_key="only for this benchmark")
    transport = httpx.ASGITransport(simulator.app)
    async with open_runtime(settings, clock=now, transport=transport) as runtime:
        await connected(runtime, simulator, world)
        kind = "sqlite" if runtime.database.is_sqlite else "postgresql"
        app = create_app(runtime)
        yardstick = Starlette(routes=[Route("/{path:path}", bare, methods=["POST"])])
        async with served(app) as ours, served(yardstick) as theirs, httpx.AsyncClient() as http:
            for clients in (1, 8):
                taken = [requests.pop() for _ in range(REQUESTS + WARM_UP)]
                bare_took = await _send(http, theirs, taken, clients)
                took = await _send(http, ours, taken, clients)
                name = f"callback.{kind}.{clients}_clients"
                for part, mine, base in zip(
                    ("p50", "p99"), p50_p99_ms(took), p50_p99_ms(bare_took), strict=True
                ):
                    say(f"{name}.{part}", mine, "ms", "bare_starlette", base)


async def _send(
    http: httpx.AsyncClient, base: str, requests: list[httpx.Request], clients: int
) -> list[float]:
    def job(request: httpx.Request) -> Callable[[], Awaitable[None]]:
        async def send() -> None:
            answer = await http.post(base + request.url.raw_path.decode(), content=request.content)
            assert answer.status_code == 200, answer.status_code

        return send

    jobs = [job(request) for request in requests]
    await timed(jobs[:WARM_UP], clients)
    return await timed(jobs[WARM_UP:], clients)


def main() -> None:
    logs.set_up(level="warning")  # the figures alone
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite+aiosqlite:///{path / 'bench.sqlite3'}"
        asyncio.run(measure(url, path))


if __name__ == "__main__":
    main()
