"""The verbs of imports: a file is brought, looked at, checked, taken in, given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from ..access import require, visible
from ..db import insert_into
from ..errors import NotFound
from ..history import audit
from ..work import Work
from . import presets
from .columns import FIELD_BY_NAME, bare, find_header, guess, headings, key_of, shown, with_own
from .contact_cells import filled_columns, titles
from .errors import (
    CheckFirst,
    ColumnUnknown,
    ExternalSystemMissing,
    ImportUnderWay,
    KeyColumnMissing,
    NameColumnMissing,
    NothingToImport,
    RowsAreWrong,
    TooManyImports,
    TooManyRows,
)
from .import_models import ImportBatch, ImportMapping
from .import_terms import COLUMNS_OF, KEYS, Key, Mode, Terms
from .own_cells import OWN, own_columns
from .tables import MOST_ROWS, TableRow, cell_text, read_table

SAMPLES = 5
LONGEST_SAMPLE = 60
MOST_UNFINISHED = 20  # per member
REMEMBERED, GUESSED, BY_HAND = "remembered", "guessed", "by_hand"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file looks like: its header, the first rows below, and how many there are."""

    size_bytes: int
    header: tuple[str, ...]
    header_row: int
    samples: tuple[tuple[str, ...], ...]
    total: int


def look_at(path: Path) -> Sheet:
    """Read a file as it was brought. Raises FileUnreadable, FileTooBig or TooManyRows.

    Takes seconds for a large file: call it in a thread.
    """
    table = read_table(path)
    at = find_header(table)
    rows = table[at + 1 :]
    if len(rows) > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)
    header = headings(table[at])
    return Sheet(
        path.stat().st_size,
        tuple(header),
        table[at].number,
        tuple(_sample(row, len(header)) for row in rows[:SAMPLES]),
        len(rows),
    )


def _sample(row: TableRow, columns: int) -> tuple[str, ...]:
    return tuple(cell_text(cell)[:LONGEST_SAMPLE] for cell in row.cells[:columns])


async def bring(work: Work, sheet: Sheet, file_name: str, batch_id: str) -> ImportBatch:
    """A new batch, with the columns as this company read such a header before, else by their
    headings. Needs `customers.import`. The caller has kept the file at
    `import_files.place_of(…, batch_id)`."""
    require(work, "customers.import")
    await _refuse_many(work)
    remembered = await work.session.get(ImportMapping, (work.tenant_id, key_of(sheet.header)))
    mapping, mapped_by = await guessed(work, sheet)
    system = await _usual_system(work, mapped_by)
    mode: Mode = "create"
    key: Key = "name_city"
    if remembered is not None:
        known = await titles(work)  # a field may be archived since, or not be this person's
        mapping = {one: at for one, at in remembered.mapping.items() if one in known}
        mapped_by, system = REMEMBERED, remembered.system or system
        mode, key = remembered.mode, remembered.key  # type: ignore[assignment]
    batch = ImportBatch(
        tenant_id=work.tenant_id,
        id=batch_id,
        member_id=work.actor.member_id,
        via=work.actor.via,
        language=work.actor.language,
        file_name=file_name[-200:],
        size_bytes=sheet.size_bytes,
        header=list(sheet.header),
        header_row=sheet.header_row,
        samples=[list(row) for row in sheet.samples],
        mapping=mapping,
        mapped_by=mapped_by,
        mode=mode,
        key=key,
        system=system,
        skip_errors=False,
        state="draft",
        run=0,
        total=sheet.total,
        done=0,
        counts={},
        checked=None,
        attempts=0,
        asked_at=work.now,
    )
    work.session.add(batch)
    change = {"file": (None, batch.file_name), "rows": (None, sheet.total)}
    audit.record(work, "import.brought", "import", batch.id, change)
    return batch


async def guessed(work: Work, sheet: Sheet) -> tuple[dict[str, int], str]:
    """By the headings, as the program means them that wrote the file; and how that is called."""
    preset = presets.of(sheet.header)
    meanings = preset.meanings if preset else FIELD_BY_NAME
    columns = {OWN + one.field.key: one for one in await own_columns(work)}
    columns = {**columns, **await filled_columns(work)}
    own = {bare(name): code for code in reversed(columns) for name in columns[code].names}
    mapping = guess(sheet.header, with_own(meanings, own))
    return mapping, preset.code if preset else GUESSED


async def _usual_system(work: Work, mapped_by: str) -> str:
    """Whose ids are in a file: of the program that wrote it, else as in the last one."""
    if mapped_by != GUESSED:
        return mapped_by
    last = (
        select(ImportMapping.system)
        .where(ImportMapping.tenant_id == work.tenant_id, ImportMapping.system != "")
        .order_by(ImportMapping.used_at.desc())
    )
    return await work.session.scalar(last.limit(1)) or ""


async def _refuse_many(work: Work) -> None:
    if work.actor.is_system:
        return
    unfinished = await work.session.scalar(
        select(func.count()).where(
            ImportBatch.tenant_id == work.tenant_id,
            ImportBatch.member_id == work.actor.member_id,
            ImportBatch.state == "draft",
        )
    )
    if (unfinished or 0) >= MOST_UNFINISHED:
        raise TooManyImports(limit=MOST_UNFINISHED)


