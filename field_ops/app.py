"""The web app: which door leads where, and who hears what."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from bot.dispatch import handle as tell_bot

from .api_tokens.api import routes as api_tokens
from .attachments.api import routes as attachments
from .chat_contacts.api import routes as chat_contacts
from .chat_contacts.hints import note_chat_contact
from .comments.api import routes as comments
from .connections.leases import a_worker_lives
from .contacts.api import routes as contacts
from .custom_fields.api import routes as custom_fields
from .customers.api import routes as customers
from .customers.listing_api import routes as listing
from .customers.places_api import routes as places
from .customers.relations_api import routes as relations
from .errors import NotFound, Refusal
from .exchange.api import routes as exchange
from .exchange.import_api import routes as imports
from .follow_ups.api import routes as follow_ups
from .grading.api import routes as grading
from .host.events import HostEvent
from .http import openapi
from .http.characters import WholeAddresses
from .http.docs_page import docs_page
from .http.observe import Observed, metrics
from .http.pace import Paced
from .http.pages import AdminFiles, H5Files, SecurityHeaders, h5_folder, not_built
from .http.problems import language_of, problem_response
from .http.routes import Operation
from .inbox.receive import Intake
from .inbox.routes import HostDoors
from .logs import log
from .merges.api import routes as merges
from .migrations import is_current
from .operations.api import routes as connections
from .people.hints import note_hints
from .pool.clock_api import routes as pools
from .roles.api import routes as roles
from .runtime import Runtime
from .sharing.api import routes as sharing
from .sign_in.api import routes as sign_in
from .tags.api import routes as tags
from .territories.api import routes as territories
from .texts import Text
from .timeline.api import routes as timeline
from .transfers.api import routes as transfers
from .visits.api import routes as visits
from .visits.place_moves_api import routes as place_moves
from .webhooks.api import routes as webhooks
from .webhooks.events import EventOut
from .work import Work

DOMAINS = (
    sign_in, listing, customers, places, relations, contacts, custom_fields, tags, api_tokens,
    exchange, imports, merges, pools, chat_contacts, visits, place_moves, follow_ups, sharing,
    transfers, roles, connections, webhooks, comments, attachments, timeline, grading,
    territories,
)  # fmt: skip
BROKEN = Text(
    "服务器出了点问题，请稍后再试（编号 {request_id}）。",
    "Something went wrong on our side. Please try again (number {request_id}).",
)
Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


async def hear(work: Work, event: HostEvent) -> None:
    """Who hears what: chat and cards go to the bot, what changed at the host becomes a hint."""
    await note_hints(work, event)
    await note_chat_contact(work, event)
    await tell_bot(work, event)


def create_app(
    runtime: Runtime, *, sandbox: ASGIApp | None = None, lifespan: Lifespan | None = None
) -> Starlette:
    """The app over open resources. `sandbox` is mounted under `/sandbox/` for the demo."""
    routes: list[BaseRoute] = [route for domain in DOMAINS for route in domain.starlette_routes()]
    routes += [
        Route("/healthz", healthy),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        Route("/api/openapi.json", show_openapi),
        Route("/api/docs", show_docs),
    ]
    if sandbox is not None:
        routes.append(Mount("/sandbox", app=sandbox))
    folder = h5_folder()
    pages: ASGIApp = H5Files(directory=folder, html=True) if folder else _page(not_built)
    desk: ASGIApp = AdminFiles(directory=folder) if folder else _page(not_built)
    home = "/sandbox/console/" if sandbox is not None else "/h5/"
    routes += [
        Mount("/h5", app=pages),
        Mount("/admin", app=desk),
        Route("/", lambda _request: RedirectResponse(home)),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan or _nothing,
        middleware=[
            Middleware(HostDoors),  # first: they are knocked at most, and need none of the others
            Middleware(Observed),
            Middleware(SecurityHeaders),
            Middleware(WholeAddresses),
            Middleware(Paced, keys=runtime.keys, clock=runtime.clock),
        ],
        exception_handlers={
            Refusal: _refused,
            HTTPException: _not_here,
            Exception: _broken,
        },
    )
    app.state.runtime = runtime
    app.state.edge = runtime.edge
    app.state.platforms = runtime.platforms
    app.state.settings = runtime.settings
    app.state.files = runtime.files
    app.state.intake = Intake(runtime.database, hear, runtime.clock)
    return app


def operations() -> list[Operation]:
    """Every operation of the API."""
    return [operation for domain in DOMAINS for operation in domain.operations]


def api_document() -> dict[str, Any]:
    """The OpenAPI document, as `/api/openapi.json` and `waiqin openapi` show it."""
    return openapi.document(operations(), version("waiqin"), EventOut)


async def healthy(_request: Request) -> Response:
    """The process is up."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The database answers, has every migration, and a worker is alive."""
    runtime: Runtime = request.app.state.runtime
    found = {"database": False, "migrations": False, "worker": False}
    try:
        async with runtime.database.reading() as session:
            await session.execute(text("SELECT 1"))
        found["database"] = True
        found["migrations"] = await is_current(runtime.database)
        found["worker"] = await a_worker_lives(runtime.database, runtime.clock())
    except Exception:  # whatever it is, this process is not ready
        log.exception("readyz")
    return JSONResponse(found, status_code=200 if all(found.values()) else 503)


async def show_openapi(_request: Request) -> Response:
    return JSONResponse(api_document())


async def show_docs(_request: Request) -> Response:
    headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(docs_page(api_document()), headers=headers)


async def _refused(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, Refusal)
    return problem_response(failure, language_of(request))


async def _not_here(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    if failure.status_code == 404 and request.url.path.startswith("/api/"):
        return problem_response(NotFound(), language_of(request))
    return Response(failure.detail, failure.status_code, headers=failure.headers)


async def _broken(request: Request, failure: Exception) -> Response:
    """The edge is one of the three places that catch everything: it logs and goes on."""
    log.error("request_failed", path=request.scope.get("route_pattern", ""), exc_info=failure)
    request_id = request.scope.get("request_id", "")
    body = {
        "type": "urn:waiqin:problem:unexpected",
        "title": "Unexpected failure",
        "status": 500,
        "code": "unexpected",
        "detail": BROKEN.say(language_of(request), request_id=request_id),
        "facts": {"request_id": request_id},
    }
    return JSONResponse(body, status_code=500, media_type="application/problem+json")


def _page(endpoint: Callable[[Request], Any]) -> ASGIApp:
    return Starlette(routes=[Route("/{path:path}", endpoint)])


@asynccontextmanager
async def _nothing(_app: Starlette) -> AsyncIterator[None]:
    yield
