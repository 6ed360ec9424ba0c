"""Lookup over many customers, against a plain LIKE in the same run. One JSON object per line.

    python -m benchmarks.bench_lookup [customers, default 200000] [database address]

Without an address a temporary SQLite file is used; a database that an earlier run filled with as
many customers is asked as it is. The mix of questions is that of a real day (`lookup_data.py`).
Every second question says where the asker is. Everything is asked once to warm up and then in five
rounds, of which each question's median counts.

`cpu` is processor time: of this process, and of PostgreSQL's own when it runs on this machine.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.customers import pinyin
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.geo import Point, to_wgs84
from field_ops.migrations import upgrade
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import WUHAN, a_company, work_as

from .lookup_data import MIX, SEED, Asker, a_question, askers, fill, some_customers

QUESTIONS, ROUNDS = 300, 5
YARDSTICK_QUESTIONS = 40  # a plain LIKE takes a hundred times as long


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    typed: str
    near: Point | None


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one question: on the wall, of this process, of the database server."""

    wall: float
    cpu: float
    server_cpu: float


Ask = Callable[[Question], Awaitable[object]]


def questions_of(asker: Asker, rows: list[CustomerIn], count: int) -> list[Question]:
    dice = random.Random(f"{SEED} {asker.title}")
    kinds = dice.choices(list(MIX), weights=list(MIX.values()), k=count)
    here, known = to_wgs84(*WUHAN, "GCJ02"), list(asker.knows)
    return [
        Question(kind, a_question(dice, kind, rows[dice.choice(known)]), here if at % 2 else None)
        for at, kind in enumerate(kinds)
    ]


async def timed(questions: list[Question], ask: Ask, server_ms: Callable[[], float]) -> list[Took]:
    rounds: list[list[Took]] = [[] for _ in questions]
    for number in range(ROUNDS + 1):
        for question, took in zip(questions, rounds, strict=True):
            before = time.perf_counter(), time.process_time(), server_ms()
            await ask(question)
            after = time.perf_counter(), time.process_time(), server_ms()
            wall, cpu = ((after[i] - before[i]) * 1000 for i in (0, 1))
            if number:  # the first round warms up
                took.append(Took(wall, cpu, after[2] - before[2]))
    return [
        Took(
            *(median(getattr(one, name) for one in took) for name in ("wall", "cpu", "server_cpu"))
        )
        for took in rounds
    ]


def percentile(values: list[float], share: int) -> float:
    return quantiles(values, n=100)[share - 1] if len(values) > 1 else values[0]


def say(name: str, value: float, unit: str = "ms", ratio_to: str = "", other: float = 0) -> None:
    line: dict[str, object] = {"name": name, "value": round(value, 2), "unit": unit}
    if ratio_to:
        line |= {"ratio_to": ratio_to, "ratio": round(value / other, 3)}
    print(json.dumps(line), flush=True)


def say_asker(name: str, took: list[Took], like: list[Took]) -> None:
    wall, yardstick = [one.wall for one in took], [one.wall for one in like]
    for share in (50, 95, 99):
        other = percentile(yardstick, share)
        say(f"{name}.p{share}", percentile(wall, share), "ms", f"plain_like.p{share}", other)
    cpu = [one.cpu + one.server_cpu for one in took]
    for share in (50, 95, 99):
        say(f"{name}.cpu.p{share}", percentile(cpu, share))


def say_kinds(name: str, took: list[tuple[str, Took]]) -> None:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kind, one in took:
        by_kind[kind].append(one.cpu + one.server_cpu)
    for kind in MIX:
        for share in (50, 95):
            say(f"{name}.{kind}.cpu.p{share}", percentile(by_kind[kind], share))


async def cpu_of_server(session: AsyncSession, database: Database) -> Callable[[], float]:
    """Milliseconds that the server's process of this connection has worked; 0 where not known."""
    if database.is_sqlite:
        return lambda: 0.0
    pid = await session.scalar(text("SELECT pg_backend_pid()"))
    return partial(worked_ms, Path(f"/proc/{pid}/schedstat"))


def worked_ms(schedstat: Path) -> float:
    """The first number of this file of Linux is the nanoseconds that the process has run."""
    return int(schedstat.read_text().split()[0]) / 1e6 if schedstat.exists() else 0.0


async def filled(database: Database, rows: list[CustomerIn], name: str) -> None:
    async with database.writing() as session:
        if await session.scalar(select(func.count()).select_from(Customer)) == len(rows):
            return
        company = await a_company(session)
        began = time.perf_counter()
        await fill(work_as(session, company.admin), company, rows)
        say(f"{name}.build", time.perf_counter() - began, "s")


async def measure(url: str, size: int) -> None:
    await upgrade(url)
    pinyin.warm_up()
    database = Database(url)
    name = f"lookup.{'sqlite' if database.is_sqlite else 'postgresql'}.{size}"
    rows = some_customers(size)
    await filled(database, rows, name)
    async with database.reading() as session:
        admin = (await session.scalars(select(Member).where(Member.name == "管理员"))).one()
        who = await askers(work_as(session, admin))
        server_ms = await cpu_of_server(session, database)

        async def plain_like(question: Question) -> object:
            found = select(Customer.id).where(
                Customer.tenant_id == admin.tenant_id, Customer.name.contains(question.typed)
            )
            return (await session.scalars(found.limit(20))).all()

        everything = questions_of(who[-1], rows, YARDSTICK_QUESTIONS)
        like = await timed(everything, plain_like, server_ms)
        took: list[tuple[str, Took]] = []
        for asker in who:
            work = work_as(session, asker.member)
            questions = questions_of(asker, rows, QUESTIONS)

            async def ask(question: Question, work: Work = work) -> object:
                return await look_up(work, question.typed, near=question.near)

            his = await timed(questions, ask, server_ms)
            say_asker(f"{name}.{asker.title}", his, like)
            took += zip((one.kind for one in questions), his, strict=True)
        say_kinds(name, took)
    await database.close()


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    if len(sys.argv) > 2:
        asyncio.run(measure(sys.argv[2], size))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(f"sqlite+aiosqlite:///{Path(folder) / 'lookup.sqlite3'}", size))


if __name__ == "__main__":
    main()
