"""What a process tells about itself: request ids, one log line a request, counters."""

import time
from secrets import token_hex

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..logs import log

REQUESTS = Counter("waiqin_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "waiqin_http_request_seconds",
    "Time to answer a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
TOO_FAST = "too_fast"  # counted, not logged one by one: see `pace.py`
QUIET = ("/healthz", "/readyz", "/metrics", "static", TOO_FAST)


class Observed:
    """Gives each request an id (`X-Request-Id`), counts it, and writes its line.

    The label is the route's pattern, never the path: a path holds ids and would have no end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status, began = token_hex(8), 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        scope["request_id"] = request_id
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            route = scope.get("route_pattern") or _door(scope["path"])
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(route).observe(seconds)
            if route not in QUIET:
                log.info(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )


def _door(path: str) -> str:
    """A coarse label for what is not a typed route."""
    if path in QUIET:
        return path
    if path.startswith("/hosts/"):
        parts = path.split("/")
        return f"/hosts/{parts[2][:16]}/…/{parts[-1][:16]}" if len(parts) > 3 else "/hosts"
    return "static"


async def metrics(_request: Request) -> Response:
    """Prometheus reads this."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})
