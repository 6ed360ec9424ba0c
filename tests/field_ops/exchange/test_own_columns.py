"""Columns of fields that the company made, and of tags: what a page would have stored, no less."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from field_ops.access.roles import FieldLevel
from field_ops.custom_fields import actions as fields
from field_ops.custom_fields.models import CUSTOMER, FieldValue
from field_ops.custom_fields.spec import FieldSpec
from field_ops.customers import tagging
from field_ops.customers.actions import create
from field_ops.customers.models import Customer, CustomerSearch, CustomerText
from field_ops.customers.schemas import CustomerIn
from field_ops.db import Database
from field_ops.exchange.at_once import Desk, Report, Wishes
from field_ops.exchange.error_file import reasons_of
from field_ops.exchange.errors import ColumnUnknown
from field_ops.history.models import AuditEntry
from field_ops.tags import actions as tags
from field_ops.tags.models import CustomerTag, Tag
from field_ops.tags.schemas import GroupIn, TagIn
from tests.factories import Company
from tests.field_ops.exchange.desk import a_desk, a_sheet
from tests.field_ops.exchange.test_modes import everything

OPTIONS = [{"key": one, "label": {"zh": zh}} for one, zh in (("wet", "潮湿"), ("dry", "干燥"))]
# key: type, label, further rules, the cell of a spreadsheet, the value of a page
EVERY: dict[str, tuple[str, str, dict[str, Any], Any, Any]] = {
    "sign": ("text", "招牌", {"searchable": True}, "红底白字", "红底白字"),
    "story": ("long_text", "来历", {}, "一九八八年开业", "一九八八年开业"),
    "area": ("number", "面积", {"unit": "㎡", "decimals": 1}, 120.5, "120.5"),
    "tills": ("integer", "收银台", {}, "3", 3),
    "yearly": ("money", "年采购", {"currencies": ["CNY", "USD"]}, "1,200 usd",
               {"amount": "1200", "currency": "USD"}),
    "stars": ("score", "口碑", {}, 4, 4),
    "since": ("date", "开业", {}, date(1988, 5, 1), "1988-05-01"),
    "asked": ("moment", "询价", {}, datetime(2026, 3, 9, 9, 30),  # noqa: DTZ001 - a sheet has no zone
              "2026-03-09T01:30:00Z"),
    "chain": ("yes_no", "连锁", {}, "是", True),
    "store": ("choice", "仓库", {"options": OPTIONS}, "干燥", "dry"),
    "rooms": ("choices", "房间", {"options": OPTIONS}, "干燥、潮湿", ["wet", "dry"]),
    "front": ("phone", "前台", {"searchable": True}, "027-85551234", "027-85551234"),
    "mail": ("email", "采购邮箱", {}, "buy@hualian.example", "buy@hualian.example"),
    "site": ("url", "网站", {}, "https://hualian.example", "https://hualian.example"),
    "code": ("barcode", "档案码", {}, 6901234567892, "6901234567892"),
    "where": ("region", "商圈", {}, "湖北省/武汉市", ["湖北省", "武汉市"]),
    "buddy": ("member", "协助人", {}, "王主管", "wang"),
    "office": ("department", "归口", {}, "华东一组", "team"),
    "parent": ("customer", "总店", {}, "红星商店", "hongxing"),
}  # fmt: skip
FORMULA = {"type": "formula", "label": {"zh": "坪效"}, "formula": "area * tills", "decimals": 1}


@pytest.fixture
def desk(database: Database, company: Company, tmp_path: Path) -> Desk:
    return a_desk(database, tmp_path, company.admin, company.tenant.id)


async def define(desk: Desk, **specs: Mapping[str, Any]) -> None:
    async with desk.writing() as work:
        for key, spec in specs.items():
            await fields.define(work, CUSTOMER, key, FieldSpec.model_validate(spec))


async def define_every(desk: Desk) -> None:
    specs = {
        key: {"type": type_, "label": {"zh": label}, **rules}
        for key, (type_, label, rules, _, _) in EVERY.items()
    }
    await define(desk, **specs, yield_=FORMULA)


async def a_page_makes(desk: Desk, name: str, phone: str, **more: Any) -> Customer:
    async with desk.writing() as work:
        return await create(work, CustomerIn(name=name, phone=phone, **more))


async def called(desk: Desk, name: str) -> Customer:
    async with desk.database.reading() as session:
        return (await session.scalars(select(Customer).where(Customer.name == name))).one()


async def kept(desk: Desk, customer: Customer) -> list[Any]:
    """All that is kept of a customer's own values."""
    async with desk.database.reading() as session:
        values = await session.execute(
            select(FieldValue.field, FieldValue.place, FieldValue.text, FieldValue.number)
            .where(FieldValue.record_id == customer.id)
            .order_by(FieldValue.field, FieldValue.place)
        )
        texts = await session.execute(
            select(CustomerText.source, CustomerText.texts).where(
                CustomerText.customer_id == customer.id
            )
        )
        found_by = await session.scalar(
            select(CustomerSearch.asides).where(CustomerSearch.customer_id == customer.id)
        )
        return [customer.custom, sorted(map(tuple, values)), sorted(map(tuple, texts)), found_by]


