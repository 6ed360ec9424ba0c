"""What the benchmarks share: a served app, many requests at once, and one JSON line a figure."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median, quantiles

import uvicorn
from starlette.types import ASGIApp


def say(name: str, value: float, unit: str, yardstick: str = "", against: float = 0) -> None:
    """Print one figure; `ratio` is value ÷ the yardstick's value of the same run."""
    line: dict[str, object] = {"name": name, "value": round(value, 3), "unit": unit}
    if yardstick:
        line |= {"ratio_to": yardstick, "ratio": round(value / against, 2) if against else None}
    print(json.dumps(line), flush=True)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app on a free loopback port, by uvicorn, as `waiqin web` serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def p50_p99_ms(took: Sequence[float]) -> tuple[float, float]:
    return median(took) * 1000, quantiles(took, n=100)[98] * 1000
