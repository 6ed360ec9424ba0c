"""Lookup and nearby over many customers, against a plain LIKE in the same run.

    python -m benchmarks.bench_lookup [customers, default 1000000] [database address]

Without an address a temporary SQLite file is used; a database that an earlier run filled with as
many customers is asked as it is. A hundred people ask the mix of a real day (`lookup_data.py`);
every second question says where the asker is. In the store everything is asked once to warm up and
then in rounds, of which each question's median counts; then a rarer mix that is all worst cases,
phone tails, what is around, and a change of one customer; then the mix goes through HTTP.

`cpu` is processor time: of this process or the servers', and of PostgreSQL's own when it runs on
this machine. `load` is the machine's at the end, of which wall times have their share.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops import logs
from field_ops.customers import index, pinyin
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.customers.nearby import nearby
from field_ops.db import Database
from field_ops.geo import Point, to_wgs84
from field_ops.migrations import upgrade
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import WUHAN, a_company, work_as

from .lookup_data import (
    MIX,
    SEED,
    Asker,
    a_question,
    askers,
    fill,
    make_findable,
    visit_and_share,
)
from .lookup_http import cookies, lookup_request, over_http
from .measuring import say
from .processes import worked_ms

QUESTIONS = int(os.environ.get("LOOKUP_QUESTIONS", "600"))
ROUNDS = int(os.environ.get("LOOKUP_ROUNDS", "3"))
YARDSTICK_QUESTIONS = 20  # a plain LIKE takes a hundred times as long
WORST = ("有", "华", "公司", "武汉", "超市", "有限公司", "gs", "gusha", "h", "wuhan")
AROUND_M, AROUND_ROWS = 3000, 20
CHANGES = 100


@dataclass(frozen=True, slots=True)
class Question:
    asker: Asker
    kind: str
    typed: str
    place: tuple[float, float] | None = None

    @property
    def near(self) -> Point | None:
        return to_wgs84(*self.place, "GCJ02") if self.place else None


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one question: on the wall; of this process and the database server."""

    wall: float
    cpu: float


Ask = Callable[[Question], Awaitable[object]]


def questions_of(who: Sequence[Asker], count: int) -> list[Question]:
    """Each asker's share is that of his kind: there are as many of a kind as it has weight."""
    dice = random.Random(f"{SEED} questions")
    kinds = dice.choices(list(MIX), weights=list(MIX.values()), k=count)
    return [
        Question(
            asker, kind, a_question(dice, kind, dice.choice(asker.knows)), a_place(dice, at % 2)
        )
        for at, (kind, asker) in enumerate(zip(kinds, dice.choices(who, k=count), strict=True))
    ]


def a_place(dice: random.Random, has_one: int) -> tuple[float, float] | None:
    """Where the asker is, mostly in the middle of the city, as his customers are."""
    if not has_one:
        return None
    lat, lng = (round(dice.gauss(centre, 0.05), 6) for centre in WUHAN)
    return lat, lng


async def timed(
    questions: Sequence[Question], ask: Ask, server: Sequence[int], rounds: int = ROUNDS
) -> list[Took]:
    took: list[list[Took]] = [[] for _ in questions]
    for number in range(rounds + 1):
        for question, his in zip(questions, took, strict=True):
            before = time.perf_counter(), time.process_time() * 1000 + worked_ms(server)
            await ask(question)
            after = time.perf_counter(), time.process_time() * 1000 + worked_ms(server)
            if number:  # the first round warms up
                his.append(Took((after[0] - before[0]) * 1000, after[1] - before[1]))
    return [Took(median(one.wall for one in his), median(one.cpu for one in his)) for his in took]


def percentile(values: Sequence[float], share: int) -> float:
    return quantiles(values, n=100)[share - 1] if len(values) > 1 else values[0]


def say_all(name: str, took: Sequence[Took], like: Sequence[Took] = ()) -> None:
    """p50, p95 and p99 of wall and processor time; ratios are to a plain LIKE's."""
    for share in (50, 95, 99):
        wall = percentile([one.wall for one in took], share)
        if like:
            yardstick = percentile([one.wall for one in like], share)
            say(f"{name}.p{share}", wall, "ms", f"plain_like.p{share}", yardstick)
        else:
            say(f"{name}.p{share}", wall, "ms")
        say(f"{name}.cpu.p{share}", percentile([one.cpu for one in took], share), "ms")
    say(f"{name}.cpu.mean", sum(one.cpu for one in took) / len(took), "ms")


def say_groups(name: str, pairs: Sequence[tuple[str, Took]]) -> None:
    groups: dict[str, list[float]] = defaultdict(list)
    for group, one in pairs:
        groups[group].append(one.cpu)
    for group, cpu in groups.items():
        for share in (50, 95):
            say(f"{name}.{group}.cpu.p{share}", percentile(cpu, share), "ms")


async def server_of(session: AsyncSession, database: Database) -> list[int]:
    """The process of PostgreSQL that answers this connection."""
    if database.is_sqlite:
        return []
    return [int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)]