def a_book(path: Path, header: list[str], *rows: list[Any]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        day, clock = ({"num_format": form} for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        formats = {date: book.add_format(day), datetime: book.add_format(clock)}
        for at, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                if type(cell) in formats:
                    sheet.write_datetime(at, column, cell, formats[type(cell)])
                else:
                    sheet.write(at, column, cell)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_cell_of_every_type_is_kept_as_if_a_page_had_sent_it(
    desk: Desk, company: Company, tmp_path: Path, kind: str
) -> None:
    await define_every(desk)
    hongxing = await a_page_makes(desk, "红星商店", "13900000001")
    ids = {"wang": company.wang.id, "team": company.team.id, "hongxing": hongxing.id}
    custom = {
        key: ids.get(value, value) if isinstance(value, str) else value
        for key, (*_, value) in EVERY.items()
    }
    by_page = await a_page_makes(desk, "页面超市", "13900000002", custom=custom)
    header = ["名称", "电话", *(label for _, label, *_ in EVERY.values())]
    row = ["表格超市", "13900000003", *(cell for *_, cell, _ in EVERY.values())]
    if kind == "xlsx":
        path = a_book(tmp_path / "客户.xlsx", header, row)
    else:
        cells = [f'"{one!s}"' for one in row]
        path = a_sheet(tmp_path, "\n".join([",".join(header), ",".join(cells)]))
    report = await desk.take_in(path, Wishes())
    assert (report.created, report.errors) == (1, []), [one.reasons for one in report.errors]
    assert report.batch.mapping["custom.area"] == 4
    by_sheet = await called(desk, "表格超市")
    assert by_sheet.custom["yield_"] == "361.5"
    assert await kept(desk, by_sheet) == await kept(desk, by_page)


async def test_each_cell_that_is_wrong_has_its_sentence(desk: Desk, tmp_path: Path) -> None:
    await define_every(desk)
    await define(desk, boss={"type": "text", "label": {"zh": "老板"}, "required": True})
    bad = {
        "面积": "很大", "收银台": "3.5", "年采购": "9 EUR", "口碑": "6", "开业": "去年",
        "询价": "昨天",
        "连锁": "也许", "仓库": "露天", "前台": "没有", "采购邮箱": "无", "网站": "无",
        "档案码": "码",
        "商圈": "一/二/三/四/五", "协助人": "没有这人", "归口": "没有", "总店": "没有",
        "标签": "没有",
    }  # fmt: skip
    header, cells = ["名称", "电话", "等级", *bad], ["华联", "13900000001", "E", *bad.values()]
    report = await desk.take_in(
        a_sheet(tmp_path, f"{','.join(header)}\n{','.join(cells)}\n"), Wishes()
    )
    (error,) = report.errors
    told = reasons_of(error, "zh").split("；")
    assert len(told) == len(bad) + 1  # the level, too
    for title in bad:
        assert any(title in one for one in told), title
    header[2:3], cells[2:3] = [], []
    report = await desk.take_in(
        a_sheet(tmp_path, f"{','.join(header)}\n{','.join(cells)}\n"), Wishes()
    )
    told = reasons_of(report.errors[0], "zh").split("；")
    assert len(told) == len(bad) + 1 and "请填写「老板」" in told
    assert "“面积”" in reasons_of(report.errors[0], "en")


async def some_tags(desk: Desk) -> dict[str, str]:
    """Two groups, one for a single tag; ids by name."""
    ids = {}
    async with desk.writing() as work:
        groups = {"特点": False, "规模": True, "仓储": True}
        for group, is_single in groups.items():
            made = await tags.make_group(work, GroupIn(name=group, is_single=is_single))
            names = {"特点": ("学校周边", "社区"), "规模": ("大", "小"), "仓储": ("大",)}[group]
            for name in names:
                tag = await tags.make_tag(work, TagIn(group_id=made.id, name=name))
                ids[f"{group}:{name}"] = tag.id
    return ids


async def tags_of(desk: Desk, customer: Customer) -> set[str]:
    async with desk.database.reading() as session:
        found = await session.scalars(
            select(Tag.name)
            .join(CustomerTag, CustomerTag.tag_id == Tag.id)
            .where(CustomerTag.customer_id == customer.id)
        )
        return set(found)


async def test_an_update_keeps_what_a_blank_cell_does_not_say_and_an_undo_takes_it_back(
    desk: Desk, tmp_path: Path
) -> None:
    await define_every(desk)
    ids = await some_tags(desk)
    there = await a_page_makes(
        desk, "华联超市", "13900000001",
        custom={"area": "10", "tills": 2, "sign": "旧招牌", "rooms": ["wet"]},
        tags=[ids["特点:社区"], ids["规模:小"]],
    )  # fmt: skip
    before = await everything(desk.database), await kept(desk, there)
    text = "名称,面积,收银台,招牌,房间,标签\n华联超市,20,,新招牌,,学校周边、规模：大\n"
    report = await desk.take_in(a_sheet(tmp_path, text), Wishes(mode="update"))
    assert report.counts == {"updated": 1}, [one.reasons for one in report.errors]
    now = await called(desk, "华联超市")
    assert now.custom == {
        "area": "20", "tills": 2, "sign": "新招牌", "rooms": ["wet"], "yield_": "40",
    }  # fmt: skip
    assert await tags_of(desk, now) == {"社区", "学校周边", "大"}
    async with desk.database.reading() as session:
        told = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == now.id).order_by(AuditEntry.id)
        )
        changes = {entry.action: entry.change for entry in told}
    assert changes["customer.edited"]["custom.area"] == ["10", "20"]
    assert changes["customer.tagged"]["tags"][1] == ["社区", "学校周边", "大"]
    again = await desk.take_in(a_sheet(tmp_path, text, "再次.csv"), Wishes(mode="update"))
    assert again.counts == {"same": 1}
    await desk.undo(report.batch.id)
    there = await called(desk, "华联超市")
    assert (await everything(desk.database), await kept(desk, there)) == before
    assert await tags_of(desk, there) == {"社区", "小"}


