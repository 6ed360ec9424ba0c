"""The doors of signing in, and what a signed-in page may ask about itself."""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..connections.errors import ConnectionUnknown
from ..connections.platforms import Platforms
from ..connections.refs import ConnectionRef
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..http import sessions
from ..http.edge import Edge, read_body, to_response
from ..http.idempotency import Answer
from ..http.problems import language_of
from ..http.routes import Routes
from ..people.actions import speak
from ..people.models import Session
from ..settings import Settings
from ..work import Work
from . import doors
from .errors import (
    SOME_HOST,
    HostNotAnswering,
    JsonExpected,
    MemberNotActive,
    MemberUnknown,
    PageElsewhere,
    SignInCodeSpent,
)
from .exchange import OpenedSession, connection_at, open_session
from .me import me
from .redirect import leave_for_host, return_from_host
from .schemas import (
    EntryOut,
    EntryQuery,
    MeChange,
    MeOut,
    PageSignatureOut,
    PageSignatureQuery,
    SignedOut,
    SignInIn,
)
from .state import Door

routes = Routes("/api/v1", tag="sign-in")


async def entry(request: Request) -> Response:
    """How a page that is not signed in gets there."""
    asked = EntryQuery.model_validate(dict(request.query_params))
    door = Door(asked.host, asked.connection)
    platform, connection = await connection_at(_platforms(request), door)
    settings: Settings = request.app.state.settings
    redirects, on_web = (
        bool(platform.sign_in.authorise_url(settings.public_url, "0", in_app=in_app))
        for in_app in (True, False)
    )
    url = f"{settings.public_url.rstrip('/')}{door.path}sign-in" if redirects or on_web else ""
    return _json(
        EntryOut(
            host=connection.host,
            title=platform.title.say(language_of(request)),
            mode="redirect" if redirects else "bridge",
            sign_in_url=url,
            web_sign_in=on_web,
            corp_id=connection.corp_id,
            client_id=connection.client_id,
            company=connection.company,
            sandbox=connection.sandbox,
        )
    )


async def sign_in(request: Request) -> Response:
    """Exchange the host's one-time code for a session (a cookie)."""
    body = doors.parsed(SignInIn, await doors.json_body(request))
    edge = _edge(request)
    door = Door(body.host, body.connection)
    with doors.attempts_of(request):
        opened = await open_session(edge, _platforms(request), door, body.code, body.device_id)
    _, connection = await connection_at(_platforms(request), door)
    response = _json(await _me_of_session(edge, opened, connection), 201)
    cookie = sessions.cookie_value(edge.keys, opened.tenant_id, opened.session_id)
    sessions.set_cookie(response, cookie, secure=edge.secure_cookies)
    return response


async def show_me(request: Request) -> Response:
    """Who is signed in, and the token that his writes must carry."""
    edge = _edge(request)
    _, session_id = sessions.named_by(request, edge.keys)
    found = await _connection_of(request)
    async with edge.reading(request) as work:
        return _json(await me(work, edge.keys, session_id, found[1] if found else None))


async def change_me(request: Request) -> Response:
    """Choose the language of cards and pages."""
    edge, raw = _edge(request), await read_body(request)
    _, session_id = sessions.named_by(request, edge.keys)
    body = doors.parsed(MeChange, raw)
    found = await _connection_of(request)

    async def effect(work: Work) -> Answer:
        await speak(work, body.language)
        changed = await me(work, edge.keys, session_id, found[1] if found else None)
        return Answer(200, changed.model_dump_json().encode())

    return to_response(await edge.writing(request, raw, effect))


async def sign_out(request: Request) -> Response:
    """End this session, here and wherever its cookie was copied to."""
    edge = _edge(request)
    _, session_id = sessions.named_by(request, edge.keys)

    async def effect(work: Work) -> Answer:
        session = await work.session.get_one(Session, (work.tenant_id, session_id))
        session.ended_at = work.now
        return Answer(200, SignedOut().model_dump_json().encode())

    response = to_response(await edge.writing(request, b"", effect))
    response.delete_cookie(sessions.COOKIE, path="/")
    return response


