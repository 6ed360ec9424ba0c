"""Whether the lookup's first page of 20 is that of brute force, in a database that is filled.

    python -m benchmarks.check_lookup customers address [questions an asker, default 12]

The database is one that `bench_lookup` has filled with as many customers. Every second question
says where the asker is. Each difference is printed, then the share of pages that are equal, with
and without a place: of a broad question only the nearest few hundred are ranked by distance.
"""

import asyncio
import json
import sys

from sqlalchemy import select

from field_ops.customers import pinyin
from field_ops.customers.lookup import PAGE, look_up
from field_ops.customers.models import Contact, Customer, CustomerLocation, CustomerVisitor
from field_ops.customers.names import matching_form
from field_ops.customers.phones import read_phones
from field_ops.customers.sight import sight_of
from field_ops.db import Database
from field_ops.geo import Point
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import work_as
from tests.field_ops.customers.brute_force import Known, numbers_in_order

from .bench_lookup import questions_of
from .lookup_data import ASKERS, Asker, askers


async def known_to(work: Work) -> list[Known]:
    """Every customer as the asker knows it."""
    sight = await sight_of(work)
    visits = await work.session.execute(
        select(CustomerVisitor.customer_id, CustomerVisitor.last_visit_at).where(
            CustomerVisitor.member_id == work.actor.me
        )
    )
    visited = dict(visits.all())
    columns = (Customer.id, Customer.number, Customer.name, Customer.owner_id, Customer.phone)
    rows = await work.session.execute(
        select(*columns, Contact.name, Contact.phone, CustomerLocation.lat, CustomerLocation.lng)
        .join(Contact, Contact.customer_id == Customer.id)
        .join(CustomerLocation, CustomerLocation.customer_id == Customer.id)
    )
    return [
        Known(
            number=number,
            name=matching_form(name),
            contacts=(matching_form(contact),),
            phones=tuple(
                one.digits for one in (*(read_phones(phone) or ()), *(read_phones(second) or ()))
            ),
            rank=sight.closeness(customer_id, owner_id),
            place=Point(lat, lng),
            visited_at=visited.get(customer_id),
        )
        for customer_id, number, name, owner_id, phone, contact, second, lat, lng in rows
    ]


async def equal_pages(work: Work, asker: Asker, count: int) -> dict[bool, list[bool]]:
    known = await known_to(work)
    equal: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions_of([asker], count):
        expected = numbers_in_order(question.typed, known, question.near)[:PAGE]
        rows, _ = await look_up(work, question.typed, near=question.near)
        found = [row.customer.number for row in rows]
        equal[question.near is not None].append(found == expected)
        if found != expected:
            missed = len(set(expected) - set(found))
            print(f"# {asker.kind}: {question.typed} near {question.near}: {missed} missed")
    return equal


async def check(url: str, size: int, count: int) -> None:
    pinyin.warm_up()
    database = Database(url)
    async with database.reading() as session:
        admin = (await session.scalars(select(Member).where(Member.name == "管理员"))).one()
        who = await askers(work_as(session, admin))
        for asker in (next(one for one in who if one.kind == kind) for kind in ASKERS):
            equal = await equal_pages(work_as(session, asker.member), asker, count)
            for has_place, pages in equal.items():
                name = f"lookup.{size}.{asker.kind}.{'near' if has_place else 'anywhere'}"
                line = {"name": f"{name}.equal_pages", "value": sum(pages), "of": len(pages)}
                print(json.dumps(line), flush=True)
    await database.close()


def main() -> None:
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    asyncio.run(check(sys.argv[2], int(sys.argv[1]), count))


if __name__ == "__main__":
    main()