async def test_an_undo_keeps_a_value_and_a_tag_that_somebody_gave_since(
    desk: Desk, tmp_path: Path
) -> None:
    await define_every(desk)
    ids = await some_tags(desk)
    await a_page_makes(desk, "华联超市", "13900000001", tags=[ids["规模:小"]])
    text = "名称,电话,面积,标签\n华联超市,,20,规模:大\n红星商店,13900000002,30,社区\n"
    report = await desk.take_in(a_sheet(tmp_path, text), Wishes(mode="upsert"))
    assert report.counts == {"updated": 1, "created": 1}
    hualian, hongxing = await called(desk, "华联超市"), await called(desk, "红星商店")
    async with desk.writing() as work:
        await tagging.tag(work, hongxing.id, [ids["特点:学校周边"]], [])
        await tagging.tag(work, hualian.id, [ids["规模:小"]], [])
    undone = await desk.undo(report.batch.id)
    assert (undone.counts["restored"], undone.counts["kept"]) == (1, 1)
    assert (await called(desk, "华联超市")).custom == {}
    assert await tags_of(desk, hualian) == {"小"}
    assert await tags_of(desk, hongxing) == {"学校周边", "社区"}


async def test_a_tag_of_the_import_goes_with_its_customer(desk: Desk, tmp_path: Path) -> None:
    await define_every(desk)
    await some_tags(desk)
    before = await everything(desk.database)
    text = "名称,电话,面积,标签\n华联超市,13900000001,20,规模:小,\n"
    report = await desk.take_in(a_sheet(tmp_path, text), Wishes())
    assert (await desk.undo(report.batch.id)).counts["removed"] == 1
    assert await everything(desk.database) == before
    async with desk.database.reading() as session:
        for table in (CustomerTag, FieldValue, CustomerText):
            assert (await session.scalars(select(table))).all() == []


async def test_what_is_not_his_to_fill_in_is_no_column_for_who_imports(
    desk: Desk, tmp_path: Path
) -> None:
    level = FieldLevel.READ.name
    access = {"admin": {"owned": level, "pool": level}}
    await define(
        desk,
        margin={"type": "number", "label": {"zh": "毛利"}, "access": access},
        area={"type": "number", "label": {"zh": "面积"}},
    )
    path = a_sheet(tmp_path, "名称,电话,毛利,面积\n华联,13900000001,3,20\n")
    report = await desk.take_in(path, Wishes())
    assert report.batch.mapping == {"name": 0, "phone": 1, "custom.area": 3}
    assert (await called(desk, "华联")).custom == {"area": "20"}
    with pytest.raises(ColumnUnknown):
        await desk.take_in(path, Wishes(mapping={"name": 0, "phone": 1, "custom.margin": 2}))


async def test_a_column_is_remembered_until_its_field_is_archived(
    desk: Desk, tmp_path: Path
) -> None:
    await define(desk, area={"type": "number", "label": {"zh": "面积"}})

    async def brought(name: str) -> Report:
        text = f"单位,电话,大小\n{name},1390000{len(name):04d},20\n"
        mapping = {"name": 0, "phone": 1, "custom.area": 2} if name == "一" else None
        return await desk.take_in(a_sheet(tmp_path, text, f"{name}.csv"), Wishes(mapping))

    await brought("一")
    again = await brought("二二")
    assert (again.batch.mapped_by, again.batch.mapping["custom.area"]) == ("remembered", 2)
    async with desk.writing() as work:
        await fields.archive(work, CUSTOMER, "area", 1, archived=True)
    assert (await brought("三三三")).batch.mapping == {"name": 0, "phone": 1}
