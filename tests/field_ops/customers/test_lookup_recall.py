"""The index against brute force: two thousand seeded customers, every kind of question.

The reference compares every customer and sorts them all, which is slow and plainly right.
"""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from field_ops.customers import index
from field_ops.customers.lookup import PAGE, look_up
from field_ops.customers.matching import match
from field_ops.customers.models import Contact, Customer, CustomerLocation, CustomerVisitor
from field_ops.customers.names import matching_form
from field_ops.customers.new_rows import contact_values, customer_values, proposal_values
from field_ops.customers.pinyin import initials, readings
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.customers.terms import read_question
from field_ops.db import Database
from field_ops.geo import Point, to_wgs84
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, work_as

SEED = 20260310
SIZE = 2000
QUESTIONS = 60
# What fits on a hundred names and more; the first ones on more than are ever compared at once.
BROAD = ("", "武", "武汉", "w", "wh", "wuhan", "公", "c", "王", "1", "13", "138", "h", "超市", "cs")
FIRST = "华联红星新百盛宏源达利金桥中天海明智业东方国泰永辉万家乐福润丰年顺发重庆长安行朝单"
KINDS = ("超市", "便利店", "商贸", "科技", "家具", "书店", "餐饮", "建材", "大药房", "KFC餐厅")
SURNAMES = "王李张刘陈杨赵黄周吴单仇查"


def some_customers(dice: random.Random) -> list[CustomerIn]:
    return [
        CustomerIn(
            name="武汉" * (number % 2) + "".join(dice.choices(FIRST, k=3)) + dice.choice(KINDS),
            phone=f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}",
            contacts=[ContactIn(name=dice.choice(SURNAMES) + dice.choice(("总", "经理", "会计")))],
        )
        for number in range(SIZE)
    ]


def a_question(dice: random.Random, new: CustomerIn) -> str:
    """A part of a name, pinyin whole or cut short, initials, both mixed, digits, a contact."""
    start = dice.randrange(len(new.name) - 1)
    part = new.name[start : start + dice.randrange(1, 5)]
    sounds = [dice.choice(readings(char) or (char.lower(),)) for char in part]
    firsts = [dice.choice(initials(char.lower())) for char in part]
    digit = dice.randrange(8)
    return dice.choice(
        (
            part,
            "".join(sounds),
            "".join(sounds)[: dice.randrange(2, 8)],
            "".join(firsts),
            firsts[0] + part[1:],
            "".join(firsts[:-1]) + sounds[-1],
            new.phone[digit : digit + dice.randrange(3, 8)],
            new.phone[-4:],
            new.contacts[0].name,
        )
    )


async def store(
    work: Work, company: Company, rows: list[CustomerIn], dice: random.Random
) -> list[dict[str, Any]]:
    """The customers of everybody and of nobody; most with a place within a kilometre."""
    owners = [company.lilei.id, company.hanmeimei.id, company.wang.id, company.admin.id, None]
    customers = [
        customer_values(work, new, number=f"C-{number:06d}", owner_id=dice.choice(owners))
        for number, new in enumerate(rows, start=1)
    ]
    contacts = [
        contact_values(work, values["id"], new.contacts[0])
        for values, new in zip(customers, rows, strict=True)
    ]
    places = [
        {**proposal_values(work, values["id"], a_place(dice)), "status": "confirmed"}
        for values in customers
        if dice.random() < 0.8
    ]
    await work.session.execute(insert(Customer), customers)
    await work.session.execute(insert(Contact), contacts)
    await work.session.execute(insert(CustomerLocation), places)
    await index.refresh(work, [values["id"] for values in customers])
    await index.take_stock(work)
    at = {row["customer_id"]: Point(row["lat"], row["lng"]) for row in places}
    return [
        {
            "id": values["id"],
            "owner_id": values["owner_id"],
            "number": values["number"],
            "name": matching_form(values["name"]),
            "contacts": matching_form(contact["name"]),
            "phones": values["phone"],
            "place": at.get(values["id"]),
        }
        for values, contact in zip(customers, contacts, strict=True)
    ]


def a_place(dice: random.Random) -> LocationIn:
    lat, lng = (one + dice.uniform(-0.009, 0.009) for one in WUHAN)
    return LocationIn(lat=lat, lng=lng, datum="GCJ02")


async def visit_some(
    work: Work, kept: list[dict[str, Any]], dice: random.Random
) -> dict[str, datetime]:
    """When the asker was where: a hundred visits, some of them at one moment."""
    visits = {
        row["id"]: TUESDAY_MORNING - timedelta(days=dice.randrange(40))
        for row in dice.sample(kept, 100)
    }
    mine = {"tenant_id": work.tenant_id, "member_id": work.actor.me}
    await work.session.execute(
        insert(CustomerVisitor),
        [{**mine, "customer_id": one, "last_visit_at": at} for one, at in visits.items()],
    )
    return visits


def reference(
    typed: str,
    kept: list[dict[str, Any]],
    ranks: dict[str | None, int],
    visits: dict[str, datetime],
    near: Point | None,
) -> list[str]:
    """Every customer that fits, in the order of domain.md §7.5. `ranks`: of owners in sight."""
    words, ranked = read_question(typed), []
    for row in kept:
        why = match(words, row["number"], row["name"], row["contacts"], row["phones"])
        if why is None or row["owner_id"] not in ranks:
            continue
        seen = visits.get(row["id"])
        rank = (
            ranks[row["owner_id"]],
            not why.is_prefix,
            -seen.timestamp() if seen else 0.0,
            near.distance_m(row["place"]) if near and row["place"] else float("inf"),
            row["number"],
        )
        ranked.append(rank)
    return [number for *_, number in sorted(ranked)]


async def pages(work: Work, typed: str, near: Point | None, most: int) -> list[str]:
    numbers: list[str] = []
    for page in range(1, most + 1):
        rows, more = await look_up(work, typed, near=near, page=page)
        numbers += [row.customer.number for row in rows]
        if not more:
            break
    return numbers


@pytest.mark.parametrize("asker", ["lilei", "wang", "admin"])
async def test_the_pages_are_those_of_a_slow_reference(
    database: Database, company: Company, asker: str
) -> None:
    dice = random.Random(SEED)
    rows = some_customers(dice)
    lilei, han, wang, admin = (
        getattr(company, name).id for name in ("lilei", "hanmeimei", "wang", "admin")
    )
    in_sight: dict[str, dict[str | None, int]] = {
        "lilei": {lilei: 0},
        "wang": {wang: 0, lilei: 2, han: 2},
        "admin": {admin: 0, None: 3, lilei: 3, han: 3, wang: 3},
    }
    async with database.writing() as session:
        kept = await store(work_as(session, company.hanmeimei), company, rows, dice)
        work = work_as(session, getattr(company, asker))
        visits = await visit_some(work, kept, dice)
    near = to_wgs84(*WUHAN, "GCJ02")
    async with database.reading() as session:
        work = work_as(session, getattr(company, asker))
        narrow = [a_question(dice, dice.choice(rows)) for _ in range(QUESTIONS)]
        for typed in (*narrow, *BROAD):
            here = dice.choice((None, near))
            expected = reference(typed, kept, in_sight[asker], visits, here)
            # Of a broad question only the nearest few hundred customers are ranked by distance.
            most = 5 if len(expected) < 100 else 1 if here else 2
            found = await pages(work, typed, here, most)
            assert found == expected[: most * PAGE], (typed, here)
