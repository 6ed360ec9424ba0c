"""The routes of imports."""

import asyncio
import hashlib
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..access import find_visible, require
from ..customers.queries import names_of
from ..db import new_id
from ..errors import NotFound, Refusal, TooLarge
from ..files.store import FileStore
from ..http.edge import Edge, to_response
from ..http.idempotency import Answer
from ..http.problems import from_validation, language_of, problem_response
from ..http.routes import Routes
from ..work import Work
from . import import_actions, import_undo, presets
from .contact_cells import titles
from .error_file import LISTED, listed_rows, with_cells, write_errors
from .errors import (
    CheckFirst,
    ColumnUnknown,
    ExternalSystemMissing,
    FileTooBig,
    FileUnreadable,
    ImportUnderWay,
    KeyColumnMissing,
    NameColumnMissing,
    NothingToImport,
    RowsAreWrong,
    TooLateToUndoImport,
    TooManyImports,
    TooManyRows,
    UndoneBefore,
)
from .import_files import fetched, place_of
from .import_models import ImportBatch, ImportRow
from .import_schemas import (
    ImportFieldOut,
    ImportFileQuery,
    ImportOut,
    ImportRowOut,
    ImportRowsOut,
    ImportRowsQuery,
    ImportSettingsIn,
    ImportsOut,
    KeptRowOut,
    UndoForecast,
)
from .import_undo import UNDONE_WITHIN

routes = Routes("/api/v1", tag="imports")
UPLOAD_LIMIT = 64 << 20
LISTED_BATCHES = 50
ROWS_OF_A_PAGE = 100
LINK_LIVES = timedelta(hours=1)


@routes.get("/imports")
async def list_imports(work: Work, edge: Edge) -> ImportsOut:
    """The last imports that I may see, and what a column can be."""
    batches = await import_actions.recent(work, LISTED_BATCHES)
    names = await names_of(work, {batch.member_id for batch in batches})
    language = work.actor.language
    fields = [
        ImportFieldOut(code=code, title=title.say(language))
        for code, title in (await titles(work)).items()
    ]
    return ImportsOut(rows=[_out(one, names, edge, work) for one in batches], fields=fields)


@routes.get("/imports/{import_id}")
async def show_import(work: Work, edge: Edge, import_id: str) -> ImportOut:
    """One import, and how far it is."""
    require(work, "customers.import")
    return await _shown(await find_visible(work, ImportBatch, import_id), edge, work)


@routes.put("/imports/{import_id}", refusals=(ColumnUnknown, ImportUnderWay))
async def settle_import(
    work: Work, edge: Edge, import_id: str, body: ImportSettingsIn
) -> ImportOut:
    """Say which column is which field, and how rows meet the customers that are there."""
    said = body.model_dump(exclude_none=True)
    return await _shown(await import_actions.settle(work, import_id, **said), edge, work)


UNUSABLE = (ImportUnderWay, NameColumnMissing, KeyColumnMissing, ExternalSystemMissing)


@routes.post("/imports/{import_id}/check", refusals=UNUSABLE)
async def check_import(work: Work, edge: Edge, import_id: str) -> ImportOut:
    """Find out what would become of each row. Nothing is changed."""
    return await _shown(await import_actions.check(work, import_id), edge, work)


@routes.post(
    "/imports/{import_id}/start", refusals=(*UNUSABLE, CheckFirst, RowsAreWrong, NothingToImport)
)
async def start_import(work: Work, edge: Edge, import_id: str) -> ImportOut:
    """Take the file in, as it was checked."""
    return await _shown(await import_actions.start(work, import_id), edge, work)


@routes.post("/imports/{import_id}/cancel", refusals=(ImportUnderWay,))
async def cancel_import(work: Work, edge: Edge, import_id: str) -> ImportOut:
    """Stop it, or drop a draft. What was taken in stays, and can be undone."""
    return await _shown(await import_actions.cancel(work, import_id), edge, work)


