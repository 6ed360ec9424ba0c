"""The doors for pictures, written by hand because bytes go through them: in, and out again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import NotFound, Refusal
from ..files.store import FileStore
from ..http import sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of, problem_response
from ..http.routes import Routes
from ..settings import Settings
from ..tenants.models import Tenant
from ..work import Actor, Work
from . import actions, photos, present, signed_links
from .errors import NotYourVisit, PhotoUnreadable, TooManyPhotos
from .schemas import PhotoOut
from .types import CAPTURED_BY


async def upload_photo(request: Request) -> Response:
    """The picture's bytes are the body; headers say when and how it was taken."""
    request.scope["route_pattern"] = "/api/v1/visits/{visit_id}/photos"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        edge.check_csrf(request, session_id)
        # Seen before the picture is decoded: strangers shall not make us work.
        async with edge.reading(request) as work:
            await actions.mine(work, request.path_params["visit_id"])
        raw = await read_body(request, photos.UPLOAD_LIMIT)
        kept = await photos.keep(store, tenant_id, raw)
        told = _told(request)

        async def effect(work: Work) -> Answer:
            photo = await photos.attach(work, request.path_params["visit_id"], kept, told)
            out = present.photo_out(photo, edge, work)
            return Answer(201, out.model_dump_json().encode())

        answer = await edge.writing(request, raw, effect)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    return to_response(answer)


async def show_photo(request: Request) -> Response:
    """A photo with its watermark, by signed link."""
    request.scope["route_pattern"] = "/api/v1/photos/{tenant_id}/{visit_id}/{photo_id}"
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    params, now = request.path_params, edge.clock()
    named = f"{params['tenant_id']}/{params['visit_id']}/{params['photo_id']}"
    query = request.query_params
    if not signed_links.is_good(
        edge.keys, named, query.get("ends", ""), query.get("signature", ""), now
    ):
        return problem_response(NotFound(), language_of(request))
    settings: Settings = request.app.state.settings
    async with edge.database.reading() as session:
        tenant = await session.get_one(Tenant, int(params["tenant_id"]))
        # The link itself is the permission: it was given to somebody who may see the visit.
        work = Work(session, Actor(tenant.id, None), now, ZoneInfo(tenant.zone))
        drawn = await photos.shown(
            work, store, params["visit_id"], params["photo_id"], settings.public_url
        )
    if drawn is None:
        return problem_response(NotFound(), language_of(request))
    headers = {"cache-control": "private, max-age=900", "x-content-type-options": "nosniff"}
    return Response(drawn, media_type="image/jpeg", headers=headers)


def add_to(routes: Routes) -> None:
    """Hang the doors into the API of visits."""
    routes.plain += [
        Route("/api/v1/visits/{visit_id}/photos", upload_photo, methods=["POST"]),
        Route("/api/v1/photos/{tenant_id:int}/{visit_id}/{photo_id}", show_photo),
    ]
    routes.describe(
        "POST",
        "/visits/{visit_id}/photos",
        name="upload_photo",
        summary="Add a picture to my visit; the body is the JPEG, PNG or WebP itself.",
        answer=PhotoOut,
        status=201,
        upload=True,
        refusals=(PhotoUnreadable, TooManyPhotos, NotYourVisit),
    )


def _told(request: Request) -> photos.Told:
    """What a page says of its picture, in headers, because the body is the picture itself."""
    captured_by = request.headers.get("x-captured-by", "")
    return photos.Told(
        taken_at=_moment(request.headers.get("x-taken-at", "")),
        captured_by=captured_by if captured_by in CAPTURED_BY else "",
        made_at=_moment(request.headers.get("x-made-at", "")),
    )


def _moment(text: str) -> datetime | None:
    """A moment with its zone, or None for anything else: it is only a hint."""
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)  # the first and the last day of all time have no other zone
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
