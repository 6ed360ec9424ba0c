"""Cells that a spreadsheet program would run as formulas, and how they become text and back."""

import unicodedata

from .tables import Cell, cell_text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def is_dangerous(text: str) -> bool:
    """Whether a program might run it: it begins with one of = + - @, also in full width."""
    return unicodedata.normalize("NFKC", text[:1]).startswith(DANGEROUS)


def harmless(cell: Cell) -> str:
    """As text: an apostrophe stands before what would be run by whoever opens the file.

    One more stands before what looks as if it had been quoted, so that `unquoted` gives back
    exactly what there was.
    """
    text = cell_text(cell)
    return f"'{text}" if is_dangerous(text.lstrip("'")) else text


def unquoted(cell: Cell) -> Cell:
    """A cell as it was before `harmless`."""
    if isinstance(cell, str):
        text = cell.strip()
        if text.startswith("'") and is_dangerous(text.lstrip("'")):
            return text[1:]
    return cell