NOT_UNDONE = (ImportUnderWay, UndoneBefore, TooLateToUndoImport)


@routes.get("/imports/{import_id}/undo", refusals=NOT_UNDONE)
async def forecast_undo(work: Work, import_id: str) -> UndoForecast:
    """What an undo would do now, and what it would leave."""
    seen = await import_undo.forecast(work, import_id)
    language = work.actor.language
    kept = [
        KeptRowOut(number=number, reasons=[reason.say(language) for reason in why])
        for number, _, why in seen.kept
    ]
    return UndoForecast(**seen.counts, rows_kept=kept)


@routes.post("/imports/{import_id}/undo", refusals=NOT_UNDONE)
async def undo_import(work: Work, edge: Edge, import_id: str) -> ImportOut:
    """Take an import back, once and within seven days."""
    return await _shown(await import_undo.ask_undo(work, import_id), edge, work)


@routes.get("/imports/{import_id}/rows")
async def rows_not_taken(work: Work, import_id: str, query: ImportRowsQuery) -> ImportRowsOut:
    """The rows that were not taken, or would not be, and why."""
    require(work, "customers.import")
    batch = await find_visible(work, ImportBatch, import_id)
    rows = await listed_rows(work.session, batch, query.after, ROWS_OF_A_PAGE + 1)
    language = work.actor.language
    out = [_row(row, language) for row in rows[:ROWS_OF_A_PAGE]]
    return ImportRowsOut(rows=out, more=len(rows) > ROWS_OF_A_PAGE)


async def bring_import(request: Request) -> Response:
    """The bytes are the body. They are read at once, so that a refusal comes with the answer."""
    request.scope["route_pattern"] = "/api/v1/imports"
    edge: Edge = request.app.state.edge
    files: FileStore = request.app.state.files
    try:
        async with edge.reading(request) as work:  # strangers shall not make us work
            require(work, "customers.import")
            tenant_id = work.tenant_id
        query = ImportFileQuery.model_validate(dict(request.query_params))
        with tempfile.TemporaryDirectory(prefix="waiqin-import-") as folder:
            path = Path(folder) / "customers"
            print_ = await _received(request, path)
            answer = await _bring(request, edge, files, tenant_id, path, query.name, print_)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ValidationError as failure:
        unusable = from_validation(failure, language_of(request))
        return problem_response(unusable, language_of(request))
    except ClientDisconnect:
        return Response(status_code=400)
    return to_response(answer)


async def _bring(
    request: Request, edge: Edge, files: FileStore, tenant_id: int, path: Path, name: str,
    print_: bytes,
) -> Answer:  # fmt: skip
    sheet = await asyncio.to_thread(import_actions.look_at, path)
    batch_id = new_id()
    await files.put_file(place_of(tenant_id, batch_id), path)
    was_new = False

    async def effect(work: Work) -> Answer:
        nonlocal was_new
        batch = await import_actions.bring(work, sheet, name, batch_id)
        out = await _shown(batch, edge, work)
        was_new = True
        return Answer(201, out.model_dump_json().encode())

    try:
        return await edge.writing(request, print_, effect)
    finally:
        if not was_new:  # refused, or brought before under this key
            await files.remove(place_of(tenant_id, batch_id))


async def _received(request: Request, path: Path) -> bytes:
    """Keep the body in a file, whatever its length; what it is, in few bytes."""
    print_, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > UPLOAD_LIMIT:
                raise TooLarge(limit_mb=UPLOAD_LIMIT >> 20)
            print_.update(part)
            file.write(part)
    return print_.digest()