async def settle(
    work: Work,
    batch_id: str,
    *,
    mapping: Mapping[str, int] | None = None,
    mode: Mode | None = None,
    key: Key | None = None,
    system: str | None = None,
    skip_errors: bool | None = None,
) -> ImportBatch:
    """Say which column is which, and how rows meet what is there. Raises ColumnUnknown."""
    batch = await _held(work, batch_id, "draft")
    before = _settled(batch)
    if mapping is not None:
        await _refuse_unknown(work, mapping, len(batch.header))
        batch.mapping, batch.mapped_by = dict(mapping), BY_HAND
    batch.mode, batch.key = mode or batch.mode, key or batch.key
    if system is not None:
        batch.system = system
    if skip_errors is not None:
        batch.skip_errors = skip_errors
    if before != _settled(batch):
        batch.checked = None
    return batch


def _settled(batch: ImportBatch) -> tuple[object, ...]:
    """What a check stands on."""
    return batch.mapping, batch.mode, batch.key, batch.system


async def _refuse_unknown(work: Work, mapping: Mapping[str, int], columns: int) -> None:
    known = await titles(work)
    for field, column in mapping.items():
        if field not in known or not 0 <= column < columns:
            raise ColumnUnknown(field=known.get(field, field[:40]))


async def check(work: Work, batch_id: str, *, taken_until: datetime | None = None) -> ImportBatch:
    """Ask the worker what would become of each row. Nothing of the company's is changed."""
    batch = await _held(work, batch_id, "draft")
    refuse_unusable(batch)
    _send(batch, "checking", taken_until)
    batch.checked = None
    return batch


async def start(work: Work, batch_id: str, *, taken_until: datetime | None = None) -> ImportBatch:
    """Ask the worker to take the file in, as it was checked. Remembers how it was read.

    Raises CheckFirst, and RowsAreWrong unless these are to be skipped.
    """
    batch = await _held(work, batch_id, "draft")
    refuse_unusable(batch)
    if batch.checked is None:
        raise CheckFirst()
    wrong = batch.checked.get("wrong", 0) + batch.checked.get("doubtful", 0)
    if wrong and not batch.skip_errors:
        raise RowsAreWrong(count=wrong)
    if wrong == batch.total:
        raise NothingToImport()
    _send(batch, "running", taken_until)
    batch.started_at = work.now
    await _remember(work, batch)
    change = {
        "file": (None, batch.file_name),
        "rows": (None, batch.total),
        "mode": (None, batch.mode),
        "key": (None, batch.key),
    }
    audit.record(work, "customers.import_started", "import", batch.id, change)
    return batch


async def cancel(work: Work, batch_id: str) -> ImportBatch:
    """Stop a check, or an import behind the part that is being written; drop a draft.

    What was taken in stays, and can be undone.
    """
    batch = await _held(work, batch_id, "draft", "checking", "running")
    batch.state = "draft" if batch.state == "checking" else "cancelled"
    batch.taken_until = None
    if batch.state == "cancelled":
        batch.ended_at = work.now
        done = {"done": (None, batch.done)}
        audit.record(work, "customers.import_cancelled", "import", batch.id, done)
    return batch


def terms_of(batch: ImportBatch) -> Terms:
    return Terms(batch.mapping, batch.mode, batch.key, batch.system)  # type: ignore[arg-type]


def refuse_unusable(batch: ImportBatch) -> None:
    """Raise unless the columns are there without which no row could be used."""
    terms = terms_of(batch)
    if terms.creates and "name" not in terms.columns:
        raise NameColumnMissing(header=shown(batch.header))
    if not any(column in terms.columns for column in COLUMNS_OF[terms.key]):
        raise KeyColumnMissing(key=KEYS[terms.key])
    if "external_id" in terms.columns and not terms.system:
        raise ExternalSystemMissing()


def _send(batch: ImportBatch, state: str, taken_until: datetime | None) -> None:
    """Make it the worker's. `taken_until`: the caller works on it himself until then."""
    batch.state, batch.run, batch.done, batch.counts = state, batch.run + 1, 0, {}
    batch.attempts, batch.taken_until = 0, taken_until


async def _remember(work: Work, batch: ImportBatch) -> None:
    insert = insert_into(work.session, ImportMapping).values(
        tenant_id=work.tenant_id,
        header_key=key_of(batch.header),
        mapping=batch.mapping,
        mode=batch.mode,
        key=batch.key,
        system=batch.system,
        used_at=work.now,
    )
    said = {name: insert.excluded[name] for name in ("mapping", "mode", "key", "system", "used_at")}
    await work.session.execute(
        insert.on_conflict_do_update(index_elements=["tenant_id", "header_key"], set_=said)
    )


async def _held(work: Work, batch_id: str, *states: str) -> ImportBatch:
    """The batch, kept from everybody else until the commit, if it is in one of these states."""
    require(work, "customers.import")
    batch: ImportBatch | None = await work.session.scalar(
        visible(work, ImportBatch)
        .where(ImportBatch.id == batch_id)
        .with_for_update(of=ImportBatch)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound()
    if batch.state not in states:
        raise ImportUnderWay()
    return batch


async def recent(work: Work, limit: int) -> Sequence[ImportBatch]:
    """The batches that the actor may see, the newest first."""
    require(work, "customers.import")
    found = await work.session.scalars(
        visible(work, ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)
    )
    return found.all()
