"""Exports: what the asker may see and no more, in a file that harms nobody and can come back."""

import csv
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select

from field_ops.customers.actions import create
from field_ops.customers.filters import CustomerFilter
from field_ops.customers.models import Contact, Customer, CustomerLocation
from field_ops.customers.schemas import ContactIn, CustomerIn, LocationIn
from field_ops.db import Database, new_id
from field_ops.exchange.customer_cells import OwnColumns, Style, header, rows_after
from field_ops.exchange.export_files import Order, write_file
from field_ops.exchange.quoting import harmless, unquoted
from field_ops.exchange.tables import read_table
from field_ops.people.models import Member
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, work_as
from tests.field_ops.exchange.desk import run

FORMATS = pytest.mark.parametrize("format_", ["csv", "xlsx"])


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who writes exports into a folder."""

    database: Database
    member: Member
    folder: Path

    async def export(self, format_: str, *, language: str = "zh", masks: bool = False) -> Path:
        path = self.folder / f"customers.{format_}"
        at = TUESDAY_MORNING.astimezone(ZoneInfo("Asia/Shanghai"))
        style = Style(language, masks_phones=masks)
        order = Order(CustomerFilter(), style, format_, self.member.name, at)
        await write_file(path, order, self.reading, nothing)
        return path

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        async with self.database.reading() as session:
            yield work_as(session, self.member)


async def nothing(_done: int) -> None: ...


def cells(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


WHOLE = CustomerIn(
    name="武汉华联超市有限公司",
    type="store",
    phone="13800138000",
    credit_code="91350100M000100Y43",
    email="zhang@hualian.example",
    level="A",
    place_class="mall",
    city="武汉",
    address="江岸区中山路 128 号",
    source="展会",
    note="=HYPERLINK(\"http://evil.example\")",
    location=LocationIn(lat=30.590441, lng=114.310985, datum="GCJ02"),
    contacts=[ContactIn(name="张经理", title="采购", phone="+86 139 0013 9000", is_main=True)],
)  # fmt: skip
PERSON = CustomerIn(name="+王先生", customer_kind="person", phone="13700137000", source="导入")
IMPORTED_TOO = (
    "name", "customer_kind", "type", "phone", "credit_code", "email", "level", "place_class",
    "city", "address", "source", "note", "is_branch",
)  # fmt: skip


async def whole(database: Database, tenant_id: int) -> list[dict[str, Any]]:
    """What an import can bring back, without ids and times."""
    async with database.reading() as session:
        rows = await session.scalars(
            select(Customer).where(Customer.tenant_id == tenant_id).order_by(Customer.name)
        )
        found = []
        for row in rows:
            contacts = await session.execute(
                select(Contact.name, Contact.title, Contact.phone).where(
                    Contact.tenant_id == tenant_id, Contact.customer_id == row.id
                )
            )
            places = await session.execute(
                select(
                    CustomerLocation.original_lat,
                    CustomerLocation.original_lng,
                    CustomerLocation.datum,
                ).where(
                    CustomerLocation.tenant_id == tenant_id, CustomerLocation.customer_id == row.id
                )
            )
            found.append(
                {
                    **{name: getattr(row, name) for name in IMPORTED_TOO},
                    "contacts": [tuple(one) for one in contacts],
                    "places": [tuple(one) for one in places],
                }
            )
        return found


@FORMATS
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_was_exported_can_be_imported_again(
    database: Database, company: Company, tmp_path: Path, format_: str, language: str
) -> None:
    async with database.writing() as session:
        for new in (WHOLE, PERSON):
            await create(work_as(session, company.admin), new)
        other = await a_company(session, "另一家", connection="other")
    path = await Desk(database, company.admin, tmp_path).export(format_, language=language)
    report = await run(database, other.admin, path)
    assert ([one.reasons for one in report.errors], report.created) == ([], 2)
    assert await whole(database, other.tenant.id) == await whole(database, company.tenant.id)


@FORMATS
async def test_it_has_what_the_asker_may_see_and_says_who_he_is(
    database: Database, company: Company, tmp_path: Path, format_: str
) -> None:
    async with database.writing() as session:
        await a_customer(work_as(session, company.lilei), "华联超市", phone="13800138000")
        await a_customer(work_as(session, company.admin), "新华书店")
        stranger = await a_company(session, "另一家", connection="other")
        await a_customer(work_as(session, stranger.admin), "红星")
    path = await Desk(database, company.wang, tmp_path).export(format_, masks=True)
    about, titles, *rows = cells(path)
    assert "导出人：王主管" in about[0] and "2026-03-10 09:30" in about[0]
    assert [dict(zip(titles, row, strict=False))["客户名称"] for row in rows] == ["华联超市"]
    assert dict(zip(titles, rows[0], strict=False))["负责人"] == "李雷"


async def test_who_may_not_have_phones_gets_no_row_with_them(
    database: Database, company: Company, tmp_path: Path
) -> None:
    async with database.writing() as session:
        await a_customer(work_as(session, company.lilei), phone="13800138000")
    path = await Desk(database, company.wang, tmp_path).export("csv", masks=False)
    assert "13800138000" not in path.read_text("utf-8-sig")


async def test_what_a_field_hides_is_hidden_in_the_file_too(
    database: Database, company: Company, tmp_path: Path
) -> None:
    """A role of the company's own that may export everything, and shall not read notes."""
    role = {
        "title": "x", "permissions": ["customers.view", "customers.export"],
        "scopes": {"customers": {"scope": "ALL"}},
        "fields": {"note": {"owned": "HIDDEN"}, "address": {"owned": "MASKED"}},
    }  # fmt: skip
    async with database.writing() as session:
        work = work_as(session, company.lilei)
        await a_customer(work, note="只有老板知道", address="江岸区中山路 128 号")
    async with database.reading() as session:
        work = work_as(session, company.hanmeimei)
        made = (("own", orjson.dumps(role).decode()),)
        actor = replace(work.actor, roles=frozenset({"own"}), made_roles=made)
        style = Style("zh", masks_phones=True)
        _, (row,) = await rows_after(replace(work, actor=actor), "", [], style, OwnColumns(), 10)
    cells_ = dict(zip(header(style, OwnColumns()), row, strict=True))
    assert (cells_["备注"], cells_["地址"]) == ("", "江岸区" + "*" * 9)


