"""Tables written row by row into a file; memory does not grow with their length."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import xlsxwriter

from .quoting import harmless, is_dangerous
from .tables import Cell

WIDTH = 16  # characters


class Sheet(Protocol):
    """A table in a file. `about` says where it comes from; it stands above the header."""

    def begin(self, about: Sequence[str], header: Sequence[str]) -> None: ...

    def add(self, rows: Iterable[Sequence[Cell]]) -> None: ...

    def close(self) -> None:
        """Finish the file. Without it the file is not complete."""
        ...


class CsvSheet:
    """UTF-8 with the mark that Excel needs; dangerous cells are quoted with an apostrophe."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._table = csv.writer(self._file)

    def begin(self, about: Sequence[str], header: Sequence[str]) -> None:
        self._table.writerow([harmless("  ".join(about))])
        self._table.writerow(header)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._table.writerows([harmless(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class XlsxSheet:
    """Excel. Text is written as text; what looks like a formula stays text when it is edited."""

    def __init__(self, path: Path, title: str, about_title: str) -> None:
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._table = self._book.add_worksheet(title)
        self._about = self._book.add_worksheet(about_title)
        self._row = 0

    def begin(self, about: Sequence[str], header: Sequence[str]) -> None:
        self._table.set_column(0, len(header) - 1, WIDTH)
        self._table.set_footer("&L" + "  ".join(about).replace("&", "&&")[:200])
        self._table.write_string(0, 0, "  ".join(about))
        for column, title in enumerate(header):
            self._table.write_string(1, column, title, self._bold)
        self._table.freeze_panes(2, 1)
        self._row = 2
        self._about.set_column(0, 0, 80)
        for row, line in enumerate(about):
            self._about.write_string(row, 0, line)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._row += 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, float | int):
            self._table.write_number(self._row, column, cell)
        elif isinstance(cell, str) and cell:
            quoted = self._quoted if is_dangerous(cell) else None
            self._table.write_string(self._row, column, cell, quoted)

    def close(self) -> None:
        self._book.close()
