"""The routes of exports."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ..access import find_visible
from ..errors import NotAllowed, NotFound, Refusal
from ..files.store import FileStore
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of, problem_response
from ..http.routes import Routes, body_of
from ..keys import Keys
from ..logs import log
from ..work import Work
from . import export_actions, export_files
from .errors import TooManyExports, TooManyRowsForXlsx
from .models import Export
from .schemas import ExportIn, ExportOut, ExportsOut

routes = Routes("/api/v1", tag="exports")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@routes.get("/exports", refusals=(NotAllowed,))
async def list_exports(work: Work, edge: Edge) -> ExportsOut:
    """The last exports that I asked for, the newest first."""
    return ExportsOut(rows=[_out(one, edge) for one in await export_actions.recent(work)])


@routes.get("/exports/{export_id}")
async def show_export(work: Work, edge: Edge, export_id: str) -> ExportOut:
    """How far an export is that I asked for, and where its file is."""
    return _out(await find_visible(work, Export, export_id), edge)


async def ask_for_export(request: Request) -> Response:
    """Small files are written before the answer, after the commit; the worker writes the others."""
    request.scope["route_pattern"] = "/api/v1/exports"
    edge: Edge = request.app.state.edge
    files: FileStore = request.app.state.files
    try:
        raw = await read_body(request)
        await edge.refuse_strangers(request, writes=True)
        wanted = body_of(ExportIn, request, raw)
        company: _Company | None = None

        async def effect(work: Work) -> Answer:
            export = await export_actions.ask(work, wanted)
            return Answer(201, _out(export, edge).model_dump_json().encode())

        answer = await edge.writing(request, raw, effect)
        if answer.status != 201:
            return to_response(answer)
        asked = ExportOut.model_validate_json(answer.body)
        if asked.counted <= export_files.AT_ONCE:
            async with edge.reading(request) as work:
                company = _Company(work.tenant_id, work.zone)
            await export_files.carry_out(edge.database, files, edge.clock, company, asked.id)
        async with edge.reading(request) as work:
            now_it_is = _out(await find_visible(work, Export, asked.id), edge)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ClientDisconnect:
        return Response(status_code=400)
    return to_response(Answer(201, now_it_is.model_dump_json().encode()))


async def fetch_export(request: Request) -> Response:
    """The file, by signed link: the link itself is the permission, and ends."""
    request.scope["route_pattern"] = "/api/v1/exports/{tenant_id}/{export_id}/file"
    edge: Edge = request.app.state.edge
    files: FileStore = request.app.state.files
    tenant_id, export_id = int(request.path_params["tenant_id"]), request.path_params["export_id"]
    given = request.query_params
    ends, signature = given.get("ends", ""), given.get("signature", "")
    if not _is_good(edge, f"{tenant_id}/{export_id}", ends, signature):
        return problem_response(NotFound(), language_of(request))
    async with edge.database.reading() as session:
        export = await session.get(Export, (tenant_id, export_id))
    parts = await files.stream(export_files.place_of(export)) if export else None
    if export is None or parts is None:
        return problem_response(NotFound(), language_of(request))
    log.info("export.fetched", tenant=tenant_id, export=export_id)
    name = f"customers-{export.asked_at:%Y%m%d-%H%M}.{export.format}"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "cache-control": "private, no-store",
    }
    return StreamingResponse(parts, media_type=MEDIA[export.format], headers=headers)


routes.plain += [
    Route("/api/v1/exports", ask_for_export, methods=["POST"]),
    Route("/api/v1/exports/{tenant_id:int}/{export_id}/file", fetch_export),
]
routes.describe(
    "POST",
    "/exports",
    name="ask_for_export",
    summary="Ask for a file of the customers that I may see, narrowed by filters.",
    body=ExportIn,
    answer=ExportOut,
    status=201,
    refusals=(NotAllowed, TooManyExports, TooManyRowsForXlsx),
)


@dataclass(frozen=True, slots=True)
class _Company:
    tenant_id: int
    zone: ZoneInfo


def _out(export: Export, edge: Edge) -> ExportOut:
    return ExportOut.model_validate(
        {
            **{name: getattr(export, name) for name in OWN_FIELDS},
            "phones_masked": export.masks_phones,
            "url": _url(edge.keys, export) if export.state == "ready" else None,
        }
    )


OWN_FIELDS = [name for name in ExportOut.model_fields if name not in ("phones_masked", "url")]


def _url(keys: Keys, export: Export) -> str | None:
    if export.ends_at is None:
        return None
    named, ends = f"{export.tenant_id}/{export.id}", int(export.ends_at.timestamp())
    signature = keys.sign("export", f"{named}/{ends}")
    return f"/api/v1/exports/{named}/file?ends={ends}&signature={signature}"


def _is_good(edge: Edge, named: str, ends: str, signature: str) -> bool:
    """Whether the link was made by us and has not ended."""
    if not edge.keys.is_signed("export", f"{named}/{ends}", signature):
        return False
    return datetime.fromtimestamp(int(ends), UTC) >= edge.clock()
