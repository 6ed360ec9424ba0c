"""Importing a spreadsheet of new customers, against writing their bare rows in the same run.

    python -m benchmarks.bench_import [rows, default 50000] [there already, default 0] [database]

The import reads the file, checks every row against all others and every customer that is there,
takes it in by parts, and makes all of it findable. It runs in a process of its own, whose largest
memory is told. A million customers take long to make: name a database that keeps them.
"""

import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

import xlsxwriter
from sqlalchemy import Table, func, insert, select

from field_ops import logs
from field_ops.customers import pinyin
from field_ops.customers.duplicates import keys_of
from field_ops.customers.models import Contact, Customer, CustomerKey
from field_ops.customers.new_rows import customer_values
from field_ops.customers.schemas import CustomerIn
from field_ops.customers.suspects import Described
from field_ops.db import Database, insert_into
from field_ops.exchange.at_once import Desk, Wishes
from field_ops.files.store import LocalStore
from field_ops.history.models import NumberSequence
from field_ops.jobs.tools import Company
from field_ops.migrations import upgrade
from field_ops.people.models import Member
from field_ops.runtime import now
from field_ops.work import Work
from tests.conftest import SHANGHAI
from tests.factories import a_company, work_as

from .lookup_data import SEED, a_customer, fill, make_findable
from .measuring import say

HEADER = ("客户名称", "电话", "联系人", "等级", "地址")
AT_ONCE = 5000


def write_sheet(path: Path, rows: list[CustomerIn]) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for at, new in enumerate(rows, start=1):
            cells = (f"{new.name}{at}", new.phone, new.contacts[0].name, "A", f"中山路 {at} 号")
            sheet.write_row(at, 0, cells)


async def bare_rows(work: Work, rows: list[CustomerIn]) -> None:
    values = [
        customer_values(work, new, number=f"X-{at:06d}", owner_id=None)
        for at, new in enumerate(rows, start=1)
    ]
    await work.session.execute(insert(Customer), values)


async def filled(database: Database, there: int) -> Member:
    """The company with the customers that are there already, each with its keys."""
    async with database.writing() as session:
        admins = await session.scalars(select(Member).where(Member.name == "管理员"))
        admin = admins.first()
        if admin is None:
            company = await a_company(session)
            admin = company.admin
            if there:
                await fill(work_as(session, admin), company, there)
                await make_findable(work_as(session, admin))
    async with database.reading() as session:
        keyed = await session.scalar(select(func.count()).select_from(CustomerKey))
    if there and not keyed:
        await claim_all(database, admin)
    return admin


async def claim_all(database: Database, admin: Member) -> None:
    """What only one customer may have: the generator of lookups makes no keys."""
    last = ""
    while True:
        async with database.writing() as session:
            found = await session.execute(
                select(Customer.id, Customer.name, Customer.phone, Customer.city)
                .where(Customer.tenant_id == admin.tenant_id, Customer.id > last)
                .order_by(Customer.id)
                .limit(AT_ONCE)
            )
            rows = list(found)
            if not rows:
                break
            reached = await session.execute(
                select(Contact.customer_id, Contact.phone).where(
                    Contact.tenant_id == admin.tenant_id,
                    Contact.customer_id.between(rows[0][0], rows[-1][0]),
                )
            )
            others = {one.customer_id: one.phone for one in reached}
            keys = {
                key: customer_id
                for customer_id, name, phone, city in rows
                for key in keys_of(
                    Described(name=name, phones=(phone, others.get(customer_id, "")), city=city)
                )
            }
            await session.execute(
                insert_into(session, CustomerKey).on_conflict_do_nothing(),
                [
                    {"tenant_id": admin.tenant_id, "key": key, "customer_id": customer_id}
                    for key, customer_id in keys.items()
                ],
            )
            last = rows[-1][0]
    async with database.writing() as session:
        count = await session.scalar(select(func.count()).select_from(Customer))
        number = {"tenant_id": admin.tenant_id, "kind": "C", "last": count}
        table = cast(Table, NumberSequence.__table__)
        await session.execute(insert_into(session, table).on_conflict_do_nothing(), number)


async def take_in(url: str, path: Path) -> None:
    """The import itself, in a process of its own; says seconds, rows and megabytes."""
    database = Database(url)
    async with database.reading() as session:
        admin = (await session.scalars(select(Member).where(Member.name == "管理员"))).first()
        assert admin is not None
        actor = work_as(session, admin).actor
    company = Company(admin.tenant_id, SHANGHAI)
    desk = Desk(database, LocalStore(path.parent / "store"), now, company, actor)
    began = time.perf_counter()
    checked_at = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal checked_at
        if not checked_at and done * 2 >= total:
            checked_at = time.perf_counter()

    report = await desk.take_in(path, Wishes(skip_errors=True), progress)
    took, memory = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    doubtful = report.counts.get("doubtful", 0)
    print(checked_at - began, took, report.created, len(report.errors), doubtful, memory / 1024)
    await database.close()


async def measure(url: str, path: Path, size: int, there: int) -> None:
    await upgrade(url)
    pinyin.warm_up()
    dice = random.Random(SEED + 1)
    rows = [a_customer(dice, number) for number in range(size)]
    write_sheet(path, rows)
    database = Database(url)
    name = f"import.{'sqlite' if database.is_sqlite else 'postgresql'}.{size}.of_{there}"
    await filled(database, there)
    me = [sys.executable, "-m", "benchmarks.bench_import", "child", url, str(path)]
    told = await asyncio.to_thread(subprocess.run, me, capture_output=True, text=True, check=True)
    checked, took, created, listed, doubtful, memory_mb = map(float, told.stdout.split()[-6:])
    async with database.writing() as session:
        rival = await a_company(session, "另一家", connection=f"rival-{os.getpid()}")
    began = time.perf_counter()
    async with database.writing() as session:
        await bare_rows(work_as(session, rival.admin), rows)
    bare = time.perf_counter() - began
    say(name, took, "s", "bare_customer_rows", bare)
    say(f"{name}.check_alone", checked, "s")
    say(f"{name}.created", created, "rows")
    say(f"{name}.doubtful", doubtful, "rows")
    say(f"{name}.wrong", listed - doubtful, "rows")
    say(f"{name}.memory", memory_mb, "MB")
    say(f"{name}.load", os.getloadavg()[0], "processes")
    await database.close()


def main() -> None:
    logs.set_up(level="warning")  # the figures alone
    given = sys.argv[1:]
    if given[:1] == ["child"]:
        asyncio.run(take_in(given[1], Path(given[2])))
        return
    size = int(given[0]) if given else 50_000
    there = int(given[1]) if len(given) > 1 else 0
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'import.sqlite3'}"
        asked = given[2] if len(given) > 2 else url
        asyncio.run(measure(asked, Path(folder) / "customers.xlsx", size, there))


if __name__ == "__main__":
    main()
