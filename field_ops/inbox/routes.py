"""Where hosts knock: `/hosts/{host}/{connection}/callback` and `…/robot`.

Read with a limit, verify, take in, answer exactly what the host wants to hear. What is not
authentic leaves no trace but a count.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..connections.refs import ConnectionRef
from ..errors import StorageBusy, StorageFull, TooLarge
from ..host.errors import CallbackNotAuthentic, CallbackUnreadable, CredentialsRejected
from ..host.platform import Callback, HostPlatform, RawCallback
from ..http.edge import read_body
from ..logs import log
from .metrics import REFUSED
from .receive import Intake

NOT_AUTHENTIC, UNREADABLE = "not_authentic", "unreadable"
BODY_LIMIT = 256 * 1024  # the largest real callback is a few KB


class Doors(Protocol):
    async def platform_named(
        self, host: str, name: str
    ) -> tuple[HostPlatform, ConnectionRef] | None:
        """The host and connection of a callback address; None when there is none."""
        ...


class Resources(Protocol):
    """What the app keeps for these routes, in `app.state`."""

    @property
    def platforms(self) -> Doors: ...
    @property
    def edge(self) -> "Edge": ...
    @property
    def intake(self) -> Intake: ...


class Edge(Protocol):
    @property
    def clock(self) -> Callable[[], datetime]: ...


async def knock(request: Request) -> Response:
    """One request of a host. The answer is sent after the commit, never before."""
    host = request.path_params["host"]
    try:
        return await _let_in(request, request.app.state, host)
    except CallbackNotAuthentic:
        return _refuse(NOT_AUTHENTIC, host, 403)
    except CallbackUnreadable as failure:
        log.error("callback.unreadable", host=host, reason=str(failure))
        return _refuse(UNREADABLE, host, 400)
    except TooLarge:
        return _refuse("too_large", host, 413)
    except ClientDisconnect:
        return _refuse("cut_off", host, 400)
    except (StorageBusy, StorageFull, CredentialsRejected) as failure:
        # No answer that the host could take for a yes: it repeats the event, and by then we may.
        log.error("callback.not_now", host=host, reason=str(failure))
        return _refuse("not_now", host, 503)


async def _let_in(request: Request, resources: Resources, host: str) -> Response:
    found = await resources.platforms.platform_named(host, request.path_params["connection"])
    if found is None:
        return _refuse("unknown_connection", "unknown", 404)
    platform, connection = found
    raw = RawCallback(
        door=request.url.path.rpartition("/")[2],
        method=request.method,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await read_body(request, BODY_LIMIT),
    )
    try:
        callback: Callback = platform.callbacks.read(raw, resources.edge.clock())
    except CallbackNotAuthentic:
        resources.intake.tally.count(connection, "", NOT_AUTHENTIC)
        raise
    except CallbackUnreadable:
        resources.intake.tally.count(connection, "", UNREADABLE)
        raise
    await resources.intake.take(connection, callback.events)
    answer = callback.answer
    return Response(
        answer.body, status_code=answer.status, headers={"content-type": answer.content_type}
    )


def _refuse(reason: str, host: str, status: int) -> Response:
    REFUSED.labels(host, reason).inc()
    return Response(status_code=status)


routes = [
    Route(f"/hosts/{{host}}/{{connection}}/{door}", knock, methods=["GET", "POST"])
    for door in ("callback", "robot")
]