async def filled(database: Database, size: int, name: str) -> None:
    async with database.writing() as session:
        if await session.scalar(select(func.count()).select_from(Customer)) == size:
            return
        company = await a_company(session)
        work = work_as(session, company.admin)
        await fill(work, company, size)
        began = time.perf_counter()
        cpu, server = time.process_time(), await server_of(session, database)
        worked = worked_ms(server)
        await make_findable(work)
        say(f"{name}.build", time.perf_counter() - began, "s")
        worked = time.process_time() - cpu + (worked_ms(server) - worked) / 1000
        say(f"{name}.build.cpu", worked, "s")
        await visit_and_share(work, company)
    if not database.is_sqlite:
        async with database.writing() as session:
            await session.execute(text("ANALYZE"))  # as PostgreSQL does by itself within a minute


async def in_store(session: AsyncSession, who: list[Asker], name: str, server: list[int]) -> None:
    works = {asker.member.id: work_as(session, asker.member) for asker in who}

    async def ask(question: Question) -> object:
        work = works[question.asker.member.id]
        return await look_up(work, question.typed, near=question.near)

    async def plain_like(question: Question) -> object:
        tenant = question.asker.member.tenant_id
        names = select(Customer.id).where(
            Customer.tenant_id == tenant, Customer.name.contains(question.typed)
        )
        return (await session.scalars(names.limit(20))).all()

    async def around(question: Question) -> object:
        here = to_wgs84(*(question.place or WUHAN), "GCJ02")
        return await nearby(works[question.asker.member.id], here, AROUND_M, AROUND_ROWS)

    questions = questions_of(who, QUESTIONS)
    like = await timed(questions[:YARDSTICK_QUESTIONS], plain_like, server, rounds=1)
    say_all(f"{name}.plain_like", like)
    took = await timed(questions, ask, server)
    say_all(name, took, like)
    say_groups(name, [(q.asker.kind, one) for q, one in zip(questions, took, strict=True)])
    say_groups(name, [(q.kind, one) for q, one in zip(questions, took, strict=True)])
    dice = random.Random(f"{SEED} worst")
    worst = [
        Question(dice.choice(who), typed, typed, a_place(dice, at % 2))
        for at in range(QUESTIONS // 60)
        for typed in WORST
    ]
    took = await timed(worst, ask, server)
    say_all(f"{name}.worst", took)
    say_groups(f"{name}.worst", [(q.kind, one) for q, one in zip(worst, took, strict=True)])
    say_groups(f"{name}.worst", [(q.asker.kind, one) for q, one in zip(worst, took, strict=True)])
    say_all(f"{name}.nearby_{AROUND_M}_m", await timed(questions, around, server))
    await tails(who, works, name)


async def tails(who: list[Asker], works: dict[str, Work], name: str) -> None:
    """How often the wanted customer is among the first ten for the end of its phone number."""
    found = []
    for asker in who:
        if asker.kind == "rep":
            for known in asker.knows[:10]:
                rows, _ = await look_up(works[asker.member.id], known.phone[-4:])
                first = {row.customer.id for row in rows[:10]}
                found.append(known.customer_id in first)
    say(f"{name}.tail_in_first_10", 100 * sum(found) / len(found), "%")


async def changes(database: Database, who: Sequence[Asker], name: str) -> None:
    """What it costs the index that one customer has another name; nothing of it stays."""
    took: list[Took] = []
    async with database.writing() as session:
        server = await server_of(session, database)
        for asker in who[:CHANGES]:
            customer = await session.get_one(
                Customer, (asker.member.tenant_id, asker.knows[0].customer_id)
            )
            customer.name = "红星" + customer.name
            await session.flush()
            before = time.perf_counter(), time.process_time() * 1000 + worked_ms(server)
            await index.refresh(work_as(session, asker.member), [customer.id])
            after = time.perf_counter(), time.process_time() * 1000 + worked_ms(server)
            took.append(Took((after[0] - before[0]) * 1000, after[1] - before[1]))
        await session.rollback()
    say_all(f"{name}.one_change", took)


async def sizes(session: AsyncSession, database: Database, name: str) -> None:
    """Megabytes of the index beside the rows that it leads to."""
    if database.is_sqlite:
        size = "SELECT sum(length(documents) + 30) FROM customer_posting"  # with keys and pages
    else:
        size = "SELECT pg_total_relation_size('customer_posting')"
    say(f"{name}.index", (await session.scalar(text(size)) or 0) / 1e6, "MB")


async def measure(url: str, size: int, folder: Path) -> None:
    await upgrade(url)
    pinyin.warm_up()
    database = Database(url)
    name = f"lookup.{'sqlite' if database.is_sqlite else 'postgresql'}.{size}"
    await filled(database, size, name)
    async with database.reading() as session:
        admin = (await session.scalars(select(Member).where(Member.name == "管理员"))).one()
        who = await askers(work_as(session, admin))
        await in_store(session, who, name, await server_of(session, database))
        await sizes(session, database, name)
    await changes(database, who, name)
    async with database.writing() as session:
        signed_in = await cookies(session, [asker.member for asker in who])
    requests = [
        lookup_request(signed_in[one.asker.member.id], one.typed, one.place)
        for one in questions_of(who, QUESTIONS)
    ]
    await over_http(database, url, folder, name, requests)
    say(f"{name}.load", os.getloadavg()[0], "processes")
    await database.close()


def main() -> None:
    logs.set_up(level="warning")  # the figures alone
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite+aiosqlite:///{path / 'lookup.sqlite3'}"
        asyncio.run(measure(url, size, path))


if __name__ == "__main__":
    main()
