"""`/v/{token}/{code}`: anybody who holds a watermarked photo asks whether it is genuine.

The reader need not be signed in, so the page says nothing about people and places. It has no
script; an unknown visit and a wrong code get the same answer, and few wrong ones are answered.
"""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from .. import access
from ..connections.models import HostConnection
from ..connections.pages import page_url
from ..errors import NotFound, Refusal, SignInNeeded
from ..files.store import FileStore
from ..http import sessions
from ..http.attempts import Attempts
from ..http.edge import Edge
from ..http.pace import address_of
from ..http.problems import language_of
from ..settings import Settings
from ..texts import Text
from ..work import Actor, Work
from .models import Visit
from .verification import ADDRESS, Named, named_by, photo_named, proof_of
from .verification_html import HEADERS, Finding, page

LOOKS_A_MINUTE = 60  # each reads a day of the chain
GUESSES_A_MINUTE = 10  # of 4 billion codes


class NoSuchPhoto(NotFound):
    sentence = Text(
        "没有与此编号和核验码相符的照片，请与水印上的编号和核验码核对。",
        "No photo has this number and code. Please compare them with the watermark.",
    )


async def show(request: Request) -> HTMLResponse:
    """Whether the code belongs to a photo of the visit, and whether the photo is unchanged."""
    request.scope["route_pattern"] = ADDRESS
    language, status, headers = language_of(request), 200, dict(HEADERS)
    found: Finding | Refusal
    try:
        found = await _found(request)
    except Refusal as refusal:
        found, status = refusal, refusal.status
        if "retry_after_s" in refusal.facts:
            headers["retry-after"] = str(refusal.facts["retry_after_s"])
    return HTMLResponse(page(found, language), status, headers)


route = Route(ADDRESS, show)


async def _found(request: Request) -> Finding:
    looks, guesses = _attempts(request)
    address = address_of(request)
    looks.begin(address)
    guesses.begin(address)
    named = named_by(request.path_params["token"], request.path_params["code"])
    if named is None:
        raise NoSuchPhoto()
    finding = await _find(request, named)
    guesses.succeeded(address)
    return finding


async def _find(request: Request, named: Named) -> Finding:
    edge: Edge = request.app.state.edge
    store: FileStore = request.app.state.files
    async with edge.database.reading() as session:
        found = await photo_named(session, named)
        if found is None:
            raise NoSuchPhoto()
        tenant, visit, photo = found
        zone = ZoneInfo(tenant.zone)
        # The code is the permission: it was on the picture.
        work = Work(session, Actor(tenant.id, None), edge.clock(), zone)
        proof = await proof_of(work, store, visit, photo)
        return Finding(
            company=tenant.name,
            visit_number=visit.number,
            zone=zone,
            proof=proof,
            visit_url=await _visit_url(request, work, visit),
        )


async def _visit_url(request: Request, work: Work, visit: Visit) -> str:
    """The visit's own page for a signed-in reader who may see it; empty for everybody else."""
    edge: Edge = request.app.state.edge
    settings: Settings = request.app.state.settings
    try:
        tenant_id, session_id = sessions.named_by(request, edge.keys)
        if tenant_id != work.tenant_id:
            return ""
        actor, zone = await sessions.actor_of(
            work.session, tenant_id, session_id, work.now, language_of(request)
        )
        await access.find_visible(Work(work.session, actor, work.now, zone), Visit, visit.id)
    except (SignInNeeded, NotFound):
        return ""
    came_through = await work.session.get_one(HostConnection, (tenant_id, actor.connection_id))
    hash_ = f"#/visits/{visit.id}"
    return page_url(settings.public_url, came_through.host, came_through.name, hash_)


def _attempts(request: Request) -> tuple[Attempts, Attempts]:
    state = request.app.state
    if not hasattr(state, "verification_attempts"):
        clock = state.edge.clock
        state.verification_attempts = (
            Attempts(clock, limit=LOOKS_A_MINUTE),
            Attempts(clock, limit=GUESSES_A_MINUTE),
        )
    attempts: tuple[Attempts, Attempts] = state.verification_attempts
    return attempts