async def fetch_errors(request: Request) -> Response:
    """The rows that were not taken, as a file to mend: by signed link."""
    request.scope["route_pattern"] = "/api/v1/imports/{tenant_id}/{import_id}/errors"
    edge: Edge = request.app.state.edge
    files: FileStore = request.app.state.files
    tenant_id, batch_id = int(request.path_params["tenant_id"]), request.path_params["import_id"]
    named, given = f"{tenant_id}/{batch_id}", request.query_params
    ends, signature = given.get("ends", ""), given.get("signature", "")
    language = "en" if given.get("language") == "en" else "zh"
    try:
        if not edge.keys.is_signed("import-errors", f"{named}/{ends}", signature):
            raise NotFound()
        if datetime.fromtimestamp(int(ends), UTC) < edge.clock():
            raise NotFound()
        async with edge.database.reading() as session:
            batch = await session.get(ImportBatch, (tenant_id, batch_id))
            if batch is None:
                raise NotFound()
            rows = await listed_rows(session, batch)
        raw = await _error_file(files, batch, rows, language)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    name = quote(f"{Path(batch.file_name).stem}-errors.csv")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "cache-control": "private, no-store",
    }
    return Response(raw, media_type="text/csv; charset=utf-8", headers=headers)


async def _error_file(
    files: FileStore, batch: ImportBatch, rows: Sequence[ImportRow], language: str
) -> bytes:
    with tempfile.TemporaryDirectory(prefix="waiqin-import-") as name:
        folder = Path(name)
        path = await fetched(files, batch, folder)

        def write() -> bytes:
            out = folder / "errors.csv"
            write_errors(out, batch.header, with_cells(path, rows), language)
            return out.read_bytes()

        return await asyncio.to_thread(write)


routes.plain += [
    Route("/api/v1/imports", bring_import, methods=["POST"]),
    Route("/api/v1/imports/{tenant_id:int}/{import_id}/errors", fetch_errors),
]
routes.describe(
    "POST",
    "/imports",
    name="bring_import",
    summary="Bring a CSV or XLSX file of customers; nothing is taken in yet.",
    query=ImportFileQuery,
    answer=ImportOut,
    status=201,
    refusals=(FileUnreadable, FileTooBig, TooManyRows, TooManyImports),
    upload=("application/octet-stream",),
)


async def _shown(batch: ImportBatch, edge: Edge, work: Work) -> ImportOut:
    return _out(batch, await names_of(work, [batch.member_id]), edge, work)


def _out(batch: ImportBatch, names: dict[str, str], edge: Edge, work: Work) -> ImportOut:
    program = next((one.title for one in presets.PRESETS if one.code == batch.mapped_by), None)
    return ImportOut.model_validate(
        {
            **{name: getattr(batch, name) for name in OWN_FIELDS},
            "by": names.get(batch.member_id or "", ""),
            "program": program.say(work.actor.language) if program else "",
            "undo_until": _undo_until(batch, work),
            "errors_url": _errors_url(batch, edge, work),
        }
    )


COMPUTED = ("by", "program", "undo_until", "errors_url")
OWN_FIELDS = [name for name in ImportOut.model_fields if name not in COMPUTED]


def _undo_until(batch: ImportBatch, work: Work) -> datetime | None:
    is_over = batch.state in ("done", "cancelled", "failed")
    if batch.started_at is None or batch.undone_at is not None or not is_over:
        return None
    until = batch.started_at + UNDONE_WITHIN
    return until if until > work.now else None


def _errors_url(batch: ImportBatch, edge: Edge, work: Work) -> str | None:
    counts = batch.counts or batch.checked or {}
    if batch.file_gone_at is not None or not any(counts.get(one) for one in LISTED):
        return None
    named, ends = f"{batch.tenant_id}/{batch.id}", int((work.now + LINK_LIVES).timestamp())
    signature = edge.keys.sign("import-errors", f"{named}/{ends}")
    language = work.actor.language
    return f"/api/v1/imports/{named}/errors?ends={ends}&signature={signature}&language={language}"


def _row(row: ImportRow, language: str) -> ImportRowOut:
    side = 1 if language.startswith("en") else 0
    reasons = [pair[side] for pair in row.reasons]
    return ImportRowOut.model_validate(
        {"number": row.number, "outcome": row.outcome, "reasons": reasons}
    )
