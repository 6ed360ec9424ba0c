"""The doors for pictures, written by hand because bytes go through them: in, and out again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import NotFound, Refusal
from ..files.store import FileStore
from ..http import passes, sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.passes import PassOver
from ..http.problems import from_validation, language_of, problem_response
from ..http.routes import Routes
from ..settings import Settings
from ..tenants.models import Tenant
from ..work import Actor, Work
from . import actions, photos, present, signed_links
from .errors import NotYourVisit, PhotoUnreadable, TooManyPhotos
from .photo_form import picture_of
from .schemas import PhotoOut, PhotoPassOut, PhotoPassQuery
from .types import CAPTURED_BY

PICTURES = ("image/jpeg", "image/png", "image/webp")


async def upload_photo(request: Request) -> Response:
    """The picture's bytes are the body; headers say when and how it was taken."""
    request.scope["route_pattern"] = "/api/v1/visits/{visit_id}/photos"
    edge: Edge = request.app.state.edge
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        edge.check_csrf(request, session_id)
        answer = await _take(request, tenant_id, lambda: read_body(request, photos.UPLOAD_LIMIT))
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ClientDisconnect:
        return Response(status_code=400)
    return to_response(answer)


async def give_pass(request: Request) -> Response:
    """A pass with which the host's app sends one picture of my visit, under the key asked for."""
    request.scope["route_pattern"] = "/api/v1/visits/{visit_id}/photo-pass"
    edge: Edge = request.app.state.edge
    visit_id, now = request.path_params["visit_id"], edge.clock()
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        query = PhotoPassQuery.model_validate(dict(request.query_params))
        async with edge.reading(request) as work:
            await actions.mine(work, visit_id)
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ValidationError as failure:
        unusable = from_validation(failure, language_of(request))
        return problem_response(unusable, language_of(request))
    ends_at = passes.ends_at(now)
    given = passes.Pass(
        tenant_id, session_id, int(ends_at.timestamp()), query.key, _subject(visit_id)
    )
    out = PhotoPassOut(photo_pass=given.signed(edge.keys), ends_at=ends_at)
    return to_response(Answer(200, out.model_dump_json().encode()))


async def upload_by_host(request: Request) -> Response:
    """The same picture from a host's app: a form, and a pass in place of cookie and token."""
    request.scope["route_pattern"] = "/api/v1/visits/{visit_id}/photos/by-host"
    edge: Edge = request.app.state.edge
    visit_id = request.path_params["visit_id"]
    try:
        shown = passes.shown_by(request, edge.keys, _subject(visit_id), edge.clock())
        answer = await _take(
            request, shown.tenant_id, lambda: picture_of(request, photos.UPLOAD_LIMIT), shown
        )
    except Refusal as refusal:
        return problem_response(refusal, language_of(request))
    except ClientDisconnect:
        return Response(status_code=400)
    return to_response(answer)


def _subject(visit_id: str) -> str:
    return f"photo/{visit_id}"


async def _take(
    request: Request,
    tenant_id: int,
    read: Callable[[], Awaitable[bytes]],
    shown: passes.Pass | None = None,
) -> Answer:
    """Read, check, keep and chain one picture; the same for both ways in."""
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    visit_id = request.path_params["visit_id"]
    # Seen before the picture is decoded: strangers shall not make us work.
    async with edge.reading(request, shown) as work:
        await actions.mine(work, visit_id)
    raw = await read()
    kept = await photos.keep(store, tenant_id, raw)
    told = _told(request)

    async def effect(work: Work) -> Answer:
        photo = await photos.attach(work, visit_id, kept, told)
        return Answer(201, present.photo_out(photo, edge, work).model_dump_json().encode())

    return await edge.writing(request, raw, effect, shown)


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
        Route("/api/v1/visits/{visit_id}/photo-pass", give_pass),
        Route("/api/v1/visits/{visit_id}/photos/by-host", upload_by_host, methods=["POST"]),
        Route("/api/v1/photos/{tenant_id:int}/{visit_id}/{photo_id}", show_photo),
    ]
    routes.describe(
        "POST",
        "/visits/{visit_id}/photos",
        name="upload_photo",
        summary="Add a picture to my visit; the body is the JPEG, PNG or WebP itself.",
        answer=PhotoOut,
        status=201,
        upload=PICTURES,
        refusals=(PhotoUnreadable, TooManyPhotos, NotYourVisit),
    )
    routes.describe(
        "GET",
        "/visits/{visit_id}/photo-pass",
        name="give_photo_pass",
        summary="A pass for one picture that the host's app sends by itself; ten minutes, one use.",
        query=PhotoPassQuery,
        answer=PhotoPassOut,
        refusals=(NotYourVisit,),
    )
    routes.describe(
        "POST",
        "/visits/{visit_id}/photos/by-host",
        name="upload_photo_by_host",
        summary="The same by a pass in `X-Waiqin-Pass`; a form whose file `photo` is the picture.",
        answer=PhotoOut,
        status=201,
        upload=PICTURES,
        session=False,
        refusals=(PhotoUnreadable, TooManyPhotos, NotYourVisit, PassOver),
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
