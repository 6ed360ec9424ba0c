"""Modes, keys and undo against a model that compares every row with every customer."""

import csv
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from field_ops.customers.credit_codes import read_credit_code
from field_ops.customers.models import Contact, Customer, CustomerKey, CustomerSearch, ExternalId
from field_ops.db import Database
from field_ops.exchange.at_once import Desk, Wishes
from field_ops.exchange.import_models import ImportBatch, ImportRow
from field_ops.people.models import Member
from tests.factories import Company
from tests.field_ops.exchange.desk import a_desk
from tests.field_ops.exchange.naive import Model, Person, Record, Row

MODES = ("create", "update", "upsert", "skip")
KEYS = ("name_city", "phone", "credit_code", "external_id", "number")
NAMES = ["华联超市", "红星商店", "新华书店", "金桥饭店", "宏源药房", "天海酒楼", "华联 超市"]
MOBILES = [f"138000{number:05d}" for number in range(9)]
CODES = ["91350100M000100Y43", "91330100799655058B", "911101080000000000"]
CODES = [code for code in CODES if read_credit_code(code)]
HEADINGS = {
    "number": "客户编号", "external_id": "外部编号", "name": "客户名称", "phone": "电话",
    "city": "城市", "level": "等级", "note": "备注", "credit_code": "信用代码", "owner": "负责人",
    "contact_name": "联系人", "contact_phone": "联系人电话",
}  # fmt: skip
SEEDS = range(4)


def a_row(dice: random.Random) -> Row:
    def sometimes(choices: list[str], often: float) -> str:
        return dice.choice(choices) if dice.random() < often else ""

    return {
        "number": sometimes([f"C-{number:06d}" for number in range(1, 9)], 0.5),
        "external_id": sometimes([f"K{number}" for number in range(6)], 0.5),
        "name": dice.choice(NAMES),
        "phone": sometimes([*MOBILES, "027-85551234"], 0.8),
        "city": sometimes(["武汉", "武汉市", "上海"], 0.5),
        "level": sometimes(["A", "B", "E"], 0.4),
        "note": sometimes(["老客户", "展会"], 0.3),
        "credit_code": sometimes(CODES, 0.3),
        "owner": sometimes(["李雷", "韩梅梅", "何人"], 0.3),
        "contact_name": sometimes(["张经理", "王会计"], 0.4),
        "contact_phone": sometimes(MOBILES, 0.2),
    }


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS.values())
        table.writerows([row[field] for field in HEADINGS] for row in rows)
    return path


async def records(database: Database, tenant_id: int) -> list[Record]:
    """The company as the model has it."""
    async with database.reading() as session:
        members = await session.execute(select(Member.id, Member.name))
        names = {row.id: row.name for row in members}
        people: dict[str, list[Person]] = {}
        for one in await session.scalars(select(Contact).order_by(Contact.id)):
            people.setdefault(one.customer_id, []).append(Person(one.name, one.title, one.phone))
        external: dict[str, set[str]] = {}
        for known in await session.scalars(select(ExternalId)):
            external.setdefault(known.customer_id, set()).add(known.external_id)
        customers = await session.scalars(
            select(Customer)
            .where(Customer.tenant_id == tenant_id, Customer.removed_at.is_(None))
            .order_by(Customer.number)
        )
        return [
            Record(
                one.name, one.phone, one.city, one.level, one.note, one.credit_code,
                names.get(one.owner_id or "", ""), frozenset(external.get(one.id, ())),
                tuple(people.get(one.id, ())), one.number,
            )
            for one in customers
        ]  # fmt: skip


async def everything(database: Database) -> dict[str, list[Any]]:
    """All that an import touches, without revisions and moments."""
    found: dict[str, list[Any]] = {}
    async with database.reading() as session:
        for table in (Customer, Contact, CustomerKey, ExternalId, CustomerSearch):
            columns = [
                column for column in table.__table__.columns
                if column.name not in ("revision", "updated_at", "document")
            ]  # fmt: skip
            present = [table.removed_at.is_(None)] if table is Customer else []
            rows = await session.execute(select(*columns).where(*present))
            found[table.__tablename__] = sorted(repr(tuple(row)) for row in rows)
    return found


def told(records: list[Record]) -> list[str]:
    """Without numbers: the model gives none."""
    return sorted(repr({**vars(one), "number": "", "external": sorted(one.external),
                        "people": sorted(map(repr, one.people))}) for one in records)  # fmt: skip


async def brought(desk: Desk, path: Path, mode: str, key: str) -> ImportBatch:
    wishes = Wishes(mode=mode, key=key, system="金蝶", skip_errors=True)  # type: ignore[arg-type]
    return (await desk.take_in(path, wishes)).batch


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mode", MODES)
async def test_a_file_does_what_the_model_says_and_an_undo_takes_it_back(
    database: Database, company: Company, tmp_path: Path, mode: str, seed: int
) -> None:
    dice = random.Random(f"{mode} {seed}")
    desk = a_desk(
        database, tmp_path, company.admin, company.tenant.id, part=dice.choice([2, 3, 200])
    )
    first = write(tmp_path / "first.csv", [a_row(dice) | {"number": ""} for _ in range(8)])
    await brought(desk, first, "create", "name_city")
    before, there = await everything(database), await records(database, company.tenant.id)
    for key in KEYS:
        rows = [a_row(dice) for _ in range(10)]
        model = Model(there, {"李雷", "韩梅梅"}, mode, key)
        model.take_in(rows)
        batch = await brought(desk, write(tmp_path / f"{key}.csv", rows), mode, key)
        outcomes = {name: model.outcomes.count(name) for name in set(model.outcomes)}
        assert {name: n for name, n in batch.checked.items() if n} == outcomes, (key, rows)
        if batch.started_at is None:  # every row was wrong
            assert set(outcomes) == {"wrong"}
            continue
        assert await outcomes_of(database, batch) == model.outcomes, (key, rows)
        assert told(await records(database, company.tenant.id)) == told(model.records), (key, rows)
        undone = (await desk.undo(batch.id)).batch
        assert (undone.state, undone.counts.get("kept", 0)) == ("undone", 0)
        assert await everything(database) == before, (key, rows)


async def outcomes_of(database: Database, batch: ImportBatch) -> list[str]:
    async with database.reading() as session:
        rows = await session.scalars(
            select(ImportRow.outcome)
            .where(ImportRow.batch_id == batch.id, ImportRow.run == batch.run)
            .order_by(ImportRow.number)
        )
        return list(rows)
