"""`waiqin import customers` says what is wrong in the language that is asked for."""

import asyncio
from pathlib import Path

import pytest

from field_ops.db import Database
from field_ops.settings import Settings
from field_ops.tenants.models import Tenant
from tests.commands import waiqin
from tests.conftest import TUESDAY_MORNING


async def found_a_company(folder: Path) -> None:
    database = Database(Settings(data_dir=folder).async_database_url)
    async with database.writing() as session:
        session.add(Tenant(name="海明商贸", zone="Asia/Shanghai", created_at=TUESDAY_MORNING))
    await database.close()


@pytest.fixture
def sheet(folder: Path) -> Path:
    """Two rows, one of them wrong, and a company to import them into."""
    asyncio.run(found_a_company(folder))
    path = folder / "customers.csv"
    path.write_text("名称,电话\n华联超市,13800138000\n红星,\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "row", "total", "first"),
    [
        (
            [],
            "第 3 行：还差电话或位置",
            "共 2 行：新建 1，更新 0，无变化 0，跳过 0，疑似重复 0，有误 1",
            "行号,原因",
        ),
        (
            ["--language", "en"],
            "row 3: A phone or a location is missing",
            "2 rows: 1 to create, 0 to update, 0 unchanged, 0 skipped, 0 doubtful, 1 wrong",
            "Row,Reason",
        ),
    ],
)
def test_the_report_and_the_error_file_are_in_one_language(
    sheet: Path, language: list[str], row: str, total: str, first: str
) -> None:
    mended = sheet.with_name("errors.csv")
    code, said, _ = waiqin(
        sheet.parent, "import", "customers", str(sheet), "--errors", str(mended), *language
    )
    assert (code, row in said, total in said) == (1, True, True)
    assert mended.read_text("utf-8-sig").startswith(first)


def test_a_file_that_is_no_table_is_refused_in_that_language(sheet: Path) -> None:
    sheet.write_bytes(b"\xd0\xcf\x11\xe0")
    code, _, complaint = waiqin(sheet.parent, "import", "customers", str(sheet))
    assert (code, "这是旧版 .xls" in complaint) == (1, True)
    code, _, complaint = waiqin(sheet.parent, "import", "customers", str(sheet), "--language", "en")
    assert (code, "This is an old .xls" in complaint) == (1, True)
