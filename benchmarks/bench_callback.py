"""A host's callback, from its first byte to our answer, against a bare Starlette route.

    python -m benchmarks.bench_callback [database address]

Real requests, as the pretend WeCom encrypts and signs them: a member opens the app (`event`), and a
member writes 帮助 (`question`), which the bot answers by a row in the outbox. Each is verified,
decrypted, parsed, remembered once and committed before the host gets its answer. The clients are
another process; `cpu` is processor time of the server alone. Each figure is the median of several
floods, which take turns with floods of the yardstick: one flood lasts less than half a second.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from field_ops import logs, loop
from field_ops.app import create_app
from field_ops.connections import actions
from field_ops.connections.actions import WantedConnection
from field_ops.migrations import upgrade
from field_ops.people.sync import full_sync
from field_ops.runtime import Runtime, now, open_runtime
from field_ops.settings import Settings
from field_ops.warm_up import warm_up
from field_ops.work import Actor, Work
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom import KIND
from integrations.wecom.simulator import WecomSimulator

from .flood import Flood, flood, raw
from .measuring import p50_p99_ms, say, served

REQUESTS, WARM_UP = {"event": 4000, "question": 1000}, 200
FLOODS = 5
CLIENTS = (1, 8, 32, 128)
SAID = ("event", "question")  # a member opens the app; he asks the bot 帮助
SHANGHAI = "Asia/Shanghai"


async def bare(request: Request) -> Response:
    await request.body()
    return Response()


async def recorded(world: World) -> tuple[WecomSimulator, dict[str, list[httpx.Request]]]:
    """The pretend WeCom, and what it sends when a member does each thing as often as is asked."""
    requests: dict[str, list[httpx.Request]] = {what: [] for what in SAID}
    present = ""

    def keep(request: httpx.Request) -> httpx.Response:
        requests[present].append(request)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as http:
        company = world.companies["wecom"]
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        for present in SAID:
            for _ in range(len(CLIENTS) * (FLOODS * REQUESTS[present] + WARM_UP)):
                if present == "question":
                    await simulator.say("lilei", "帮助")
                else:
                    await simulator.open_app("lilei")
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
    simulator, requests = await recorded(world)
    settings = Settings(database_url=url, data_dir=folder, secret_key="only for this benchmark")
    transport = httpx.ASGITransport(simulator.app)
    async with open_runtime(settings, clock=now, transport=transport) as runtime:
        await connected(runtime, simulator, world)
        kind = "sqlite" if runtime.database.is_sqlite else "postgresql"
        app = create_app(runtime)
        warm_up()  # as `serve` does; it spares the yardstick the collector's looks as well
        yardstick = Starlette(routes=[Route("/{path:path}", bare, methods=["POST"])])
        async with served(app) as ours, served(yardstick) as theirs:
            for what in SAID:
                for clients in CLIENTS:
                    some = [raw_of(requests[what].pop()) for _ in range(WARM_UP)]
                    await flood(theirs, some, clients)
                    await flood(ours, some, clients)
                    base, mine = list[Flood](), list[Flood]()
                    for _ in range(FLOODS):
                        taken = [raw_of(requests[what].pop()) for _ in range(REQUESTS[what])]
                        base.append(await flood(theirs, taken, clients))
                        mine.append(await flood(ours, taken, clients))
                    say_medians(f"callback.{kind}.{what}.{clients}_clients", mine, base)


def say_medians(name: str, mine: list[Flood], base: list[Flood]) -> None:
    def say_one(part: str, unit: str, value: Callable[[Flood], float]) -> None:
        here, there = (median(map(value, floods)) for floods in (mine, base))
        say(f"{name}.{part}", here, unit, "bare_starlette", there)

    say_one("p50", "ms", lambda flood: p50_p99_ms(flood.took)[0])
    say_one("p99", "ms", lambda flood: p50_p99_ms(flood.took)[1])
    say_one("rate", "1/s", lambda flood: flood.rate)
    say_one("cpu", "ms", lambda flood: flood.cpu_ms)


def raw_of(request: httpx.Request) -> bytes:
    return raw("POST", request.url.raw_path.decode(), {}, request.content)


def main() -> None:
    logs.set_up(level="warning")  # the figures alone
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite+aiosqlite:///{path / 'bench.sqlite3'}"
        loop.run(measure(url, path))


if __name__ == "__main__":
    main()
