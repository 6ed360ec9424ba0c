"""`waiqin token …`: programs of other systems that may use the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from pydantic import ValidationError

from ..api_tokens import actions
from ..api_tokens.schemas import ApiTokenIn, ApiTokenOut
from ..http.tokens import SCOPES
from ..runtime import Runtime
from ..work import Work
from .common import as_json, fail, only_tenant, opened, run_async, system_work

TENANT = click.option("--tenant", type=int, help="Which company, where there are several.")
JSON = click.option("--json", "json_", is_flag=True, help="Machine-readable output.")


@click.group()
def token_command() -> None:
    """Tokens with which programs of other systems use the API."""


@token_command.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(sorted(SCOPES)),
    help="What it may do; repeat.",
)  # fmt: skip
@click.option(
    "--department", "departments", multiple=True, metavar="ID",
    help="Sees the records of this department and all below only; repeat.",
)  # fmt: skip
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=hidden|masked|read|edit",
    help="How far a field of customers is open to it; repeat.",
)  # fmt: skip
@click.option("--days", type=int, default=365, show_default=True, help="When it ends.")
@TENANT
@JSON
@run_async
async def add(
    name: str,
    scopes: tuple[str, ...],
    departments: tuple[str, ...],
    fields: tuple[str, ...],
    days: int,
    tenant: int | None,
    json_: bool,
) -> None:
    """Make a token for the program NAME, and print it this once."""
    given = {
        "name": name,
        "scopes": scopes,
        "departments": departments,
        "fields": dict(one.partition("=")[::2] for one in fields),
        "days": days,
    }
    try:
        wanted = ApiTokenIn.model_validate(given)
    except ValidationError as failure:
        fail("; ".join(f"{error['loc'][0]}: {error['msg']}" for error in failure.errors()))
    async with opened() as runtime, _company(runtime, tenant) as work:
        made, token = await actions.make(work, wanted)
        shown = ApiTokenOut.model_validate(made).model_dump()
    if json_:
        as_json({**shown, "token": token})
    else:
        click.echo(token)


@token_command.command("list")
@TENANT
@JSON
@run_async
async def list_(tenant: int | None, json_: bool) -> None:
    """Every token, and when it was last used."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        rows = [ApiTokenOut.model_validate(row) for row in await actions.listed(work)]
    if json_:
        as_json([row.model_dump() for row in rows])
        return
    for row in rows:
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
        state = "revoked" if row.revoked_at else f"until {row.expires_at:%Y-%m-%d}"
        click.echo(f"{row.id}  {row.name}  {' '.join(row.scopes)}  {state}  last used {used}")


@token_command.command("revoke")
@click.argument("token_id", metavar="ID")
@TENANT
@run_async
async def revoke(token_id: str, tenant: int | None) -> None:
    """Revoke a token: it opens nothing any more."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        token = await actions.revoke(work, token_id)
        name = token.name
    click.echo(f"{name} is revoked")


@asynccontextmanager
async def _company(runtime: Runtime, tenant: int | None) -> AsyncIterator[Work]:
    async with system_work(runtime, await only_tenant(runtime, tenant)) as work:
        yield work
