"""The rows that were not imported, as a file to mend and import again."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..texts import Text
from .columns import TITLES, guess
from .customer_rows import RowError
from .import_models import ImportBatch, ImportRow
from .import_terms import Outcome
from .quoting import harmless
from .tables import Cell, cell_text, read_table

ROW = Text("行号", "Row")
REASON = Text("原因", "Reason")
BETWEEN = Text("；", "; ")
LISTED: tuple[Outcome, ...] = ("wrong", "doubtful", "skipped")


async def listed_rows(
    session: AsyncSession, batch: ImportBatch, after: int = 0, most: int | None = None
) -> Sequence[ImportRow]:
    """The rows of the last check or run that were not taken, in the order of the file."""
    found = await session.scalars(
        select(ImportRow)
        .where(
            ImportRow.tenant_id == batch.tenant_id,
            ImportRow.batch_id == batch.id,
            ImportRow.run == batch.run,
            ImportRow.outcome.in_(LISTED),
            ImportRow.number > after,
        )
        .order_by(ImportRow.number)
        .limit(most)
    )
    return found.all()


def with_cells(path: Path, rows: Iterable[ImportRow]) -> list[RowError]:
    """These rows with their cells, read from the file again: call it in a thread."""
    cells = {row.number: row.cells for row in read_table(path)}
    return [
        RowError(
            row.number,
            tuple(Text(*pair) for pair in row.reasons),
            cells.get(row.number, ()),
            row.outcome == "doubtful",
        )
        for row in rows
    ]


def write_errors(
    path: Path, header: Sequence[Cell], errors: Sequence[RowError], language: str
) -> None:
    """Row number, reasons, then the cells as they were. UTF-8 with the mark that Excel needs.

    Where rows may be somebody who is there already, a column stands before the cells in which to
    say that one is not, unless the file has it.
    """
    asks = any(error.is_doubtful for error in errors) and "is_another" not in guess(
        [cell_text(cell) for cell in header]
    )
    more = [TITLES["is_another"].say(language)] if asks else []
    blank = [""] * len(more)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([ROW.say(language), REASON.say(language), *more, *map(harmless, header)])
        for error in errors:
            reasons = harmless(reasons_of(error, language))
            table.writerow([error.number, reasons, *blank, *map(harmless, error.cells)])


def reasons_of(error: RowError, language: str) -> str:
    """Everything that is wrong with the row, in one line."""
    return BETWEEN.say(language).join(reason.say(language) for reason in error.reasons)