async def sign_page(request: Request) -> Response:
    """What the page hands to the host's script, so that it may use position and camera."""
    settings: Settings = request.app.state.settings
    found = await _connection_of(request)
    asked = PageSignatureQuery.model_validate(dict(request.query_params))
    if not asked.url.startswith(settings.public_url.rstrip("/") + "/"):
        raise PageElsewhere()
    if found is None:
        raise HostNotAnswering(title=SOME_HOST)
    platform, _ = found
    try:
        signed = await platform.page_signer.sign(asked.url, _edge(request).clock())
    except SendError as failure:
        raise HostNotAnswering(title=platform.title) from failure
    return _json(
        PageSignatureOut(config=dict(signed.config), agent_config=dict(signed.agent_config))
    )


async def _me_of_session(edge: Edge, opened: OpenedSession, connection: ConnectionRef) -> MeOut:
    async with edge.database.reading() as session:
        now = edge.clock()
        actor, zone = await sessions.actor_of(
            session, opened.tenant_id, opened.session_id, now, "zh"
        )
        work = Work(session, actor, now, zone)
        return await me(work, edge.keys, opened.session_id, connection)


async def _connection_of(request: Request) -> tuple[HostPlatform, ConnectionRef] | None:
    """The connection that the session came through; None when it is not usable any more.

    Looked up with no transaction open: it may need a database connection of its own, and the host
    may be asked next.
    """
    async with _edge(request).reading(request) as work:
        connection_id = work.actor.connection_id or ""
    try:
        return await _platforms(request).find(connection_id)
    except SendError:  # its stored settings cannot be right
        return None


def _edge(request: Request) -> Edge:
    edge: Edge = request.app.state.edge
    return edge


def _platforms(request: Request) -> Platforms:
    platforms: Platforms = request.app.state.platforms
    return platforms


def _json(answer: BaseModel, status: int = 200) -> Response:
    return to_response(Answer(status, answer.model_dump_json().encode()))


routes.plain += [
    doors.route("GET", "/api/v1/entry", entry),
    doors.route("POST", "/api/v1/sessions", sign_in),
    doors.route("GET", "/api/v1/me", show_me),
    doors.route("PATCH", "/api/v1/me", change_me),
    doors.route("DELETE", "/api/v1/sessions/current", sign_out),
    doors.route("GET", "/api/v1/page-signature", sign_page),
    Route("/hosts/{host}/{connection}/sign-in", leave_for_host),
    Route("/hosts/{host}/{connection}/signed-in", return_from_host),
]
routes.describe(
    "GET",
    "/entry",
    name="entry",
    summary=entry.__doc__ or "",
    query=EntryQuery,
    answer=EntryOut,
    refusals=(ConnectionUnknown, HostNotAnswering),
    session=False,
)
routes.describe(
    "POST",
    "/sessions",
    name="sign_in",
    summary=sign_in.__doc__ or "",
    body=SignInIn,
    answer=MeOut,
    status=201,
    refusals=(
        ConnectionUnknown,
        HostNotAnswering,
        JsonExpected,
        MemberNotActive,
        MemberUnknown,
        SignInCodeSpent,
    ),
    session=False,
)
routes.describe("GET", "/me", name="show_me", summary=show_me.__doc__ or "", answer=MeOut)
routes.describe(
    "PATCH",
    "/me",
    name="change_me",
    summary=change_me.__doc__ or "",
    body=MeChange,
    answer=MeOut,
)
routes.describe(
    "DELETE",
    "/sessions/current",
    name="sign_out",
    summary=sign_out.__doc__ or "",
    answer=SignedOut,
)
routes.describe(
    "GET",
    "/page-signature",
    name="sign_page",
    summary=sign_page.__doc__ or "",
    query=PageSignatureQuery,
    answer=PageSignatureOut,
    refusals=(HostNotAnswering, PageElsewhere),
)
