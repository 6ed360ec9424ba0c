"""Files that wish an import ill, each made from a number alone.

    python -m tests.field_ops.exchange.hostile [files, default 10000]

reads that many of them one after the other and says what became of them, how long the slowest took
and how large the process grew. Every file is read, or refused with a sentence; all else is a bug.
"""

import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

from field_ops.errors import Refusal
from field_ops.exchange.columns import guess
from field_ops.exchange.customer_rows import as_change, as_new, read_row
from field_ops.exchange.import_actions import look_at
from field_ops.exchange.tables import read_table

HEADER = [
    "客户名称",
    "电话",
    "等级",
    "经度",
    "纬度",
    "坐标系",
    "负责人",
    "备注",
    "地区",
    "外部编号",
]
CELLS = [
    "华联超市", "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "\t", "1.38E+10", "13800138000", "", "-",
    "\u202e红星", "\U0001f600", "a" * 3000, "NaN", "1e999", "2026-13-45", '"', "'", "\r\n", "<b>",
    "\ufeff", "𠮷", "A（重点客户）", "湖北省/武汉市/", "GCJ02", "114.3", "-999", "‮", "٣٤", "①②",
    "0" * 400, "１３８００１３８０００", "+86 138-0013-8000", "/////", "是", "\x7f", "É" * 70,
]  # fmt: skip
Dice = random.Random


def some_cells(dice: Dice, most: int = 12) -> list[str]:
    return [dice.choice(CELLS) for _ in range(dice.randint(0, most))]


