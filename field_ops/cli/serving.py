"""`waiqin serve`, `web`, `worker`: the program itself."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .. import logs
from ..app import create_app, hear
from ..inbox.tally import ended
from ..migrations import upgrade
from ..runtime import Runtime, connect_environment, open_runtime
from ..warm_up import warm_up
from ..worker import Worker
from .common import check_port, run_async, settings_from_environment

GRACE_S = 5  # longer than any request; event streams stay open for ever and are cut


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port to listen on.")
@run_async
async def serve_command(host: str, port: int) -> None:
    """Web and worker in one process; brings the database up to date first."""
    await _run(host, port, with_worker=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port to listen on.")
@run_async
async def web_command(host: str, port: int) -> None:
    """The web process alone; run `waiqin worker` beside it."""
    await _run(host, port, with_worker=False)


@click.command()
@run_async
async def worker_command() -> None:
    """The worker alone: sends what waits, reminds, keeps the organisation in step."""
    settings = settings_from_environment()
    logs.set_up(settings.log_format, settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_, stop.set)
    warm_up()
    async with open_runtime(settings) as runtime:
        await Worker(runtime, hear).run(stop)


async def _run(host: str, port: int, *, with_worker: bool) -> None:
    settings = settings_from_environment()
    check_port(host, port)
    logs.set_up(settings.log_format, settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.async_database_url)
    async with open_runtime(settings) as runtime:
        await connect_environment(runtime)
        await serve(runtime, host, port, with_worker=with_worker)


async def serve(
    runtime: Runtime,
    host: str,
    port: int,
    *,
    with_worker: bool = True,
    sandbox: ASGIApp | None = None,
) -> None:
    """Answer requests until the process is told to stop; then finish what is under way."""
    warm_up()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        counting = asyncio.create_task(app.state.intake.tally.keep_writing())
        try:
            if not with_worker:
                yield
                return
            async with working(runtime):
                yield
        finally:
            await ended(counting)

    app = create_app(runtime, sandbox=sandbox, lifespan=lifespan)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    await uvicorn.Server(config).serve()


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    """The worker beside whatever runs in the block."""
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(runtime, hear).run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
