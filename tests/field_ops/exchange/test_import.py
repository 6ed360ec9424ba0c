"""Importing customers: every header people use, every row explained, nothing by halves."""

import csv
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select

from field_ops.customers.lookup import look_up
from field_ops.customers.models import Customer
from field_ops.db import Database
from field_ops.errors import NotAllowed, Refusal
from field_ops.exchange.columns import TITLES, guess
from field_ops.exchange.error_file import reasons_of, write_errors
from field_ops.exchange.errors import (
    FileTooBig,
    FileUnreadable,
    NameColumnMissing,
    NoTable,
    TooManyRows,
)
from field_ops.exchange.tables import MOST_ROWS, MOST_UNPACKED_MB
from tests.factories import Company, work_as
from tests.field_ops.exchange.desk import run

SHEET = "客户名称,电话,等级\n华联超市,13800138000,A\n新华书店,027-85551234,b级\n"


async def stored(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Customer)) or 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_a_text_file_is_read_as_the_spreadsheet_wrote_it(
    database: Database, company: Company, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes(SHEET.replace(",", delimiter).encode(encoding))
    assert (await run(database, company.admin, path)).created == 2


async def test_numbers_of_a_spreadsheet_are_phones_again(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "customers.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["公司名称*", "手机（必填）", "负责人"])
        sheet.write_row(1, 0, ["华联超市", 13800138000, "李雷"])
    assert (await run(database, company.admin, path)).created == 1
    async with database.reading() as session:
        (row,), _ = await look_up(work_as(session, company.lilei), "hlcs")
    assert (row.customer.phone, row.owner_name) == ("13800138000", "李雷")


@pytest.mark.parametrize(
    ("line", "chinese", "english"),
    [
        ("华联,1.38E+10,,,,", "截断", "make the column text"),
        ("华联,123,,,,", "看不懂", "cannot be read"),
        (",13800138000,,,,", "客户名称", "Customer name"),
        ("华联,,,,,", "电话或位置", "A phone or a location"),
        ("华联,13800138000,E,,,", "「等级」不能是“E”，可以填：A、B、C、D", "may be A, B, C, D"),
        ("华联,13800138000,,114.3,30.5,", "坐标系", "Datum"),
        ("华联,13800138000,,114.3,,", "要一起填", "given together"),
        ("华联,13800138000,,,,何人", "不是在职成员", "not an active member"),
        ("华" * 201 + ",13800138000,,,,", "最多 200 个字", "at most 200 characters"),
        ("新华,13800138000,,,,\n红星,13800138000,,,,", "第 2 行", "in row 2"),
    ],
)
async def test_a_bad_row_says_why_and_nothing_is_stored(
    database: Database, company: Company, tmp_path: Path, line: str, chinese: str, english: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        f"名称,电话,等级,经度,纬度,负责人\n{line}\n好店,13900139000\n", encoding="utf-8"
    )
    report = await run(database, company.admin, path)
    assert chinese in reasons_of(report.errors[0], "zh")
    assert english in reasons_of(report.errors[0], "en")
    assert (report.created, await stored(database)) == (0, 0)


async def test_good_rows_are_stored_when_errors_are_skipped(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(SHEET + "坏店,123,\n", encoding="utf-8")
    report = await run(database, company.admin, path, skip=True)
    assert (report.batch.total, report.created, report.errors[0].number) == (3, 2, 4)


async def test_a_dry_run_says_the_same_and_stores_nothing(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(SHEET, encoding="utf-8")
    report = await run(database, company.admin, path, dry_run=True)
    would = report.counts["created"]
    assert (would, report.created, await stored(database)) == (2, 0, 0)


async def test_a_second_import_of_a_file_finds_every_row_there(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(SHEET, encoding="utf-8")
    await run(database, company.admin, path)
    again = await run(database, company.admin, path, skip=True)
    assert (again.created, len(again.errors)) == (0, 2)
    assert "C-000001" in reasons_of(again.errors[0], "zh")


async def test_the_error_file_runs_nothing_when_it_is_opened(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path, mended = tmp_path / "evil.csv", tmp_path / "errors.csv"
    path.write_text("名称,电话\n=HYPERLINK(1),+12\n", encoding="utf-8")
    report = await run(database, company.admin, path)
    write_errors(mended, report.batch.header, report.errors, "zh")
    with mended.open(encoding="utf-8-sig", newline="") as file:
        _, row = csv.reader(file)
    assert (row[0], row[2], row[3]) == ("2", "'=HYPERLINK(1)", "'+12")


@pytest.mark.parametrize(
    ("language", "header", "reason"),
    [
        ("zh", ["行号", "原因", "Name", "Level"], "「等级」不能是“E”，可以填：A、B、C、D"),
        ("en", ["Row", "Reason", "Name", "Level"], "“Level” cannot be “E”; it may be A, B, C, D"),
    ],
)
async def test_the_error_file_is_in_the_language_that_is_asked_for(
    database: Database,
    company: Company,
    tmp_path: Path,
    language: str,
    header: list[str],
    reason: str,
) -> None:
    path, mended = tmp_path / "customers.csv", tmp_path / "errors.csv"
    path.write_text("Name,Level\nHualian,E\n", encoding="utf-8")
    report = await run(database, company.admin, path)
    write_errors(mended, report.batch.header, report.errors, language)
    with mended.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [header, ["2", reason, "Hualian", "E"]]


@pytest.mark.parametrize("field", TITLES)
def test_a_field_is_found_by_the_name_that_we_call_it(field: str) -> None:
    for title in (TITLES[field].zh, TITLES[field].en):
        assert guess((title, "客户名称"))[field] == 0


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", NoTable),
        ("电话\n138\n".encode(), NameColumnMissing),
        (b"PK\x03\x04 not a book", FileUnreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileUnreadable),
        (b"\x00\x01\x02\xff", FileUnreadable),
    ],
)
async def test_a_file_that_is_no_table_is_refused(
    database: Database, company: Company, tmp_path: Path, content: bytes, refusal: type[Refusal]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(refusal):
        await run(database, company.admin, path)


def a_bomb(path: Path, part: str, block: bytes, blocks: int) -> None:
    """An XLSX whose part unpacks to a thousand times what it takes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(part, "w", force_zip64=True) as stream:
            for _ in range(blocks):
                stream.write(block)


def a_lying_bomb(path: Path) -> None:
    """The directory of the file says that the big part has a hundred bytes."""
    a_bomb(path, "xl/sharedStrings.xml", b"\0" * (1 << 20), MOST_UNPACKED_MB + 1)
    raw = path.read_bytes()
    at = raw.rindex(b"PK\x01\x02")  # the directory's entry of the last part: size at offset 24
    path.write_bytes(raw[: at + 24] + (100).to_bytes(4, "little") + raw[at + 28 :])


def two_far_cells(path: Path) -> None:
    cell = b'<row r="%d"><c r="%s%d"><v>1</v></c></row>'
    sheet = b"<worksheet><sheetData>%s</sheetData></worksheet>" % (
        cell % (1, b"A", 1) + cell % (1_048_576, b"XFD", 1_048_576)
    )
    a_bomb(path, "xl/worksheets/sheet1.xml", sheet, 1)


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda path: a_bomb(path, "xl/sharedStrings.xml", b"\0" * (1 << 20), 257), FileTooBig),
        (a_lying_bomb, FileUnreadable),
        (two_far_cells, TooManyRows),
    ],
)
async def test_a_bomb_is_refused_before_it_takes_the_memory(
    database: Database,
    company: Company,
    tmp_path: Path,
    make: Callable[[Path], None],
    refusal: type[Refusal],
) -> None:
    path = tmp_path / "bomb.xlsx"
    make(path)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(refusal):
        await run(database, company.admin, path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20


async def test_one_row_more_than_allowed_is_refused_and_nothing_is_stored(
    database: Database, company: Company, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    lines = (f"店{number},{13_000_000_000 + number}" for number in range(MOST_ROWS + 1))
    path.write_text("名称,电话\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(TooManyRows) as refused:
        await run(database, company.admin, path)
    assert ("50000" in refused.value.say(), await stored(database)) == (True, 0)


async def test_a_rep_may_not_import(database: Database, company: Company, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        await run(database, company.lilei, tmp_path / "none.csv")
