"""A check-in through HTTP, with its evidence, against one bare INSERT and commit.

    python -m benchmarks.bench_check_in [database address]

Each of 64 reps checks in at a customer of his own, one request each; then each checks out. The
clients are another process; `cpu` is processor time of the server alone. SQLite
runs with `synchronous=FULL`, as in real use: an answered check-in survives a power cut.
"""

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import httpx

from field_ops import logs, loop
from field_ops.app import create_app
from field_ops.http import sessions
from field_ops.migrations import upgrade
from field_ops.runtime import Runtime, now, open_runtime
from field_ops.settings import Settings
from tests.factories import WUHAN, a_company, a_customer, a_member, work_as

from .flood import flood, raw
from .measuring import p50_p99_ms, say, served

REPS, ROUNDS = 64, 4
Pages = list[tuple[dict[str, str], list[str]]]
FIX = {"lat": WUHAN[0], "lng": WUHAN[1], "datum": "GCJ02", "accuracy_m": 20}


async def filled(runtime: Runtime) -> Pages:
    """For each rep: the headers of his page and the ids of his customers."""
    pages = []
    async with runtime.database.writing() as session:
        company = await a_company(session)
        for number in range(REPS):
            rep = a_member(session, company.connection, f"业务员{number}", company.team)
            await session.flush()
            work = work_as(session, rep, runtime.clock())
            shops = [(await a_customer(work, f"客户{number}-{n}")).id for n in range(ROUNDS)]
            session_id = sessions.begin(
                session,
                tenant_id=rep.tenant_id,
                member_id=rep.id,
                connection_id=company.connection.id,
                device_id="",
                now=runtime.clock(),
            )
            cookie = sessions.cookie_value(runtime.keys, rep.tenant_id, session_id)
            headers = {
                "cookie": f"{sessions.COOKIE}={cookie}",
                "x-csrf-token": sessions.csrf_token(runtime.keys, session_id),
            }
            pages.append((headers, shops))
    return pages


async def measure(url: str, folder: Path) -> None:
    await upgrade(url)
    settings = Settings(database_url=url, data_dir=folder, secret_key="only for this benchmark")
    async with open_runtime(settings, clock=now) as runtime:
        kind = "sqlite" if runtime.database.is_sqlite else "postgresql"
        base = await _bare_inserts(url, folder)
        pages = await filled(runtime)
        async with served(create_app(runtime)) as address, httpx.AsyncClient(timeout=60) as http:
            for round_, clients in enumerate((1, 8, 1, 8)):
                done = await flood(address, [_check_in(page, round_) for page in pages], clients)
                if round_ >= 2:  # the first two rounds warm up
                    p50, p99 = p50_p99_ms(done.took)
                    name = f"check_in.{kind}.{clients}_clients"
                    say(f"{name}.p50", p50, "ms", "one_bare_insert_and_commit", base)
                    say(f"{name}.p99", p99, "ms", "one_bare_insert_and_commit", base)
                    say(f"{name}.rate", done.rate, "1/s")
                    say(f"{name}.cpu", done.cpu_ms, "ms")
                await _leave_all(http, address, pages)


def _check_in(page: tuple[dict[str, str], list[str]], round_: int) -> bytes:
    """This rep checks in at his customer of this round."""
    headers, shops = page
    headers = {
        **headers, "idempotency-key": f"in-{round_}", "content-type": "application/json",
    }  # fmt: skip
    body = json.dumps({"customer_id": shops[round_], "fix": FIX}).encode()
    return raw("POST", "/api/v1/visits", headers, body)


async def _leave_all(http: httpx.AsyncClient, address: str, pages: Pages) -> None:
    for headers, _ in pages:
        today = (await http.get(f"{address}/api/v1/today", headers=headers)).json()
        visit = today["open_visit"]["id"]
        url = f"{address}/api/v1/visits/{visit}/check-out"
        assert (await http.post(url, json={"fix": FIX}, headers=headers)).status_code == 200


async def _bare_inserts(url: str, folder: Path) -> float:
    """Median milliseconds of one INSERT with its own durable commit, by the driver alone."""
    took = []
    if url.startswith("sqlite"):
        with sqlite3.connect(folder / "bare.sqlite3", isolation_level=None) as bare:
            bare.execute("PRAGMA journal_mode=WAL")
            bare.execute("PRAGMA synchronous=FULL")
            bare.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, what TEXT)")
            for _ in range(300):
                began = time.perf_counter()
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO row (what) VALUES (?)", ("x" * 500,))
                bare.execute("COMMIT")
                took.append(time.perf_counter() - began)
        return p50_p99_ms(took)[0]
    driver = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    # A real table: a temporary one writes no log, and so waits for no disk.
    await driver.execute("CREATE TABLE one_bare_row (id SERIAL PRIMARY KEY, what TEXT)")
    for _ in range(300):
        began = time.perf_counter()
        await driver.execute("INSERT INTO one_bare_row (what) VALUES ($1)", "x" * 500)
        took.append(time.perf_counter() - began)
    await driver.execute("DROP TABLE one_bare_row")
    await driver.close()
    return p50_p99_ms(took)[0]


def main() -> None:
    logs.set_up(level="warning")  # the figures alone
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite+aiosqlite:///{path / 'bench.sqlite3'}"
        loop.run(measure(url, path))


if __name__ == "__main__":
    main()
