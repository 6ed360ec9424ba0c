"""How long who asks waits while 20 000 reminders are relayed.

    python -m benchmarks.bench_relay [database address]

The pretend WeCom, Waiqin (`serve`, or `web` and `worker` apart) and the clients are processes of
their own. 20 000 messages are due; the relay sends them at the pace that WeCom allows, and all the
time members open the app (`event`) and ask the bot 帮助 (`question`). `answer` is the time from the
question until the bot's answer reached the host. Then the rest is drained without WeCom's limits,
against bare httpx that posts the same messages.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import func, insert, select, update

from field_ops import logs, loop
from field_ops.connections.models import HostConnection
from field_ops.db import new_id
from field_ops.host.messages import Notice, to_payload
from field_ops.host.platform import HostLimits, HostPlatform
from field_ops.migrations import upgrade
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.relay import Relay
from field_ops.people.sync import full_sync
from field_ops.runtime import Runtime, connect_environment, open_runtime
from field_ops.settings import Settings
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom.simulator import WecomSimulator
from tests.scenarios.a_server import free_port

from .measuring import p50_p99_ms, say
from .stand import SECRETS, a_company

MESSAGES, PEOPLE = 20_000, 4_000
SECONDS, A_SECOND = 20, 20  # so long is asked, and so often
SETTLES_S = 3.0  # the worker's first jobs are over, and the relay is at work
ANSWERS_WITHIN_S = 20.0
BARE, DRAINED = 2_000, 4_000
REPOSITORY = Path(__file__).parents[1]
REMINDER = "您 90 分钟前签到，还没有签退。"
UNLIMITED = HostLimits(per_member_minute=10**6, per_member_hour=10**6, per_app_second=10**9)
WAIQIN = (sys.executable, "-c", "from field_ops.cli import main; main()")
LAYOUTS = {"serve": ("serve",), "web_and_worker": ("web", "worker")}
Asked = tuple[str, str, httpx.Request]  # what, by whom, and the callback


@contextmanager
def process(*command: str, **environment: str) -> Iterator[None]:
    """One process, ended at the end."""
    started = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment})
    try:
        yield
    finally:
        started.terminate()
        started.wait(30)


async def answering(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(600):
            try:
                await http.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise RuntimeError(f"{url} does not answer")


async def recorded(world: World, ours: str) -> list[Asked]:
    """What the pretend WeCom posts to us, by turns an event and a question, each of another."""
    kept: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        kept.append(request)
        return httpx.Response(200)

    company = world.companies["wecom"]
    company.app.callback_url = f"{ours}/hosts/wecom/default/callback"
    people = Random(3).sample(sorted(company.people), SECONDS * A_SECOND)
    kinds = [("event", "question")[number % 2] for number in range(len(people))]
    async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as http:
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        for kind, member in zip(kinds, people, strict=True):
            await (
                simulator.say(member, "帮助") if kind == "question" else simulator.open_app(member)
            )
    return list(zip(kinds, people, kept, strict=True))


async def fill(runtime: Runtime) -> None:
    """The company's people, and 20 000 messages that are due."""
    await connect_environment(runtime)
    found = await runtime.platforms.platform_named("wecom", "default")
    assert found is not None
    platform, connection = found
    quick = replace(platform, limits=UNLIMITED)
    report = await full_sync(runtime.database, quick, connection, runtime.clock)
    assert report.state == "done", report.reason
    await post_reminders(runtime)


async def post_reminders(runtime: Runtime) -> None:
    now = runtime.clock()
    people = sorted(a_company(PEOPLE).people)
    async with runtime.database.writing() as session:
        connection = (await session.scalars(select(HostConnection))).one()
        rows = [
            {
                "tenant_id": connection.tenant_id,
                "id": (id_ := new_id()),
                "connection_id": connection.id,
                "host_user_id": people[number % len(people)],
                "line": people[number % len(people)],
                "kind": "check_out_missing",
                "message": to_payload(Notice(f"{REMINDER}{number}")),
                "once": id_,
                "created_at": now,
                "due_at": now - timedelta(seconds=1),
            }
            for number in range(MESSAGES)
        ]
        await session.execute(insert(OutboxMessage), rows)


