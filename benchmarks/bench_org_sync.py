"""Reading a whole organisation, cold and with nothing changed, against the sandbox.

    python -m benchmarks.bench_org_sync [people, default 5000] [database address]

There are ten people to a department. The sandbox, the yardstick (the same calls with bare httpx,
answers thrown away) and each sync run in processes of their own, so that time, processor and peak
memory are those of one of them alone. The sandbox limits nobody, and the pace at which we would ask
a real host is off.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from field_ops.connections.actions import WantedConnection, add, ensure_tenant
from field_ops.host.platform import HostKind, HostLimits
from field_ops.migrations import upgrade
from field_ops.people.sync import full_sync
from field_ops.runtime import open_runtime
from field_ops.settings import Settings
from field_ops.work import Actor, Work
from integrations.registry import KINDS
from tests.conftest import SHANGHAI

from .measuring import say

SEED = 7
AT_ONCE = 8
UNLIMITED = HostLimits(per_member_minute=1, per_member_hour=1, per_app_second=10**9)
WAIQIN = str(Path(sys.executable).parent / "waiqin")
READY_WITHIN_S = 120
LONGEST_S = 1800


@contextmanager
def a_sandbox(people: int) -> Iterator[dict[str, str]]:
    """The settings under which the pretend hosts are found, while their process runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [WAIQIN, "sandbox", "--port", str(port), "--people", str(people)]
    with tempfile.NamedTemporaryFile("r") as told:
        process = subprocess.Popen([*command, "--seed", str(SEED)], stdout=told.fileno())
        try:
            _wait_for(port)
            told.seek(0)
            settings = dict(_setting(line) for line in told if line.startswith("export "))
            yield {**settings, "BENCH_SANDBOX": str(process.pid)}
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the sandbox did not come up")


def _setting(line: str) -> tuple[str, str]:
    name, _, value = line.removeprefix("export ").strip().partition("=")
    return name, value.strip("'")


def apart(what: str, host: str, environment: dict[str, str]) -> dict[str, float]:
    """Do one thing in a process of its own: its seconds, processor seconds (and those that the
    sandbox spent on it) and peak memory."""
    sandbox = int(environment["BENCH_SANDBOX"])
    spent_before = _spent_by(sandbox)
    command = [sys.executable, "-m", "benchmarks.bench_org_sync", "--apart", what, host]
    told = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
        timeout=LONGEST_S,
    )
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return {**figures, "sandbox_cpu_s": _spent_by(sandbox) - spent_before}


def _spent_by(process_id: int) -> float:
    """Processor seconds of another process so far."""
    after_name = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def connect(host: str) -> None:
    """A migrated database with one company, connected to the sandbox."""
    await upgrade(Settings().async_database_url)
    kind = _kind(host)
    given = {
        name: os.environ[f"WAIQIN_{host.upper()}_{name.upper()}"]
        for name in kind.credentials
        if f"WAIQIN_{host.upper()}_{name.upper()}" in os.environ
    }
    async with open_runtime(Settings()) as runtime, runtime.database.writing() as session:
        tenant = await ensure_tenant(session, host, SHANGHAI.key, runtime.clock())
        work = Work(session, Actor(tenant.id, None, via="cli"), runtime.clock(), SHANGHAI)
        await add(work, runtime.keys, WantedConnection(kind, f"bench-{host}", given))


async def sync(host: str) -> None:
    async with open_runtime(Settings()) as runtime:
        found = await runtime.platforms.platform_named(host, f"bench-{host}")
        assert found is not None
        platform, connection = found
        quick = replace(platform, limits=UNLIMITED)
        report = await full_sync(runtime.database, quick, connection, runtime.clock)
        assert report.state == "done", report.reason
        print({name: count for name, count in report.counts.items() if count}, file=sys.stderr)


