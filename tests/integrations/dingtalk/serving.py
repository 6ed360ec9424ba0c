"""The pretend DingTalk at a real address, for what needs sockets: WebSockets and other programs."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from field_ops.host.events import HostEvent

PATIENCE_S = 20


class Later:
    """An app that is told later which app it is: its address has to be known before."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve the app on a free port of this machine; its address without a slash at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


class Cable:
    """A cable between us and a served app. When it `is_cut` it stays plugged in at both ends and
    carries nothing: a half-open connection."""

    def __init__(self) -> None:
        self.is_cut = False

    @asynccontextmanager
    async def to(self, address: str) -> AsyncIterator[str]:
        far = address.removeprefix("http://").split(":")
        ends: list[asyncio.StreamWriter] = []

        async def plug(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection(*far)
            ends.extend((writer, far_writer))
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

        server = await asyncio.start_server(plug, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for end in ends:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        was_cut = self.is_cut
        while some := await reader.read(65536):
            # What was plugged in after the cut is a new cable.
            if was_cut or not self.is_cut:
                writer.write(some)


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds, or fail."""
    ends_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_at, "it never came to that"
        await asyncio.sleep(0.005)


class Books:
    """Where events are delivered to. `refusals`: so many deliveries fail first."""

    def __init__(self) -> None:
        self.events: list[HostEvent] = []
        self.deliveries = 0
        self.refusals = 0
        self.open = asyncio.Event()  # cleared: whoever delivers must wait
        self.open.set()

    async def deliver(self, events: Sequence[HostEvent]) -> None:
        self.deliveries += 1
        await self.open.wait()
        if self.refusals:
            self.refusals -= 1
            raise OSError("the disk is full")
        self.events += events