async def ask(asked: list[Asked]) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Post all at a steady rate: how long each kind took, and when each question was asked."""
    took: dict[str, list[float]] = {"event": [], "question": []}
    asked_at: dict[str, float] = {}

    async def post(http: httpx.AsyncClient, kind: str, member: str, request: httpx.Request) -> None:
        began, at = time.perf_counter(), time.time()
        answer = await http.post(request.url, content=request.content)
        took[kind].append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
        if kind == "question":
            asked_at[member] = at

    async with httpx.AsyncClient(trust_env=False, timeout=30) as http, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for number, one in enumerate(asked):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
            group.create_task(post(http, *one))
    return took, asked_at


async def arrivals(http: httpx.AsyncClient, theirs: str) -> list[tuple[float, str, str]]:
    return [tuple(one) for one in (await http.get(f"{theirs}/arrivals")).json()]


async def answers(layout: str, asked: list[Asked], ours: str, theirs: str, name: str) -> None:
    """Waiqin runs; people ask; and what they waited is said."""
    with ExitStack() as stack:
        for command in LAYOUTS[layout]:
            port = () if command == "worker" else ("--port", ours.rpartition(":")[2])
            stack.enter_context(process(*WAIQIN, command, *port))
        await answering(f"{ours}/healthz")
        await asyncio.sleep(SETTLES_S)
        async with httpx.AsyncClient(trust_env=False) as http:
            await arrivals(http, theirs)
            began = time.time()
            took, asked_at = await ask(asked)
            asked_for = time.time() - began
            came = await arrivals(http, theirs)
            reminders = sum(REMINDER in said for _, _, said in came)
            waited = await _waited(http, theirs, came, asked_at)
    for kind, times in took.items():
        for part, value in zip(("p50", "p99"), p50_p99_ms(times), strict=True):
            say(f"{name}.{layout}.{kind}.{part}", value, "ms")
    if len(waited) > 1:
        for part, value in zip(("p50", "p99"), p50_p99_ms(waited), strict=True):
            say(f"{name}.{layout}.answer.{part}", value, "ms")
    say(f"{name}.{layout}.unanswered", len(asked_at) - len(waited), "answers")
    say(f"{name}.{layout}.paced_rate", reminders / asked_for, "1/s")


async def _waited(
    http: httpx.AsyncClient,
    theirs: str,
    came: list[tuple[float, str, str]],
    asked_at: dict[str, float],
) -> list[float]:
    answered: dict[str, float] = {}
    until = time.monotonic() + ANSWERS_WITHIN_S
    while True:
        for at, member, said in came:
            if REMINDER not in said and member in asked_at:
                answered.setdefault(member, at - asked_at[member])
        if len(answered) == len(asked_at) or time.monotonic() > until:
            return list(answered.values())
        await asyncio.sleep(0.2)
        came = await arrivals(http, theirs)


class Unlimited:
    """The platforms of a runtime, as if the host limited nobody."""

    def __init__(self, runtime: Runtime) -> None:
        self._platforms = runtime.platforms

    async def platform_of(self, connection_id: str) -> HostPlatform | None:
        platform = await self._platforms.platform_of(connection_id)
        return platform and replace(platform, limits=UNLIMITED)


async def drain(runtime: Runtime, theirs: str, name: str) -> None:
    """The relay without the host's pace, against the same posts by bare httpx."""
    bare, bare_cpu = await _posted(theirs, runtime.settings)
    async with runtime.database.writing() as session:
        await session.execute(update(OutboxMessage).values(lease_until=None, state="sent"))
    await post_reminders(runtime)
    relay = Relay(runtime.database, Unlimited(runtime), runtime.clock, "bench")
    began, cpu, sent = time.perf_counter(), time.process_time(), 0
    while sent < DRAINED:
        sent += (await relay.pass_once())["sent"]
    rate = sent / (time.perf_counter() - began)
    say(f"{name}.drain.rate", rate, "1/s", "bare_httpx", bare)
    cpu_ms = (time.process_time() - cpu) / sent * 1000
    say(f"{name}.drain.cpu", cpu_ms, "ms", "bare_httpx", bare_cpu)


