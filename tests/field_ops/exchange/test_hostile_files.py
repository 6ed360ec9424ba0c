"""Whatever file comes, the import reads it or says in a sentence why not, and keeps its memory."""

import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from field_ops.errors import Refusal
from field_ops.exchange.columns import find_header
from field_ops.exchange.customer_rows import read_row
from field_ops.exchange.tables import read_table

EACH = 40  # files of a kind
HEADER = ["客户名称", "电话", "等级", "经度", "纬度", "备注"]
CELLS = [
    "华联超市",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t",
    "1.38E+10",
    "13800138000",
    "",
    "-",
    "\u202e红星",
    "\U0001f600",
    "a" * 3000,
    "NaN",
    "1e999",
    "2026-13-45",
    '"',
    "'",
    "\r\n",
    "<b>",
    "\ufeff",
    "𠮷",
]
Dice = random.Random


def some_cells(dice: Dice, most: int = 8) -> list[str]:
    return [dice.choice(CELLS) for _ in range(dice.randint(0, most))]


def wrongly_encoded(path: Path, dice: Dice) -> None:
    text = "\n".join(",".join(some_cells(dice)) for _ in range(20))
    encoding = dice.choice(["gb18030", "utf-16", "utf-16-be", "utf-7", "utf-32", "utf-8", "cp037"])
    raw = bytearray((",".join(HEADER) + "\n" + text).encode(encoding, "replace"))
    for _ in range(dice.randint(0, 5)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    path.write_bytes(raw)


def noise(path: Path, dice: Dice) -> None:
    start = dice.choice(
        [b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"%PDF"]
    )
    path.write_bytes(start + dice.randbytes(dice.randint(0, 5000)))


def a_sheet(path: Path, dice: Dice) -> None:
    """Formulas, merged cells, wrong types, a title above, columns named twice."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, dice.randint(1, 3), 5, "客户资料")
        sheet.write_row(4, 0, dice.sample(HEADER * 2, 8))
        for row in range(5, 15):
            for column in range(8):
                cell = dice.choice([*CELLS, 1.5, True, 10**20, -0.0])
                if dice.random() < 0.2:
                    sheet.write_formula(row, column, "=A1/0", None, dice.choice(["#DIV/0!", 3]))
                else:
                    sheet.write(row, column, cell)
        if dice.random() < 0.5:
            sheet.merge_range(20, 0, 25, 3, "合并")


def a_thousand_columns(path: Path, dice: Dice) -> None:
    names = [f"列{number}" for number in range(dice.randint(1000, 3000))] + HEADER
    row = ",".join("1" for _ in names)
    path.write_text("\n".join([",".join(names), *[row] * 20]), "utf-8")


def a_bomb(path: Path, dice: Dice) -> None:
    """Small on the disk, huge in the memory; or cells that lie far from each other."""
    far = f'<c r="A1"/><c r="XFD{dice.randint(500_000, 1_048_576)}"/>'.encode()
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        if dice.random() < 0.5:
            sheet.write(far)
        else:
            for _ in range(270):
                sheet.write(bytes(1 << 20))


def a_broken_sheet(path: Path, dice: Dice) -> None:
    a_sheet(path, dice)
    raw = bytearray(path.read_bytes())
    for _ in range(dice.randint(1, 30)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    path.write_bytes(raw[: dice.randint(len(raw) // 2, len(raw))])


def read(path: Path) -> None:
    table = read_table(path)
    at, columns = find_header(table)
    for row in table[at + 1 :]:
        read_row(row, columns)


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (wrongly_encoded, EACH),
        (noise, EACH),
        (a_sheet, EACH),
        (a_thousand_columns, EACH // 4),
        (a_bomb, EACH // 10),
        (a_broken_sheet, EACH),
    ],
)
def test_a_hostile_file_is_read_or_refused(
    tmp_path: Path, make: Callable[[Path, Dice], None], count: int
) -> None:
    path = tmp_path / "hostile"
    for seed in range(count):
        make(path, random.Random(seed))
        try:
            read(path)
        except Refusal as refusal:
            assert refusal.say("zh") and refusal.say("en"), seed


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    for seed in range(2):
        a_bomb(path, random.Random(seed))
        tracemalloc.start()
        with pytest.raises(Refusal):
            read_table(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 16 << 20, seed
