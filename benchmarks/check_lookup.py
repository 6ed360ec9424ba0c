"""Whether lookups find all that fits, in the order in which a person would put it.

    python -m benchmarks.check_lookup [questions, default 20000] [customers, default 1000] [address]

Seeded questions of every kind (parts of names, pinyin, initials, both mixed with characters,
traditional and full-width spelling, phones, contacts, numbers, addresses, tags, two words, broad
ones), half of them with a place, are asked by a rep, a lead, the head of more reps than a question
names and an administrator. What is found, all of it, is compared with brute force
(`tests/field_ops/customers/brute_force.py`), which shares no terms and no matching with the
program. Prints each difference, and ends with 1 if there is one.
"""

import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from opencc import OpenCC

from field_ops.customers import pinyin
from field_ops.customers.lookup import ranked
from field_ops.customers.schemas import CustomerIn
from field_ops.customers.searchable import say_searchable
from field_ops.customers.sight import sight_of
from field_ops.db import Database
from field_ops.geo import to_wgs84
from field_ops.migrations import upgrade
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import WUHAN, Company, a_company, work_as
from tests.field_ops.customers.brute_force import Known, numbers_in_order
from tests.field_ops.customers.test_lookup_recall import (
    BROAD,
    a_question,
    as_known,
    many_colleagues,
    some_customers,
    store,
    visit_some,
)

from .measuring import say

SEED = 20261130
TAGS = ("重点客户", "KA", "新店", "待跟进")
TRADITIONAL = OpenCC("s2t")
Asker = tuple[Member, list[Known]]


def any_question(dice: random.Random, rows: Sequence[CustomerIn]) -> tuple[str, str]:
    """Its kind and what is typed."""
    new = dice.choice(rows)
    match dice.randrange(20):
        case 0:
            return "traditional", TRADITIONAL.convert(new.name[: dice.randrange(1, 6)])
        case 1:
            return "full width", _full_width(a_question(dice, new))
        case 2:
            return "two words", f"{a_question(dice, new)} {a_question(dice, new)}"
        case 3:
            return "tag", dice.choice(TAGS)[: dice.randrange(1, 5)]
        case 4:
            return "number", dice.choice(("", "C-", "c0")) + str(dice.randrange(1, len(rows) + 9))
        case 5:
            return "broad", dice.choice(BROAD)
        case 6:
            return "mixed up", "".join(dice.sample(new.name, 3))
        case _:
            return "usual", a_question(dice, new)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


async def prepared(work: Work, company: Company, size: int) -> tuple[list[CustomerIn], list[Asker]]:
    """The customers, and who asks, with what brute force is to know of him."""
    dice = random.Random(SEED)
    rows = some_customers(dice, size)
    zhao, region = await many_colleagues(work, company)
    lilei, han, wang, admin = company.lilei, company.hanmeimei, company.wang, company.admin
    four: list[str | None] = [lilei.id, han.id, wang.id, admin.id, None]
    kept = await store(work, rows, four * 20 + region, dice)
    tags = {row["id"]: [dice.choice(TAGS)] for row in kept if dice.random() < 0.3}
    await say_searchable(work, "tag", tags)
    everybody = dict.fromkeys([*four, *region], 3)
    ranks: list[tuple[Member, dict[str | None, int]]] = [
        (lilei, {lilei.id: 0}),
        (wang, {wang.id: 0, lilei.id: 2, han.id: 2}),
        (zhao, dict.fromkeys(region, 3)),
        (admin, everybody | {admin.id: 0}),
    ]
    askers = []
    for member, rank in ranks:
        visits = await visit_some(work_as(work.session, member), kept, dice)
        askers.append((member, as_known(kept, rank, visits, tags)))
    return rows, askers


async def check(url: str, questions: int, size: int) -> int:
    pinyin.warm_up()
    await upgrade(url)
    database = Database(url)
    async with database.writing() as session:
        company = await a_company(session)
        rows, askers = await prepared(work_as(session, company.hanmeimei), company, size)
    dice, here = random.Random(SEED + 1), to_wgs84(*WUHAN, "GCJ02")
    asked: Counter[str] = Counter()
    missing = pages = orders = 0
    async with database.reading() as session:
        for number in range(questions):
            kind, typed = any_question(dice, rows)
            member, known = askers[number % len(askers)]
            near = here if dice.random() < 0.5 else None
            expected = numbers_in_order(typed, known, near)
            work = work_as(session, member)
            matches = await ranked(work, await sight_of(work), typed, near=near, wanted=size + 1)
            number_of = {one.customer_id: one.number for one in known}
            found = [number_of[customer_id] for customer_id, _ in matches]
            asked[kind] += 1
            missing += not set(expected) <= set(found)
            pages += found[:20] != expected[:20]
            orders += found != expected
            if found != expected:
                print(f"# {member.name}, {kind}: {typed!r} near {near}: {len(expected)} fit")
    await database.close()
    name = f"check_lookup.{'sqlite' if database.is_sqlite else 'postgresql'}.{size}"
    say(f"{name}.questions", sum(asked.values()), "questions")
    for what, count in (("missing", missing), ("first_pages", pages), ("orders", orders)):
        say(f"{name}.{what}_that_differ", count, "questions")
    return 1 if orders else 0


def main() -> None:
    questions, size = (
        int(given) if given else usual
        for given, usual in zip((*sys.argv[1:3], "", "")[:2], (20_000, 1000), strict=True)
    )
    with tempfile.TemporaryDirectory() as folder:
        usual = f"sqlite+aiosqlite:///{Path(folder) / 'check.sqlite3'}"
        url = sys.argv[3] if len(sys.argv) > 3 else usual
        sys.exit(asyncio.run(check(url, questions, size)))


if __name__ == "__main__":
    main()