async def test_masked_phones_are_nowhere_in_the_file(
    database: Database, company: Company, tmp_path: Path
) -> None:
    async with database.writing() as session:
        note = "老板手机 138 0013 8000，座机 027-85551234"
        await create(
            work_as(session, company.lilei),
            WHOLE.model_copy(update={"note": note, "phone": "13800138000/027-85551234"}),
        )
    path = await Desk(database, company.wang, tmp_path).export("csv", masks=True)
    text = path.read_text("utf-8-sig")
    digits = "".join(filter(str.isdigit, text))
    assert "138****8000/027****1234" in text and "139****9000" in text
    assert not any(number in digits for number in ("13800138000", "13900139000", "85551234"))


@FORMATS
@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\uff1d", "\uff0b"])
async def test_no_cell_is_run_by_whoever_opens_the_file(
    database: Database, company: Company, tmp_path: Path, format_: str, begin: str
) -> None:
    name = f"{begin}cmd|' /C calc'!A0"
    async with database.writing() as session:
        await a_customer(work_as(session, company.lilei), name)
    path = await Desk(database, company.admin, tmp_path).export(format_)
    if format_ == "csv":
        assert f"'{name}" in cells(path)[2]
        assert all(not cell.startswith(begin) for row in cells(path) for cell in row)
    else:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        assert name in sheet.to_python(skip_empty_area=False)[2]
        assert b"<f>" not in b"".join(path_parts(path))


def path_parts(path: Path) -> list[bytes]:
    from zipfile import ZipFile

    with ZipFile(path) as book:
        return [book.read(part) for part in book.namelist()]


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'", "'quoted'", "it's", "+86 138", "-", ""])
def test_a_quoted_cell_comes_back_as_it_was(text: str) -> None:
    assert unquoted(harmless(text)) == text


async def test_memory_does_not_grow_with_the_rows(
    database: Database, company: Company, tmp_path: Path
) -> None:
    await many_customers(database, company, 5_000)
    desk = Desk(database, company.admin, tmp_path)
    await desk.export("xlsx")  # what is made once and kept is not counted
    tracemalloc.start()
    path = await desk.export("xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000
    assert len(read_table(path)) == 5_002


async def many_customers(database: Database, company: Company, count: int) -> None:
    """Quickly; they cannot be looked up."""
    async with database.writing() as session:
        rows = [
            {
                "tenant_id": company.tenant.id,
                "id": new_id(),
                "number": f"C-{number:06d}",
                "name": f"客户{number}",
                "full_name_key": f"客户{number}",
                "core_name": f"客户{number}",
                "phone": f"138{number:08d}",
                "owner_id": company.lilei.id,
                "created_at": TUESDAY_MORNING,
                "updated_at": TUESDAY_MORNING,
            }
            for number in range(count)
        ]
        await session.execute(insert(Customer), rows)
