"""The index against brute force (`brute_force.py`): two thousand seeded customers, every kind of
question, and an asker of every kind: himself, a team, more people than a question names, everybody.
"""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from field_ops.customers import index
from field_ops.customers.lookup import PAGE, look_up
from field_ops.customers.models import Contact, Customer, CustomerLocation, CustomerVisitor
from field_ops.customers.names import matching_form
from field_ops.customers.new_rows import contact_values, customer_values, proposal_values
from field_ops.customers.pinyin import initials, readings
from field_ops.customers.proposals import FEW_OWNERS
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.db import Database
from field_ops.geo import Point, to_wgs84
from field_ops.people.models import Member
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import WUHAN, Company, a_department, a_member, work_as
from tests.field_ops.customers.brute_force import Known, numbers_in_order

SEED = 20260310
SIZE = 2000
QUESTIONS = 60
PAGES = 3
# What fits on a hundred names and more.
BROAD = (
    "",
    "武",
    "武汉",
    "w",
    "wh",
    "wuhan",
    "公",
    "c",
    "王",
    "1",
    "13",
    "138",
    "h",
    "超市",
    "cs",
    "中山",
    "路1",
)
FIRST = "华联红星新百盛宏源达利金桥中天海明智业东方国泰永辉万家乐福润丰年顺发重庆长安行朝单"
KINDS = ("超市", "便利店", "商贸", "科技", "家具", "书店", "餐饮", "建材", "大药房", "KFC餐厅")
ROADS = ("中山", "江汉", "华联", "和平")
SURNAMES = "王李张刘陈杨赵黄周吴单仇查"


def some_customers(dice: random.Random, size: int = SIZE) -> list[CustomerIn]:
    return [
        CustomerIn(
            name="武汉" * (number % 2) + "".join(dice.choices(FIRST, k=3)) + dice.choice(KINDS),
            phone=f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}",
            contacts=[ContactIn(name=dice.choice(SURNAMES) + dice.choice(("总", "经理", "会计")))],
            address=f"{dice.choice(ROADS)}路{dice.randrange(300)}号",
        )
        for number in range(size)
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
            new.address[: dice.randrange(1, 5)],
        )
    )


async def many_colleagues(work: Work, company: Company) -> tuple[Member, list[str]]:
    """The head of a region of more reps than a question names, and the reps."""
    region = a_department(work.session, company.connection, "华西区", under=company.head_office)
    team = a_department(work.session, company.connection, "华西一组", under=region)
    head = a_member(work.session, company.connection, "赵经理", region, role="lead")
    reps = [
        a_member(work.session, company.connection, f"业务员{number}", team)
        for number in range(FEW_OWNERS + 1)
    ]
    await work.session.flush()
    return head, [rep.id for rep in reps]


async def store(
    work: Work, rows: list[CustomerIn], owners: list[str | None], dice: random.Random
) -> list[dict[str, Any]]:
    """Customers of these owners, as rows; most with a place within a kilometre."""
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
        {**values, "contact": contact["name"], "place": at.get(values["id"])}
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


def as_known(
    kept: list[dict[str, Any]],
    ranks: dict[str | None, int],
    visits: dict[str, datetime],
    tags: dict[str, list[str]] | None = None,
) -> list[Known]:
    """`ranks`: how close the owners in sight are; `tags` by customer."""
    return [
        Known(
            number=row["number"],
            name=matching_form(row["name"]),
            contacts=(matching_form(row["contact"]),),
            phones=(row["phone"],),
            rank=ranks.get(row["owner_id"]),
            place=row["place"],
            visited_at=visits.get(row["id"]),
            asides=tuple(map(matching_form, (row["address"], *(tags or {}).get(row["id"], ())))),
            customer_id=row["id"],
        )
        for row in kept
    ]


async def pages(work: Work, typed: str, near: Point | None, most: int) -> list[str]:
    numbers: list[str] = []
    for page in range(1, most + 1):
        rows, more = await look_up(work, typed, near=near, page=page, forgives=False)
        numbers += [row.customer.number for row in rows]
        if not more:
            break
    return numbers


@pytest.mark.parametrize("asker", ["lilei", "wang", "zhao", "admin"])
async def test_the_pages_are_those_of_brute_force(
    database: Database, company: Company, asker: str
) -> None:
    dice = random.Random(SEED)
    rows = some_customers(dice)
    async with database.writing() as session:
        zhao, region = await many_colleagues(work_as(session, company.admin), company)
        member = zhao if asker == "zhao" else getattr(company, asker)
        lilei, han, wang, admin = (
            getattr(company, name).id for name in ("lilei", "hanmeimei", "wang", "admin")
        )
        four: list[str | None] = [lilei, han, wang, admin, None]
        kept = await store(work_as(session, company.hanmeimei), rows, four * 10 + region, dice)
        visits = await visit_some(work_as(session, member), kept, dice)
    everybody = dict.fromkeys([*four, *region], 3)
    ranks: dict[str, dict[str | None, int]] = {
        "lilei": {lilei: 0},
        "wang": {wang: 0, lilei: 2, han: 2},
        "zhao": dict.fromkeys(region, 3),
        "admin": everybody | {admin: 0},
    }
    known = as_known(kept, ranks[asker], visits)
    near = to_wgs84(*WUHAN, "GCJ02")
    async with database.reading() as session:
        work = work_as(session, member)
        narrow = [a_question(dice, dice.choice(rows)) for _ in range(QUESTIONS)]
        for typed in (*narrow, *BROAD):
            here = dice.choice((None, near))
            expected = numbers_in_order(typed, known, here)
            found = await pages(work, typed, here, PAGES)
            assert found == expected[: PAGES * PAGE], (typed, here)
