"""Spreadsheet files as rows of cells. A hostile file is refused before it takes the memory."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from .errors import (
    FileMissing,
    FileTooBig,
    FileUnreadable,
    NoTable,
    OldSpreadsheet,
    QuotesUneven,
    TooManyRows,
)

Cell = str | float | int | bool | date | time | timedelta | None

MOST_ROWS = 50_000
SPARE_ROWS = 20  # titles above the header, a blank line or two at the end
MOST_TEXT_MB = 64
MOST_UNPACKED_MB = 256
MOST_PARTS = 1000
# calamine reserves every cell between the corners of a sheet: two far cells could take all memory.
MOST_CELLS = 5_000_000
CELL_ADDRESS = re.compile(rb'<c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; `number` is the one that the spreadsheet program shows."""

    number: int
    cells: tuple[Cell, ...]


def read_table(path: Path) -> list[TableRow]:
    """The rows that are not blank. Raises FileUnreadable, FileTooBig or TooManyRows.

    Takes seconds for a large file: call it in a thread.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as failure:
        raise FileMissing(name=path.name) from failure
    if start.startswith(b"PK"):
        rows = _read_xlsx(path)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise OldSpreadsheet()
    else:
        rows = _read_csv(path)
    return _without_blank(rows)


def cell_text(cell: Cell) -> str:
    """A cell as people see it: 3.0 → 3, blanks trimmed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell == cell and abs(cell) < 1e15 and cell == int(cell):
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _without_blank(rows: Iterator[tuple[Cell, ...]]) -> list[TableRow]:
    kept = []
    for number, cells in enumerate(rows, start=1):
        if any(cell_text(cell) for cell in cells):
            kept.append(TableRow(number, cells))
        if len(kept) > MOST_ROWS + SPARE_ROWS:
            raise TooManyRows(limit=MOST_ROWS)
    return kept


def _read_csv(path: Path) -> Iterator[tuple[Cell, ...]]:
    if path.stat().st_size > MOST_TEXT_MB << 20:
        raise FileTooBig(limit_mb=MOST_TEXT_MB)
    text = _decoded(path.read_bytes())
    delimiter = _delimiter(text)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield tuple(row)
    except csv.Error as failure:
        raise QuotesUneven() from failure


def _decoded(raw: bytes) -> str:
    """UTF-8 is tried first: GB18030 accepts nearly anything, the reverse is rare."""
    is_utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NoTable()


def _delimiter(text: str) -> str:
    """Whichever cuts the first lines most often."""
    first_lines = "\n".join(text.splitlines()[:5])
    return max(",;\t", key=first_lines.count)


def _read_xlsx(path: Path) -> Iterator[tuple[Cell, ...]]:
    try:
        _refuse_bombs(path)
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError, OSError, ValueError) as failure:
        raise FileUnreadable() from failure
    for row in rows:
        yield tuple(row)


def _refuse_bombs(path: Path) -> None:
    """Unpack once without keeping anything: sizes in the file's own directory may lie."""
    left = MOST_UNPACKED_MB << 20
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > left:
            raise FileTooBig(limit_mb=MOST_UNPACKED_MB)
        for part in parts:
            is_sheet = part.filename.startswith("xl/worksheets/")
            rows = columns = 0
            tail = b""
            with archive.open(part) as stream:
                while block := stream.read(STEP):
                    left -= len(block)
                    if left < 0:
                        raise FileTooBig(limit_mb=MOST_UNPACKED_MB)
                    if is_sheet:
                        for column, row in CELL_ADDRESS.findall(tail + block):
                            rows, columns = max(rows, int(row)), max(columns, _column(column))
                        tail = block[-128:]
            if rows * columns > MOST_CELLS:
                raise TooManyRows(limit=MOST_ROWS)


def _column(letters: bytes) -> int:
    """AB → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
