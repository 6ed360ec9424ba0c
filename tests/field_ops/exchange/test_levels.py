"""A level that a file changes stands in the history of levels, and so does that it was undone."""

from pathlib import Path

from sqlalchemy import select

from field_ops.customers.actions import create
from field_ops.customers.levels import levels_of
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.exchange.at_once import Wishes
from tests.factories import Company
from tests.field_ops.exchange.desk import a_desk, a_sheet


async def test_a_level_of_a_file_is_a_line_that_names_it_and_an_undo_is_another(
    database: Database, company: Company, tmp_path: Path
) -> None:
    desk = a_desk(database, tmp_path, company.admin, company.tenant.id)
    async with desk.writing() as work:
        there = await create(work, CustomerIn(name="华联", phone="13900000001", level="C"))
        await create(work, CustomerIn(name="红星", phone="13900000002", level="B"))
    text = "名称,电话,等级\n华联,,A\n红星,,B\n新华,13900000003,A\n"
    report = await desk.take_in(a_sheet(tmp_path, text, "分级.csv"), Wishes(mode="upsert"))
    assert report.counts == {"updated": 1, "same": 1, "created": 1}

    async def told() -> list[tuple[str, str, str, str]]:
        async with desk.reading() as work:
            present = select(Customer.id).where(Customer.removed_at.is_(None))
            ids = (await work.session.scalars(present)).all()
            changes = [line for one in ids for line in await levels_of(work, one)]
            assert {line.customer_id for line in changes} <= {there.id}
            assert all(line.by_id == company.admin.id for line in changes)
            return [(line.before, line.after, line.how, line.reason) for line in changes]

    assert await told() == [("C", "A", "import", "分级.csv")]
    await desk.undo(report.batch.id)
    assert (await told())[0] == ("A", "C", "import_undone", "")
    async with desk.reading() as work:
        assert (await work.session.get_one(Customer, (work.tenant_id, there.id))).level == "C"
