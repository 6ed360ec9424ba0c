"""The sandbox as one app: the pretend hosts' API servers and the console, to serve or to mount."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from .company import SOME_PLACES
from .console_api import ConsoleApi
from .phones import Place
from .stage import HostSimulator
from .world import World

PAGE = Path(__file__).parent / "console"
Places = Iterable[Mapping[str, Any] | Place]


def create_sandbox(
    world: World,
    simulators: Mapping[str, HostSimulator],
    *,
    clock: Callable[[], float],
    places: Places | Mapping[str, Places] = SOME_PLACES,
    h5_urls: Mapping[str, str] | None = None,
) -> Starlette:
    """`/<host>/` for each simulator and `/console/` for people; works under any prefix.

    `places` are where a person can stand: `name`, `lat`, `lng` (WGS-84) and, if it is a customer's,
    `customer_number`; the same for every host, or a mapping from host to its own. `h5_urls` maps a
    host to the address of the H5 that its phone opens, such as `/h5/?host=wecom&connection=demo`;
    it must be served from the console's own origin.
    """
    urls = dict(h5_urls or {})
    api = ConsoleApi(
        world,
        simulators,
        clock=clock,
        places=_by_host(places, simulators),
        h5_urls=urls,
    )
    return Starlette(
        routes=[
            Route("/", _to_the_console, methods=["GET"]),
            *(Mount(f"/{host}", app=simulator.app) for host, simulator in simulators.items()),
            Mount("/console/api", routes=api.routes),
            Mount("/console", app=ConsolePage(urls.values())),
        ],
        exception_handlers={HTTPException: _say_why},
    )


class ConsolePage(StaticFiles):
    """The console's files: no inline script or style, and nothing loaded from elsewhere."""

    def __init__(self, h5_urls: Iterable[str]) -> None:
        super().__init__(directory=PAGE, html=True)
        frames = {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, h5_urls) if url.netloc}
        self._policy = "; ".join(
            (
                "default-src 'self'",
                "img-src 'self' blob: data:",
                " ".join(["frame-src 'self'", *sorted(frames)]),
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'self'",
            )
        )

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response


def _by_host(places: Places | Mapping[str, Places], hosts: Iterable[str]) -> dict[str, list[Place]]:
    shared = [] if isinstance(places, Mapping) else list(places)
    return {
        host: [
            place if isinstance(place, Place) else Place(**place)
            for place in (places.get(host, ()) if isinstance(places, Mapping) else shared)
        ]
        for host in hosts
    }


async def _to_the_console(request: Request) -> Response:
    return RedirectResponse("console/")


async def _say_why(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    return JSONResponse({"detail": failure.detail}, failure.status_code, failure.headers)
