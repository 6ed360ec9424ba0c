"""The JSON of imports."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out
from .import_terms import Key, Mode, Outcome

ImportState = Literal[
    "draft", "checking", "running", "done", "cancelled", "failed", "undoing", "undone"
]


class ImportFileQuery(In):
    """The body is the file itself."""

    name: str = Field(max_length=200, description="How the file is called", examples=["客户.xlsx"])


class ImportSettingsIn(In):
    """What is absent stays as it is. Changing any but the last asks for a new check."""

    mapping: dict[str, int] | None = Field(
        None, max_length=200, description="Field → column, from 0; a field without one is not read"
    )
    mode: Mode | None = None
    key: Key | None = Field(None, description="By what a row's customer is known")
    system: str | None = Field(
        None,
        max_length=100,
        description="Which system gave the external ids; a program whose token has this name "
        "knows the customers by them, too",
        examples=["金蝶"],
    )
    skip_errors: bool | None = Field(None, description="Take in the good rows all the same")


class ImportCounts(Out):
    """How many rows became what; in a check: would become."""

    created: int = 0
    updated: int = 0
    same: int = 0
    skipped: int = 0
    doubtful: int = Field(0, description="New ones that may be somebody who is there already")
    wrong: int = 0
    removed: int = Field(0, description="By an undo")
    restored: int = Field(0, description="By an undo")
    kept: int = Field(0, description="What an undo left, because somebody worked with it since")


class ImportOut(Out):
    """A file on its way in. Ask again while it is `checking`, `running` or `undoing`."""

    id: str
    file_name: str
    size_bytes: int
    by: str = Field(description="Who brought it; empty for the command line")
    header: list[str]
    samples: list[list[str]] = Field(description="The first rows below the header")
    mapping: dict[str, int]
    mapped_by: str = Field(
        description="guessed, remembered, by_hand, or the program whose file it is"
    )
    program: str = Field(description="The name of that program, else empty")
    mode: Mode
    key: Key
    system: str = Field(description="Which system gave the external ids; empty: nobody said yet")
    skip_errors: bool
    state: ImportState
    total: int
    done: int = Field(description="Rows that are worked off, of this check, run or undo")
    counts: ImportCounts
    checked: ImportCounts | None = Field(description="None: it has to be checked before it starts")
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None
    undo_until: datetime | None = Field(description="None: there is nothing to undo, or not now")
    errors_url: str | None = Field(description="The rows that were not taken, as a CSV file")


class ImportFieldOut(Out):
    code: str
    title: str


class ImportsOut(Out):
    rows: list[ImportOut] = Field(description="At most fifty, the newest first")
    fields: list[ImportFieldOut] = Field(description="What a column can be")


class ImportRowsQuery(In):
    after: int = Field(0, ge=0, description="Rows of the file behind this one")


class ImportRowOut(Out):
    number: int = Field(description="As the spreadsheet program shows it")
    outcome: Outcome
    reasons: list[str]


class ImportRowsOut(Out):
    rows: list[ImportRowOut] = Field(description="At most a hundred rows that were not taken")
    more: bool


class KeptRowOut(Out):
    number: int
    reasons: list[str]


class UndoForecast(Out):
    """What an undo would do now."""

    removed: int
    restored: int
    kept: int
    rows_kept: list[KeptRowOut] = Field(
        description="At most two hundred, with what speaks for them"
    )