async def download(host: str) -> None:
    """The calls that a sync makes, and nothing else."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http, open_runtime(Settings()):
        calls = iter(await (_wecom_calls(http) if host == "wecom" else _dingtalk_calls(http)))

        async def client() -> None:
            for method, url, params, body in calls:
                answer = await http.request(method, url, params=params, json=body)
                assert answer.json()["errcode"] == 0

        await asyncio.gather(*(client() for _ in range(AT_ONCE)))


Call = tuple[str, str, dict[str, str], dict[str, int] | None]


async def _wecom_calls(http: httpx.AsyncClient) -> list[Call]:
    base = os.environ["WAIQIN_WECOM_BASE_URL"] + "/cgi-bin/"
    who = {"corpid": "WAIQIN_WECOM_CORP_ID", "corpsecret": "WAIQIN_WECOM_SECRET"}
    asked = {name: os.environ[setting] for name, setting in who.items()}
    token = (await http.get(base + "gettoken", params=asked)).json()["access_token"]
    listed = await http.get(base + "department/list", params={"access_token": token})
    return [
        ("GET", base + "user/list", {"access_token": token, "department_id": str(one["id"])}, None)
        for one in listed.json()["department"]
    ]


async def _dingtalk_calls(http: httpx.AsyncClient) -> list[Call]:
    """The sandbox numbers the departments from 1."""
    base = os.environ["WAIQIN_DINGTALK_OAPI_BASE_URL"] + "/"
    who = {"appKey": "WAIQIN_DINGTALK_CLIENT_ID", "appSecret": "WAIQIN_DINGTALK_CLIENT_SECRET"}
    asked = {name: os.environ[setting] for name, setting in who.items()}
    answer = await http.post(base + "v1.0/oauth2/accessToken", json=asked)
    params = {"access_token": answer.json()["accessToken"]}
    calls: list[Call] = []
    for number in range(1, max(int(os.environ["BENCH_PEOPLE"]) // 10, 1) + 1):
        for path in ("topapi/v2/department/get", "topapi/v2/department/listsub"):
            calls.append(("POST", base + path, params, {"dept_id": number}))
        page = {"dept_id": number, "cursor": 0, "size": 100}
        calls.append(("POST", base + "topapi/v2/user/list", params, page))
    return calls


def _kind(host: str) -> HostKind:
    return next(kind for kind in KINDS if kind.name == host)


def do_apart(what: str, host: str) -> None:
    """In the child: do it and tell what it cost."""
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run({"connect": connect, "sync": sync, "download": download}[what](host))
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": _peak_mb(),
    }
    print(json.dumps(figures))


def _peak_mb() -> float:
    # Not from getrusage: that one also counts what the parent was before it became us.
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(people: int, url: str) -> None:
    with a_sandbox(people) as settings, tempfile.TemporaryDirectory() as folder:
        environment = {
            **settings,
            "BENCH_PEOPLE": str(people),
            "WAIQIN_DATA_DIR": folder,
            "WAIQIN_LOG_LEVEL": "warning",
            **({"WAIQIN_DATABASE_URL": url} if url else {}),
        }
        kind = "postgresql" if url else "sqlite"
        for host in ("wecom", "dingtalk"):
            apart("connect", host, environment)
            bare = apart("download", host, environment)
            say(f"org_sync.{host}.{people}.download", bare["seconds"], "s")
            say(f"org_sync.{host}.{people}.download.cpu", bare["cpu_s"], "s")
            for name in ("cold", "unchanged"):
                took = apart("sync", host, environment)
                whole = f"org_sync.{kind}.{host}.{people}.{name}"
                say(whole, took["seconds"], "s", "download", bare["seconds"])
                say(f"{whole}.cpu", took["cpu_s"], "s", "download", bare["cpu_s"])
                say(f"{whole}.sandbox_cpu", took["sandbox_cpu_s"], "s")
                say(f"{whole}.peak", took["peak_mb"], "MB")


def main() -> None:
    if sys.argv[1:2] == ["--apart"]:
        do_apart(*sys.argv[2:4])
        return
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    measure(people, sys.argv[2] if len(sys.argv) > 2 else "")


if __name__ == "__main__":
    main()