def wrongly_encoded(path: Path, dice: Dice) -> None:
    text = "\n".join(",".join(some_cells(dice)) for _ in range(20))
    encoding = dice.choice(
        ["gb18030", "big5", "shift-jis", "utf-16", "utf-16-be", "utf-7", "utf-32", "utf-8", "cp037"]
    )
    raw = bytearray((",".join(HEADER) + "\n" + text).encode(encoding, "replace"))
    for _ in range(dice.randint(0, 5)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    path.write_bytes(raw)


def noise(path: Path, dice: Dice) -> None:
    start = dice.choice(
        [b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"%PDF", b"{", b"\0",
         b"<html><table><tr><td>", b"\x89PNG", b"\x1f\x8b", b"7z\xbc\xaf"]
    )  # fmt: skip
    path.write_bytes(start + dice.randbytes(dice.randint(0, 5000)))


def quotes(path: Path, dice: Dice) -> None:
    """A text in which quotation marks, separators and line ends come as they like."""
    signs = ['"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "\0", "客户名称", "13800138000", "\x0b"]
    path.write_text("".join(dice.choices(signs, k=dice.randint(1, 4000))), "utf-8", newline="")


def a_long_cell(path: Path, dice: Dice) -> None:
    """One cell of megabytes, or one line of them."""
    body = dice.choice(["a", "华", "a,", '"a",']) * dice.randint(10_000, 300_000)
    path.write_text(f"客户名称,电话\n{body}\n", "utf-8")


def many_rows(path: Path, dice: Dice) -> None:
    line = dice.choice(["\n", ",,,\n", "店,1\n", " \n", "\t\n"])
    path.write_text("客户名称,电话\n" + line * dice.randint(1000, 120_000), "utf-8")


def a_sheet(path: Path, dice: Dice) -> None:
    """Formulas, merged cells, wrong types, a title above, columns named twice."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, dice.randint(1, 3), 5, "客户资料")
        sheet.write_row(4, 0, dice.sample(HEADER * 2, 12))
        for row in range(5, 15):
            for column in range(12):
                cell = dice.choice([*CELLS, 1.5, True, 10**20, -0.0, 138001380000000])
                if dice.random() < 0.2:
                    sheet.write_formula(row, column, "=A1/0", None, dice.choice(["#DIV/0!", 3]))
                else:
                    sheet.write(row, column, cell)
        if dice.random() < 0.5:
            sheet.merge_range(20, 0, 25, 3, "合并")
        for _ in range(dice.choice([0, 0, 0, 30])):
            book.add_worksheet()


def a_thousand_columns(path: Path, dice: Dice) -> None:
    names = [f"列{number}" for number in range(dice.randint(1000, 3000))] + HEADER
    if dice.random() < 0.5:
        dice.shuffle(names)
    row = ",".join("1" for _ in names)
    path.write_text("\n".join([",".join(names), *[row] * 20]), "utf-8")


def a_bomb(path: Path, dice: Dice) -> None:
    """Small on the disk, huge in the memory; or cells that lie far from each other."""
    far = f'<c r="A1"/><c r="XFD{dice.randint(500_000, 1_048_576)}"/>'.encode()
    part = dice.choice(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        book.open(part, "w") as sheet,
    ):
        if dice.random() < 0.5:
            sheet.write(far)
        else:
            for _ in range(270):
                sheet.write(bytes(1 << 20))


def an_xml_bomb(path: Path, dice: Dice) -> None:
    """Entities of entities, parts that are missing, sizes that lie, a thousand parts."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(dice.randint(1, 9)))
    sheet = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
        f'<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr">'
        f"<is><t>&e{dice.randint(0, 9)};</t></is></c></row></sheetData></worksheet>"
    )
    with zipfile.ZipFile(path, "w") as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            if dice.random() < 0.7:
                book.writestr(name, "<x/>")
        book.writestr("xl/worksheets/sheet1.xml", sheet)
        for number in range(dice.choice([0, 0, 0, 1200])):
            book.writestr(f"xl/media/{number}", b"")
        if dice.random() < 0.2:
            book.writestr("../../../../tmp/out", "x")


def a_broken_sheet(path: Path, dice: Dice) -> None:
    a_sheet(path, dice)
    raw = bytearray(path.read_bytes())
    for _ in range(dice.randint(1, 30)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    path.write_bytes(raw[: dice.randint(len(raw) // 2, len(raw))])


# Kind and weight: what takes long to make is rarer.
KINDS: dict[Callable[[Path, Dice], None], int] = {
    wrongly_encoded: 24, noise: 14, quotes: 14, a_sheet: 14, a_broken_sheet: 16, an_xml_bomb: 8,
    a_thousand_columns: 5, a_long_cell: 2, many_rows: 2, a_bomb: 1,
}  # fmt: skip


def make(path: Path, number: int) -> str:
    """The file of this number; answers its kind."""
    dice = Dice(number)
    (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
    kind(path, dice)
    return kind.__name__


def read(path: Path) -> None:
    """What an import does with a file before it asks the database. Raises a Refusal."""
    sheet = look_at(path)
    columns = guess(sheet.header)
    for row in read_table(path):
        if row.number > sheet.header_row:
            given = read_row(row, columns)
            as_new(given)
            as_change(given)


def outcome(path: Path) -> str:
    try:
        read(path)
    except Refusal as refusal:
        assert refusal.say("zh") and refusal.say("en")
        return refusal.code
    return "read"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    found: Counter[str] = Counter()
    slowest, began = (0.0, ""), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hostile"
        for number in range(count):
            kind = make(path, number)
            start = time.monotonic()
            found[outcome(path)] += 1
            slowest = max(slowest, (time.monotonic() - start, f"{kind} {number}"))
            if number % 500 == 499:
                told = (
                    f"{number + 1} of {count}, {time.monotonic() - began:.0f} s, {memory_mb()} MB"
                )
                print(told, file=sys.stderr)
    for code, files in found.most_common():
        print(f"{files:6} {code}")
    print(f"slowest {slowest[0]:.1f} s ({slowest[1]}), largest memory {memory_mb()} MB")


def memory_mb() -> int:
    # Not from getrusage: that one also counts what the parent was before it became us.
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
