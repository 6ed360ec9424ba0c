"""The timeline of a customer with a long past, against one table that would hold all of it.

    python -m benchmarks.bench_timeline [entries of the customer, default 20000] [database address]

Without an address a temporary SQLite file is used. A hundred other customers have as much together.
The yardstick is what a table of its own would answer: one range of one index, 31 narrow rows,
without what they say, who may see it and who they name.
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.db import Database, new_id
from field_ops.follow_ups.models import FollowUp
from field_ops.history.models import AuditEntry
from field_ops.keys import Keys
from field_ops.migrations import upgrade
from field_ops.plans.models import VisitPlan
from field_ops.timeline import present
from field_ops.timeline.queries import timeline
from field_ops.visits.models import Visit
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as

from .measuring import say

KEYS = Keys("a secret that nobody needs here")
PAGE, ROUNDS, OTHERS = 30, 15, 100
ONE_TABLE = "CREATE TABLE one_table (tenant_id int, customer_id text, at timestamp, id text)"
ITS_PAGE = (
    "SELECT at, id FROM one_table WHERE tenant_id = :tenant AND customer_id = :customer"
    " ORDER BY at DESC, id DESC LIMIT 31"
)


def rows_of(
    dice: random.Random, company: Company, customer_ids: list[str], count: int
) -> dict[Any, list[dict[str, Any]]]:
    """Half changes, the rest visits, calls and missed plans, over three years."""
    rows: dict[Any, list[dict[str, Any]]] = {Visit: [], FollowUp: [], VisitPlan: [], AuditEntry: []}
    people = (company.lilei.id, company.hanmeimei.id, company.wang.id)
    for number in range(count):
        at = TUESDAY_MORNING - timedelta(seconds=dice.randrange(3 * 365 * 86_400))
        who, where = dice.choice(people), dice.choice(customer_ids)
        table = dice.choice((Visit, FollowUp, VisitPlan, AuditEntry, AuditEntry, AuditEntry))
        rows[table].append(one_row(table, company, who, where, at, number))
    return rows


def one_row(
    table: Any, company: Company, who: str, where: str, at: datetime, number: int
) -> dict[str, Any]:
    row: dict[str, Any] = {"tenant_id": company.tenant.id, "id": new_id()}
    if table is AuditEntry:
        change = {"phone": ["13871234567", "13871234568"], "level": ["C", "B"]}
        about = {"action": "customer.edited", "subject": "customer", "subject_id": where}
        return {**row, "at": at, "member_id": who, "via": "h5", "change": change, **about}
    if table is FollowUp:
        said = {"channel": "call", "duration_s": 60, "summary": "谈了续约，对方要九折"}
        return {
            **row, **said, "customer_id": where, "member_id": who, "happened_at": at,
            "created_at": at,
        }  # fmt: skip
    row |= {"owner_id": who, "customer_id": where}
    if table is VisitPlan:
        return {**row, "planned_on": at.date(), "state": "missed", "created_at": at}
    return {
        **row, "number": f"V-{row['id']}", "visit_type": "routine", "business_date": at.date(),
        "checked_in_at": at, "checked_out_at": at + timedelta(minutes=12), "dwell_s": 720,
        "check_in_verdict": "VERIFIED", "log_summary": "谈了续约", "log_result": "progress",
    }  # fmt: skip


async def fill(session: AsyncSession, company: Company, count: int) -> str:
    dice = random.Random(7)
    work = work_as(session, company.lilei)
    long_past = await a_customer(work, "华联超市")
    others = [(await a_customer(work, f"{n} 号店")).id for n in range(OTHERS)]
    await session.execute(text(ONE_TABLE))
    await session.execute(text("CREATE INDEX ix_one ON one_table (tenant_id, customer_id, at, id)"))
    for ids in ([long_past.id], others):
        for table, rows in rows_of(dice, company, ids, count).items():
            for start in range(0, len(rows), 1000):
                await session.execute(insert(table), rows[start : start + 1000])
    for name, column, key in (
        ("visit", "checked_in_at", "customer_id"), ("follow_up", "happened_at", "customer_id"),
        ("visit_plan", "created_at", "customer_id"), ("audit_entry", "at", "subject_id"),
    ):  # fmt: skip
        await session.execute(
            text(f"INSERT INTO one_table SELECT tenant_id, {key}, {column}, id FROM {name}")  # noqa: S608
        )
    return long_past.id


async def median_ms(ask: Any) -> float:
    """Processor time of this process, in which SQLite works too: it does not wait for others."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await ask()
        took.append((time.process_time() - began) * 1000)
    return median(took[1:])


async def measure(work: Work, customer_id: str, count: int) -> None:
    async def page(after: str, *kinds: Any) -> str:
        return present.timeline_out(
            work, KEYS, await timeline(work, customer_id, kinds, after, PAGE)
        ).next

    asked = {"tenant": work.tenant_id, "customer": customer_id}

    async def yardstick() -> None:
        (await work.session.execute(text(ITS_PAGE), asked)).all()

    deep = ""
    for _ in range(count // PAGE // 2):
        deep = await page(deep)
    base = await median_ms(yardstick)
    say("timeline_one_table", base, "ms")
    for name, ask in (
        ("timeline_first_page", lambda: page("")),
        ("timeline_half_way_down", lambda: page(deep)),
        ("timeline_one_kind", lambda: page("", "follow_up")),
    ):
        say(name, await median_ms(ask), "ms", "timeline_one_table", base)


async def main(count: int, address: str) -> None:
    await upgrade(address)
    database = Database(address)
    async with database.writing() as session:
        company = await a_company(session)
        customer_id = await fill(session, company, count)
    async with database.writing() as session:
        await session.execute(text("ANALYZE"))
    async with database.reading() as session:
        await measure(work_as(session, company.wang), customer_id, count)
    await database.close()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}"
        asyncio.run(main(wanted, sys.argv[2] if len(sys.argv) > 2 else file))
