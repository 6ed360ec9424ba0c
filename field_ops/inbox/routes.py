"""Where hosts knock: `/hosts/{host}/{connection}/callback` and `…/robot`.

Read with a limit, verify, take in, answer exactly what the host wants to hear. What is not
authentic leaves no trace but a count.

The doors stand before everything that is for people (sessions, pace, pages), and speak ASGI
themselves: hosts bring thousands of events a second when many people start their day.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from random import getrandbits
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from ..connections.refs import ConnectionRef
from ..errors import StorageBusy, StorageFull, TooLarge
from ..host.errors import CallbackNotAuthentic, CallbackUnreadable, CredentialsRejected
from ..host.platform import Callback, CallbackAnswer, HostPlatform, RawCallback
from ..http.observe import REQUESTS, SECONDS
from ..logs import log
from .metrics import REFUSED
from .receive import Intake

NOT_AUTHENTIC, UNREADABLE = "not_authentic", "unreadable"
BODY_LIMIT = 256 * 1024  # the largest real callback is a few KB
DOORS = ("callback", "robot")
METHODS = ("GET", "POST")
UNKNOWN = "unknown"


class Doors(Protocol):
    async def platform_named(
        self, host: str, name: str
    ) -> tuple[HostPlatform, ConnectionRef] | None:
        """The host and connection of a callback address; None when there is none."""
        ...


class Resources(Protocol):
    """What the app keeps for these doors, in `app.state`."""

    @property
    def platforms(self) -> Doors: ...
    @property
    def edge(self) -> "Edge": ...
    @property
    def intake(self) -> Intake: ...


class Edge(Protocol):
    @property
    def clock(self) -> Callable[[], datetime]: ...


class HostDoors:
    """Lets hosts in, and passes everybody else on; whoever hides a NUL is no host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"] if scope["type"] == "http" else ""
        parts = path.split("/")
        is_door = len(parts) == 5 and parts[1] == "hosts" and parts[4] in DOORS
        if is_door and "\x00" not in path and b"%00" not in scope["query_string"]:
            await _observed(scope, receive, send, *parts[2:])
        else:
            await self._app(scope, receive, send)


async def _observed(
    scope: Scope, receive: Receive, send: Send, host: str, name: str, door: str
) -> None:
    """Answer and count. No line for each in the log: what fails, and why, is told where it does."""
    request_id = scope["request_id"] = f"{getrandbits(64):016x}"
    began, status, known = perf_counter(), 500, UNKNOWN
    try:
        known, answer = await _knock(scope, receive, host, name, door)
        status = answer.status
        await _send(send, answer, request_id)
    finally:
        requests, seconds = _counters(scope["method"], f"/hosts/{known}/…/{door}", status)
        requests.inc()
        seconds.observe(perf_counter() - began)


async def _knock(
    scope: Scope, receive: Receive, host: str, name: str, door: str
) -> tuple[str, CallbackAnswer]:
    """The host's name when it is one of ours, and what it hears. Sent after the commit only."""
    resources: Resources = scope["app"].state
    known = UNKNOWN
    try:
        if scope["method"] not in METHODS:
            return known, CallbackAnswer(status=405)
        found = await resources.platforms.platform_named(host, name)
        if found is None:
            return known, _refuse("unknown_connection", known, 404)
        platform, connection = found
        known = connection.host
        raw = RawCallback(
            door=door,
            method=scope["method"],
            query=_query(scope["query_string"]),
            headers={
                key.decode("latin-1"): text.decode("latin-1") for key, text in scope["headers"]
            },
            body=await _body(scope, receive),
        )
        callback = _read(platform, connection, raw, resources)
        await resources.intake.take(connection, callback.events)
        return known, callback.answer
    except CallbackNotAuthentic:
        return known, _refuse(NOT_AUTHENTIC, known, 403)
    except CallbackUnreadable as failure:
        log.error("callback.unreadable", host=known, reason=str(failure), **_id(scope))
        return known, _refuse(UNREADABLE, known, 400)
    except TooLarge:
        return known, _refuse("too_large", known, 413)
    except ClientDisconnect:
        return known, _refuse("cut_off", known, 400)
    except (StorageBusy, StorageFull, CredentialsRejected) as failure:
        # No answer that the host could take for a yes: it repeats the event, and by then we may.
        log.error("callback.not_now", host=known, reason=str(failure), **_id(scope))
        return known, _refuse("not_now", known, 503)


def _read(
    platform: HostPlatform, connection: ConnectionRef, raw: RawCallback, resources: Resources
) -> Callback:
    try:
        return platform.callbacks.read(raw, resources.edge.clock())
    except CallbackNotAuthentic:
        resources.intake.tally.count(connection, "", NOT_AUTHENTIC)
        raise
    except CallbackUnreadable:
        resources.intake.tally.count(connection, "", UNREADABLE)
        raise


def _query(raw: bytes) -> dict[str, str]:
    text = raw.decode("latin-1")
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    # Nothing to decode, as in every push of WeCom: a third of what `parse_qsl` takes.
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {name: value for name, _, value in pairs}


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body, refused as soon as it is longer than `BODY_LIMIT` bytes."""
    for name, text in scope["headers"]:
        if name == b"content-length" and text.isdigit() and int(text) > BODY_LIMIT:
            raise TooLarge(limit_mb=0)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect()
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge(limit_mb=0)
        if not message.get("more_body", False):
            return bytes(body)


async def _send(send: Send, answer: CallbackAnswer, request_id: str) -> None:
    headers = [
        (b"content-length", str(len(answer.body)).encode()),
        (b"content-type", answer.content_type.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _refuse(reason: str, host: str, status: int) -> CallbackAnswer:
    REFUSED.labels(host, reason).inc()
    return CallbackAnswer(status=status)


def _id(scope: Scope) -> dict[str, str]:
    return {"request_id": scope["request_id"]}


@lru_cache(maxsize=256)
def _counters(method: str, route: str, status: int) -> tuple[Any, Any]:
    """Finding a counter by its labels costs several times what counting does."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)
