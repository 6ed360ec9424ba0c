"""The rows that were not imported, as a file to mend and import again."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ..texts import Text
from .customer_rows import RowError
from .quoting import harmless
from .tables import Cell

ROW = Text("行号", "Row")
REASON = Text("原因", "Reason")
BETWEEN = Text("；", "; ")


def write_errors(
    path: Path, header: Sequence[Cell], errors: Sequence[RowError], language: str
) -> None:
    """Row number, reasons, then the cells as they were. UTF-8 with the mark that Excel needs."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([ROW.say(language), REASON.say(language), *map(harmless, header)])
        for error in errors:
            reasons = harmless(reasons_of(error, language))
            table.writerow([error.number, reasons, *map(harmless, error.cells)])


def reasons_of(error: RowError, language: str) -> str:
    """Everything that is wrong with the row, in one line."""
    return BETWEEN.say(language).join(reason.say(language) for reason in error.reasons)
