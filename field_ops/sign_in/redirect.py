"""Signing in by redirect: page → host → here → page. For hosts that give the code to an address.

What goes wrong leads back to the page, which has a sentence for `problem`.
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse

from ..errors import Refusal
from ..http import sessions
from ..http.edge import Edge
from ..logs import log
from ..settings import Settings
from . import state
from .doors import attempts_of
from .errors import SignInInterrupted
from .exchange import connection_at, open_session
from .state import Door

UNSEEN = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
LONGEST_CODE = 512  # WeCom's page 91335; nobody's is longer
CODE_NAMES = ("code", "authCode")  # hosts do not agree on it


async def leave_for_host(request: Request) -> RedirectResponse:
    """`/hosts/{host}/{connection}/sign-in?next=…&in_app=0|1`: to the host's own sign-in page.

    The page knows whether it is open inside the host's app, where another one is shown.
    """
    request.scope["route_pattern"] = "/hosts/{host}/{connection}/sign-in"
    edge: Edge = request.app.state.edge
    settings: Settings = request.app.state.settings
    door, wanted = _door(request), request.query_params.get("next", "")
    try:
        platform, _ = await connection_at(request.app.state.platforms, door)
    except Refusal as refusal:
        return _back(door, refusal, wanted)
    in_app = request.query_params.get("in_app") != "0"
    pending = state.begin(door, wanted, in_app)
    returns_to = f"{settings.public_url.rstrip('/')}{door.path}signed-in"
    url = platform.sign_in.authorise_url(returns_to, pending.nonce, in_app=in_app)
    if not url:  # here this host gives the code to the page itself, or to nobody
        return _to(_sign_in_page(door, wanted))
    response = _to(url)
    state.set_cookie(response, pending, edge.keys, edge.clock(), secure=edge.secure_cookies)
    return response


async def return_from_host(request: Request) -> RedirectResponse:
    """`/hosts/{host}/{connection}/signed-in?code=…&state=…`: from the host's sign-in page."""
    request.scope["route_pattern"] = "/hosts/{host}/{connection}/signed-in"
    edge: Edge = request.app.state.edge
    door, asked, wanted = _door(request), request.query_params, ""
    try:
        with attempts_of(request):
            pending = state.pending(
                request.cookies.get(state.COOKIE, ""),
                door,
                asked.get("state", ""),
                edge.keys,
                edge.clock(),
            )
            wanted = pending.next
            code = next(filter(None, map(asked.get, CODE_NAMES)), "")[:LONGEST_CODE]
            if not code:  # somebody pressed "cancel" there
                raise SignInInterrupted()
            opened = await open_session(
                edge, request.app.state.platforms, door, code, in_app=pending.in_app
            )
    except Refusal as refusal:
        log.info("sign_in_refused", reason=refusal.code, host=door.host, connection=door.connection)
        response = _back(door, refusal, wanted)
    else:
        response = _to(pending.next)
        cookie = sessions.cookie_value(edge.keys, opened.tenant_id, opened.session_id)
        sessions.set_cookie(response, cookie, secure=edge.secure_cookies)
    state.drop_cookie(response, door)
    return response


def _door(request: Request) -> Door:
    return Door(request.path_params["host"], request.path_params["connection"])


def _back(door: Door, refusal: Refusal, wanted: str) -> RedirectResponse:
    return _to(_sign_in_page(door, wanted, problem=refusal.code))


def _sign_in_page(door: Door, wanted: str, **more: str) -> str:
    """Of the pages that somebody wanted to go to: the phone's, or the desk console's."""
    pages = "admin" if wanted.startswith("/admin/") else "h5"
    asked = urlencode({"host": door.host, "connection": door.connection, **more})
    return f"/{pages}/?{asked}#/sign-in"


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=302, headers=UNSEEN)
