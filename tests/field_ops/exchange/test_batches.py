"""A batch through the worker: it goes on where one died, stops when told, and is undone once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from field_ops.customers.actions import edit
from field_ops.customers.models import Customer, ExternalId
from field_ops.customers.schemas import CustomerChange
from field_ops.db import Database
from field_ops.exchange import import_actions, import_files, import_undo
from field_ops.exchange.at_once import Desk, Wishes
from field_ops.exchange.claiming import LEASE
from field_ops.exchange.errors import (
    CheckFirst,
    ExternalSystemMissing,
    KeyColumnMissing,
    RowsAreWrong,
    TooLateToUndoImport,
    UndoneBefore,
)
from field_ops.exchange.import_models import ImportBatch, ImportRow
from field_ops.exchange.import_runs import carry_out
from field_ops.history.models import AuditEntry
from field_ops.people.models import Member
from field_ops.work import Work
from tests.factories import Company, a_member, work_as
from tests.fakes import Clock
from tests.field_ops.exchange.desk import a_desk, a_sheet, worker

TEN = "名称,电话,负责人\n" + "".join(f"店{n},1380000{n:04d},李雷\n" for n in range(10))
CHECK_ONLY = Wishes(dry_run=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database: Database, company: Company, tmp_path: Path, clock: Clock) -> Desk:
    return a_desk(database, tmp_path, company.admin, company.tenant.id, clock=clock, part=3)


async def stored(database: Database) -> int:
    async with database.reading() as session:
        present = Customer.removed_at.is_(None)
        return await session.scalar(select(func.count()).where(present)) or 0


async def brought(desk: Desk, path: Path, wishes: Wishes = CHECK_ONLY) -> ImportBatch:
    return (await desk.take_in(path, wishes)).batch


async def now(desk: Desk, batch_id: str) -> ImportBatch:
    async with desk.database.reading() as session:
        return await session.get_one(ImportBatch, (desk.company.tenant_id, batch_id))


class Killed(BaseException):
    """As if the process were gone."""


async def test_a_worker_that_died_is_followed_by_one_that_does_nothing_twice(
    desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    batch = await brought(desk, a_sheet(tmp_path, TEN))
    async with desk.writing() as work:
        await import_actions.start(work, batch.id)

    def die(done: int, _total: int) -> None:
        if done == 6:
            raise Killed

    with pytest.raises(Killed):
        await carry_out(
            desk.database, desk.files, clock, desk.company, batch.id, part=3, progress=die
        )
    assert await stored(desk.database) == 6
    await worker(desk)  # its lease still runs
    assert ((await now(desk, batch.id)).state, await stored(desk.database)) == ("running", 6)
    clock.now += LEASE + timedelta(seconds=1)
    await worker(desk)
    over = await now(desk, batch.id)
    assert (over.state, over.done, over.counts["created"]) == ("done", 10, 10)
    assert await stored(desk.database) == 10


async def test_a_second_row_for_a_customer_is_told_so_after_a_worker_died_too(
    desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    wishes = Wishes(mode="upsert", key="phone", skip_errors=True, dry_run=True)
    text = TEN + "店0改,13800000000,\n"
    batch = await brought(desk, a_sheet(tmp_path, text), wishes)
    assert batch.checked == {"created": 10, "wrong": 1}
    async with desk.writing() as work:
        await import_actions.start(work, batch.id)

    def die(done: int, _total: int) -> None:
        if done == 9:
            raise Killed

    with pytest.raises(Killed):
        await carry_out(
            desk.database, desk.files, clock, desk.company, batch.id, part=3, progress=die
        )
    clock.now += LEASE + timedelta(seconds=1)
    await worker(desk)
    assert (await now(desk, batch.id)).counts == batch.checked
    async with desk.database.reading() as session:
        (row,) = await session.scalars(
            select(ImportRow).where(ImportRow.run == 2, ImportRow.outcome == "wrong")
        )
    assert "第 2 行" in row.reasons[0][0]


async def test_who_cancels_keeps_what_is_there_and_can_undo_it(desk: Desk, tmp_path: Path) -> None:
    batch = await brought(desk, a_sheet(tmp_path, TEN))
    async with desk.writing() as work:
        await import_actions.start(work, batch.id)

    async def cancel() -> None:
        async with desk.writing() as work:
            await import_actions.cancel(work, batch.id)

    tasks: list[asyncio.Task[None]] = []

    def cancelled_at_six(done: int, _total: int) -> None:
        if done == 6:
            tasks.append(asyncio.get_running_loop().create_task(cancel()))

    await carry_out(
        desk.database, desk.files, desk.clock, desk.company, batch.id,
        part=3, progress=cancelled_at_six,
    )  # fmt: skip
    await tasks[0]
    over = await now(desk, batch.id)
    assert over.state in ("cancelled", "done") and await stored(desk.database) == over.done
    await desk.undo(batch.id)
    assert await stored(desk.database) == 0


async def test_what_was_not_checked_or_has_errors_does_not_start(
    desk: Desk, tmp_path: Path
) -> None:
    batch = await brought(desk, a_sheet(tmp_path, TEN + "坏,123,\n"))
    async with desk.writing() as work:
        with pytest.raises(RowsAreWrong):
            await import_actions.start(work, batch.id)
        await import_actions.settle(work, batch.id, mode="upsert")
        with pytest.raises(CheckFirst):
            await import_actions.start(work, batch.id)
        await import_actions.settle(work, batch.id, key="credit_code")
        with pytest.raises(KeyColumnMissing):
            await import_actions.check(work, batch.id)


async def test_a_header_is_read_as_it_was_the_last_time(desk: Desk, tmp_path: Path) -> None:
    text = "单位,号码,名称\n甲,13800138000,华联超市\n"
    wishes = Wishes(mapping={"name": 2, "phone": 1}, mode="upsert", key="phone")
    await brought(desk, a_sheet(tmp_path, text), wishes)
    again = await brought(desk, a_sheet(tmp_path, text.replace("华联", "红星"), "再次.csv"))
    assert again.mapping == {"name": 2, "phone": 1}
    assert (again.mapped_by, again.mode, again.key) == ("remembered", "upsert", "phone")


async def test_an_owner_is_told_by_name_phone_or_host_id_and_must_be_one(
    desk: Desk, company: Company, tmp_path: Path
) -> None:
    async with desk.database.writing() as session:
        for id_ in ("wang1", "wang2"):
            a_member(session, company.connection, "王伟", company.team, host_user_id=id_)
        company.lilei.phone = "13900139000"
        session.add(await session.merge(company.lilei))
    text = "名称,电话,负责人\n" + "".join(
        f"店{at},1380000000{at},{owner}\n"
        for at, owner in enumerate(["李雷", "13900139000", "hanmeimei", "wang2", "王伟"])
    )
    report = await desk.take_in(a_sheet(tmp_path, text), Wishes(skip_errors=True))
    assert ["2 位同名" in one.reasons[0].zh for one in report.errors] == [True]
    async with desk.database.reading() as session:
        owners = await session.scalars(
            select(Member.name)
            .join(Customer, Customer.owner_id == Member.id)
            .order_by(Customer.number)
        )
    assert list(owners) == ["李雷", "李雷", "韩梅梅", "王伟"]


async def touch(work: Work, number: str, **fields: str) -> None:
    customer = await work.session.scalar(select(Customer).where(Customer.number == number))
    assert customer is not None
    await edit(work, customer.id, CustomerChange(revision=customer.revision, **fields))


async def test_an_undo_leaves_what_somebody_worked_with_and_says_why(
    desk: Desk, company: Company, tmp_path: Path
) -> None:
    await desk.take_in(a_sheet(tmp_path, "名称,电话,等级,备注\n老店,13900139000,C,旧\n"), Wishes())
    text = "名称,电话,等级,备注\n老店,13900139000,A,新\n甲,13800138001,,\n乙,13800138002,,\n"
    wishes = Wishes(mode="upsert", key="phone")
    batch = (await desk.take_in(a_sheet(tmp_path, text, "b.csv"), wishes)).batch
    async with desk.database.writing() as session:
        await touch(work_as(session, company.admin), "C-000001", note="客户自己改的")
        await touch(work_as(session, company.admin), "C-000002", address="中山路 1 号")
    async with desk.reading() as work:
        seen = await import_undo.forecast(work, batch.id)
    assert seen.counts == {"removed": 1, "restored": 1, "kept": 1}
    assert [(number, why[0].zh[:6]) for number, _, why in seen.kept] == [
        (3, "之后被修改过"), (2, "「备注」之后"),
    ]  # fmt: skip
    undone = (await desk.undo(batch.id)).batch
    assert {name: undone.counts[name] for name in seen.counts} == seen.counts
    async with desk.database.reading() as session:
        rows = await session.execute(
            select(Customer.name, Customer.level, Customer.note)
            .where(Customer.removed_at.is_(None))
            .order_by(Customer.number)
        )
        assert [tuple(row) for row in rows] == [("老店", "C", "客户自己改的"), ("甲", "C", "")]
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert {"customers.import_undone", "customer.import_undone"} <= actions
    with pytest.raises(UndoneBefore):
        await desk.undo(batch.id)


async def test_after_a_week_nothing_is_undone_and_the_file_is_gone(
    desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    batch = (await desk.take_in(a_sheet(tmp_path, TEN), Wishes())).batch
    clock.now += timedelta(days=7, seconds=1)
    with pytest.raises(TooLateToUndoImport):
        await desk.undo(batch.id)
    clock.now += timedelta(days=1)
    await import_files.forget_old(desk.database, desk.files, clock(), desk.company)
    place = import_files.place_of(desk.company.tenant_id, batch.id)
    assert await desk.files.stream(place) is None


async def test_who_may_not_import_any_more_imports_nothing(
    desk: Desk, company: Company, tmp_path: Path
) -> None:
    batch = await brought(desk, a_sheet(tmp_path, TEN))
    async with desk.writing() as work:
        await import_actions.start(work, batch.id)
        admin = await work.session.get_one(Member, (company.tenant.id, company.admin.id))
        admin.state = "departed"
    await worker(desk)
    assert ((await now(desk, batch.id)).state, await stored(desk.database)) == ("failed", 0)


async def test_a_region_in_parts_becomes_city_and_address(desk: Desk, tmp_path: Path) -> None:
    text = (
        "名称,手机,电话,省,市,区,详细地址\n"
        "甲,13800138001,027-85551234,湖北省,武汉市,江岸区,中山路 1 号\n"
    )
    await desk.take_in(a_sheet(tmp_path, text), Wishes())
    async with desk.database.reading() as session:
        (one,) = await session.scalars(select(Customer))
    assert (one.city, one.address) == ("武汉市", "湖北省武汉市江岸区中山路 1 号")
    assert one.phone == "13800138001/027-85551234"


WUKONG = "客户名称,客户级别,客户行业,客户来源,成交状态,电话,网址,下次联系时间,备注,手机"
YUDAO = "客户名称,手机,电话,QQ,微信,邮箱,地区,详细地址,所属行业,客户等级,客户来源,备注"


@pytest.mark.parametrize(
    ("header", "row", "program", "city"),
    [
        (
            WUKONG,
            "甲,A（重点客户）,贸易,转介绍,未成交,027-85551234,,,老客户,13800138001",
            "wukong",
            "",
        ),
        (
            YUDAO,
            "甲,13800138001,,,,a@b.cn,湖北省/武汉市/江岸区,中山路 1 号,,A,展会,",
            "yudao",
            "武汉市",
        ),
    ],
)
async def test_the_file_of_another_program_is_recognised_and_read(
    desk: Desk, tmp_path: Path, header: str, row: str, program: str, city: str
) -> None:
    report = await desk.take_in(a_sheet(tmp_path, f"{header}\n{row}\n"), Wishes())
    assert (report.batch.mapped_by, report.errors, report.created) == (program, [], 1)
    async with desk.database.reading() as session:
        (one,) = await session.scalars(select(Customer))
    assert (one.level, one.city, one.phone[:11]) == ("A", city, "13800138001")


async def test_external_ids_are_those_of_a_system_that_was_named(
    desk: Desk, tmp_path: Path
) -> None:
    text = "外部编号,名称,电话\nK1,华联超市,13800000001\n"
    with pytest.raises(ExternalSystemMissing):
        await brought(desk, a_sheet(tmp_path, text))
    await brought(desk, a_sheet(tmp_path, text), Wishes(system="金蝶"))
    usual = await brought(desk, a_sheet(tmp_path, text.replace("名称", "客户")))
    assert usual.system == "金蝶"  # as in the last file, whatever its header
    wishes = Wishes(mode="update", key="external_id")
    renamed = text.replace("华联超市", "华联商厦")
    assert (await brought(desk, a_sheet(tmp_path, renamed), wishes)).counts == {"updated": 1}
    other = replace(wishes, system="用友", skip_errors=True)
    assert (await brought(desk, a_sheet(tmp_path, renamed), other)).checked == {"wrong": 1}
    async with desk.database.reading() as session:
        known = await session.execute(select(ExternalId.system, ExternalId.external_id))
    assert [tuple(row) for row in known] == [("金蝶", "K1")]
