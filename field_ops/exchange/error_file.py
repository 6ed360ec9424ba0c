"""The rows that were not imported, as a file to mend and import again."""

import csv
from collections.abc import Sequence
from pathlib import Path

from .customer_rows import RowError
from .tables import Cell, cell_text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def write_errors(path: Path, header: Sequence[Cell], errors: Sequence[RowError]) -> None:
    """Row number, reasons, then the cells as they were. UTF-8 with the mark that Excel needs."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["行号", "原因", *map(harmless, header)])
        for error in errors:
            table.writerow(
                [error.number, harmless("；".join(error.reasons)), *map(harmless, error.cells)]
            )


def harmless(cell: Cell) -> str:
    """As text: a cell that begins with one of = + - @ would be run by whoever opens the file."""
    text = cell_text(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text