async def _posted(theirs: str, settings: Settings) -> tuple[float, float]:
    """Messages a second, and processor milliseconds for one, of a client that does nothing else."""
    wecom: Any = settings.wecom
    async with httpx.AsyncClient(base_url=theirs, trust_env=False) as http:
        who = {"corpid": wecom.corp_id, "corpsecret": wecom.secret.get_secret_value()}
        token = (await http.get("/cgi-bin/gettoken", params=who)).json()["access_token"]
        people = sorted(a_company(PEOPLE).people)
        numbers = iter(range(BARE))

        async def client() -> None:
            for number in numbers:
                body = {
                    "touser": people[number],
                    "agentid": int(wecom.agent_id),
                    "msgtype": "text",
                    "text": {"content": f"{REMINDER}{number}"},
                }
                answer = await http.post(
                    "/cgi-bin/message/send", params={"access_token": token}, json=body
                )
                assert answer.json()["errcode"] == 0, answer.text

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(client() for _ in range(8)))
        return BARE / (time.perf_counter() - began), (time.process_time() - cpu) / BARE * 1000


@asynccontextmanager
async def prepared(settings: Settings) -> AsyncIterator[Runtime]:
    await upgrade(settings.async_database_url)
    async with open_runtime(settings) as runtime:
        await fill(runtime)
        yield runtime


async def measure(folder: Path, url: str) -> None:
    world, company = World(), a_company(PEOPLE)
    world.add(company)
    ours, theirs = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    secrets = {name: getattr(company.app, name) for name in SECRETS}
    address = f"{ours}/hosts/wecom/default/callback"
    told = {"people": PEOPLE, "callback_url": address, **secrets}
    (folder / "company.json").write_text(json.dumps(told))
    os.environ |= {
        "WAIQIN_DATA_DIR": str(folder),
        "WAIQIN_SECRET_KEY": "only for this benchmark",
        "WAIQIN_LOG_LEVEL": "error",
        "WAIQIN_PUBLIC_URL": ours,
        "WAIQIN_DATABASE_URL": url,
        "WAIQIN_WECOM_BASE_URL": theirs,
        "WAIQIN_WECOM_CORP_ID": company.corp_id,
        "WAIQIN_WECOM_AGENT_ID": str(company.app.agent_id),
        **{f"WAIQIN_WECOM_{name.upper()}": text for name, text in secrets.items()},
    }
    name = f"relay.{'sqlite' if url.startswith('sqlite') else 'postgresql'}"
    port = theirs.rpartition(":")[2]
    with process(sys.executable, "-m", "benchmarks.stand", port, str(folder / "company.json")):
        await answering(f"{theirs}/arrivals")
        async with prepared(Settings()) as runtime:
            for layout in LAYOUTS:
                asked = await recorded(world, ours)
                await answers(layout, asked, ours, theirs, name)
            async with runtime.database.reading() as session:
                left = select(func.count()).where(OutboxMessage.state == "queued")
                assert await session.scalar(left), "all was relayed before it could be measured"
            await drain(runtime, theirs, name)


def main() -> None:
    logs.set_up(level="error")
    with tempfile.TemporaryDirectory() as folder:
        here = f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}"
        loop.run(measure(Path(folder), sys.argv[1] if len(sys.argv) > 1 else here))


if __name__ == "__main__":
    main()
