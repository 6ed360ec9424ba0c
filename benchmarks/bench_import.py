"""Importing a spreadsheet of new customers, against writing their bare rows in the same run.

    python -m benchmarks.bench_import [rows, default 50000] [database address]

The import reads the file, checks every row against all others, and makes all of them findable.
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter
from sqlalchemy import insert

from field_ops.customers import pinyin
from field_ops.customers.models import Customer
from field_ops.customers.new_rows import customer_values
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.exchange.customers import import_customers
from field_ops.migrations import upgrade
from field_ops.work import Work
from tests.factories import a_company, work_as

from .lookup_data import SEED, a_customer
from .measuring import say

HEADER = ("客户名称", "电话", "联系人", "等级", "地址")


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


async def measure(url: str, path: Path, size: int) -> None:
    await upgrade(url)
    pinyin.warm_up()
    dice = random.Random(SEED)
    rows = [a_customer(dice, number) for number in range(size)]
    write_sheet(path, rows)
    database = Database(url)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    async with database.writing() as session:
        company = await a_company(session)
    began = time.perf_counter()
    async with database.writing() as session:
        work = work_as(session, company.admin)
        report = await import_customers(work, path, skip_errors=True)
    took = time.perf_counter() - began
    assert report.created > size * 0.99, report.errors[:3]
    async with database.writing() as session:
        rival = await a_company(session, "另一家", connection="rival")
    began = time.perf_counter()
    async with database.writing() as session:
        await bare_rows(work_as(session, rival.admin), rows)
    bare = time.perf_counter() - began
    say(f"import.{kind}.{size}", took, "s", "bare_customer_rows", bare)
    await database.close()


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'import.sqlite3'}"
        asked = sys.argv[2] if len(sys.argv) > 2 else url
        asyncio.run(measure(asked, Path(folder) / "customers.xlsx", size))


if __name__ == "__main__":
    main()
