"""What every command shares: one sentence on failure, JSON on demand, open resources."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click
import orjson
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from .. import logs, loop
from ..errors import Refusal
from ..host.errors import HostError
from ..migrations import is_current
from ..runtime import Runtime, open_runtime
from ..settings import Settings
from ..tenants.models import Tenant
from ..work import Actor, Work


class Failure(click.ClickException):
    """One sentence on stderr, exit 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"waiqin: {self.format_message()}", err=True)


def fail(sentence: str) -> NoReturn:
    raise Failure(sentence)


def run_async(command: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async command, with refusals as sentences."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            loop.run(command(*args, **kwargs))  # type: ignore[arg-type]
        except Refusal as refusal:
            fail(refusal.say("en"))
        except HostError as failure:
            fail(f"the host did not do it: {failure}")

    return run


def as_json(value: Any) -> None:
    """Print machine-readable output."""
    click.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def settings_from_environment() -> Settings:
    try:
        return Settings()
    except ValidationError as failure:
        wrong = [
            f"WAIQIN_{'_'.join(map(str, error['loc'])).upper()}: {error['msg']}"
            for error in failure.errors(include_input=False)
        ]
        fail("; ".join(wrong))


def check_port(host: str, port: int) -> None:
    """Say so before anything else is done when somebody already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            fail(f"port {port} cannot be used ({failure.strerror}): choose another with PORT=…")


@asynccontextmanager
async def opened() -> AsyncIterator[Runtime]:
    """The runtime of a command, on a migrated database."""
    settings = settings_from_environment()
    logs.set_up(settings.log_format, "warning")
    async with open_runtime(settings) as runtime:
        if not await _is_migrated(runtime):
            fail("the database is not ready: run `waiqin migrate` first")
        yield runtime


@asynccontextmanager
async def system_work(runtime: Runtime, tenant_id: int) -> AsyncIterator[Work]:
    """One transaction in the name of the company."""
    async with runtime.database.writing() as session:
        tenant = await session.get(Tenant, tenant_id)
        if tenant is None:
            fail(f"there is no company {tenant_id}")
        actor = Actor(tenant_id, None, via="cli")
        yield Work(session, actor, runtime.clock(), ZoneInfo(tenant.zone))


async def only_tenant(runtime: Runtime, wanted: int | None) -> int:
    """The company that is meant: the one that is named, or the only one."""
    async with runtime.database.reading() as session:
        rows = (await session.execute(select(Tenant.id, Tenant.name).order_by(Tenant.id))).all()
    if wanted is not None:
        return wanted
    if len(rows) == 1:
        return int(rows[0].id)
    names = ", ".join(f"{row.id} {row.name}" for row in rows) or "none yet"
    fail(f"say which company with --tenant ({names})")


async def _is_migrated(runtime: Runtime) -> bool:
    try:
        return await is_current(runtime.database)
    except SQLAlchemyError as failure:
        fail(f"the database cannot be opened: {failure.__class__.__name__}")
