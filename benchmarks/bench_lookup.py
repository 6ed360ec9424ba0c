"""Lookup over many customers, against a plain LIKE in the same run. One JSON object per line.

    python -m benchmarks.bench_lookup [customers, default 200000] [database address]

Without an address a temporary SQLite file is used. The mix of questions is that of a real day:
short Chinese parts first, then initials, pinyin, phones and contacts, and some that find nothing.
Every second question says where the asker is. Each is asked three times and its best time counts:
the machine is shared.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles

from sqlalchemy import func, insert, select

from field_ops.customers import index, pinyin
from field_ops.customers.lookup import look_up
from field_ops.customers.models import Contact, Customer, CustomerLocation
from field_ops.customers.new_rows import contact_values, customer_values, proposal_values
from field_ops.customers.pinyin import initials, readings
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.db import Database
from field_ops.geo import Point, to_wgs84
from field_ops.migrations import upgrade
from field_ops.work import Work
from tests.factories import WUHAN, Company, a_company, work_as

SEED, QUESTIONS, CHUNK, ROUNDS = 20260310, 200, 5000, 3
SYLLABLES = "华联红星新百盛宏源达利金桥中天海明智业东方国泰永辉万家乐福润丰年顺发重庆长安行朝单"
KINDS = ("超市", "便利店", "商贸", "科技", "家具", "书店", "餐饮", "建材", "大药房")
# kind of question: weight in the mix
MIX = {"chars1": 4, "chars2": 28, "chars3": 12, "chars4": 7, "chars5": 5, "initials": 12,
       "pinyin": 10, "mixed": 4, "tail": 7, "phone": 4, "contact": 4, "nothing": 3}  # fmt: skip


Question = tuple[str, Point | None]  # what is typed, and where the asker is


def a_customer(dice: random.Random, number: int) -> CustomerIn:
    core = "".join(dice.choices(SYLLABLES, k=dice.randrange(2, 5)))
    return CustomerIn(
        name=f"武汉{core}{dice.choice(KINDS)}{number % 997}号有限公司",
        phone=f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}",
        contacts=[ContactIn(name=dice.choice("王李张刘陈杨赵黄周吴") + "经理")],
        location=a_place(dice),
    )


def a_place(dice: random.Random) -> LocationIn:
    """Somewhere in a city of forty kilometres, mostly near its centre."""
    lat, lng = (dice.gauss(centre, 0.07) for centre in WUHAN)
    return LocationIn(lat=lat, lng=lng, datum="GCJ02")


def a_question(dice: random.Random, kind: str, known: CustomerIn) -> str:
    start = dice.randrange(2, 5)
    part = known.name[start : start + 4]
    sounds = [(readings(char) or (char,))[0] for char in part]
    if kind.startswith("chars"):
        return known.name[start : start + int(kind[-1])]
    return {
        "initials": "".join(initials(char)[0] for char in part),
        "pinyin": "".join(sounds)[: dice.randrange(4, 12)],
        "mixed": sounds[0] + part[1:],
        "tail": known.phone[-4:],
        "phone": known.phone[3:9],
        "contact": known.contacts[0].name,
        "nothing": "琺瑯" + part[:1],
    }[kind]


async def fill(work: Work, company: Company, size: int) -> list[CustomerIn]:
    dice = random.Random(SEED)
    rows = [a_customer(dice, number) for number in range(size)]
    owners = [company.lilei.id] + [company.hanmeimei.id] * 9 + [company.admin.id] * 90
    for at in range(0, size, CHUNK):
        chunk = rows[at : at + CHUNK]
        customers = [
            customer_values(work, new, number=f"C-{n:06d}", owner_id=owners[n % 100])
            for n, new in enumerate(chunk, start=at + 1)
        ]
        contacts = [
            contact_values(work, values["id"], new.contacts[0])
            for values, new in zip(customers, chunk, strict=True)
        ]
        await work.session.execute(insert(Customer), customers)
        places = [
            proposal_values(work, values["id"], new.location)
            for values, new in zip(customers, chunk, strict=True)
            if new.location
        ]
        await work.session.execute(insert(Contact), contacts)
        await work.session.execute(insert(CustomerLocation), places)
        await index.refresh(work, [values["id"] for values in customers])
        if at == 0:  # the next ones are read back by key
            await index.take_stock(work)
    await index.take_stock(work)
    return rows


async def timed(
    questions: list[Question], ask: Callable[[Question], Awaitable[object]]
) -> list[float]:
    """Milliseconds of each question, the best of some rounds."""
    best = [float("inf")] * len(questions)
    for _ in range(ROUNDS):
        for at, question in enumerate(questions):
            started = time.perf_counter()
            await ask(question)
            best[at] = min(best[at], (time.perf_counter() - started) * 1000)
    return best


def say(name: str, took: list[float], yardstick: list[float], yardstick_name: str) -> None:
    for share in (50, 95, 99):
        value, other = quantiles(took, n=100)[share - 1], quantiles(yardstick, n=100)[share - 1]
        line = {"name": f"{name}.p{share}", "value": round(value, 2), "unit": "ms"}
        ratio = {"ratio_to": f"{yardstick_name}.p{share}", "ratio": round(value / other, 3)}
        print(json.dumps(line | ratio))


async def measure(url: str, size: int) -> None:
    await upgrade(url)
    pinyin.warm_up()
    database = Database(url)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    async with database.writing() as session:
        company = await a_company(session)
        started = time.perf_counter()
        rows = await fill(work_as(session, company.admin), company, size)
        build = {"name": f"lookup.{kind}.{size}.build", "unit": "s"}
        print(json.dumps(build | {"value": round(time.perf_counter() - started, 1)}))
    dice = random.Random(SEED + 1)
    kinds = dice.choices(list(MIX), weights=list(MIX.values()), k=QUESTIONS)
    here = to_wgs84(*WUHAN, "GCJ02")
    questions = [
        (a_question(dice, one, dice.choice(rows)), here if at % 2 else None)
        for at, one in enumerate(kinds)
    ]
    async with database.reading() as session:

        async def plain_like(question: Question) -> object:
            found = select(Customer.id).where(
                Customer.tenant_id == company.tenant.id, Customer.name.contains(question[0])
            )
            return (await session.scalars(found.limit(20))).all()

        like = await timed(questions, plain_like)
        for title, member in (
            ("rep", company.lilei),
            ("lead", company.wang),
            ("company", company.admin),
        ):
            work = work_as(session, member)
            await look_up(work, "华联")  # statements are put together once

            async def ask(question: Question, work: Work = work) -> object:
                return await look_up(work, question[0], near=question[1])

            took = await timed(questions, ask)
            say(f"lookup.{kind}.{size}.{title}", took, like, "plain_like_on_the_name")
        assert await session.scalar(select(func.count()).select_from(Customer)) == size
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
