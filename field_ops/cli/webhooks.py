"""`waiqin webhook …`: addresses of other systems that are told what happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import click
from pydantic import ValidationError

from ..runtime import Runtime
from ..webhooks import actions, queries
from ..webhooks.api import delivery_out
from ..webhooks.events import EVENT_NAMES
from ..webhooks.failures import said
from ..webhooks.schemas import WebhookIn
from ..work import Work
from .common import as_json, fail, only_tenant, opened, run_async, system_work

TENANT = click.option("--tenant", type=int, help="Which company, where there are several.")
JSON = click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
ID = click.argument("webhook_id", metavar="ID")


@click.group()
def webhook_command() -> None:
    """Addresses of other systems that are told what happens."""


@webhook_command.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--event", "events", multiple=True, type=click.Choice(EVENT_NAMES),
    help="What it is told; repeat. All of them without.",
)  # fmt: skip
@click.option(
    "--department", "departments", multiple=True, metavar="ID",
    help="Is told of the records of this department and all below only; repeat.",
)  # fmt: skip
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=hidden|masked|read",
    help="How far a field of customers is open to it; repeat.",
)  # fmt: skip
@TENANT
@JSON
@run_async
async def add(
    name: str,
    url: str,
    events: tuple[str, ...],
    departments: tuple[str, ...],
    fields: tuple[str, ...],
    tenant: int | None,
    json_: bool,
) -> None:
    """Tell URL what happens from now on, and print the secret that signs it, this once."""
    given = {
        "name": name,
        "url": url,
        "events": events or EVENT_NAMES,
        "departments": departments,
        "fields": dict(one.partition("=")[::2] for one in fields),
    }
    try:
        wanted = WebhookIn.model_validate(given)
    except ValidationError as failure:
        fail("; ".join(f"{error['loc'][0]}: {error['msg']}" for error in failure.errors()))
    async with opened() as runtime, _company(runtime, tenant) as work:
        made, secret = await actions.make(work, runtime.keys, wanted)
        shown = {"id": made.id, "name": made.name, "url": made.url, "secret": secret}
    as_json(shown) if json_ else click.echo(f"{shown['id']}  {secret}")


@webhook_command.command("list")
@TENANT
@JSON
@run_async
async def list_(tenant: int | None, json_: bool) -> None:
    """Every webhook, and how it is doing."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        counts = await queries.counts(work)
        rows = [
            {
                "id": one.id,
                "name": one.name,
                "url": one.url,
                "events": one.events,
                "failures": one.failures,
                "paused": (said(one.paused_reason, "en") or "by hand") if one.paused_at else "",
                **counts.get(one.id, {}),
            }
            for one in await queries.listed(work)
        ]
    if json_:
        as_json(rows)
        return
    for row in rows:
        state = f"paused: {row['paused']}" if row["paused"] else f"{row['failures']} failures"
        waiting, lost = row.get("queued", 0), row.get("given_up", 0)
        click.echo(
            f"{row['id']}  {row['name']}  {row['url']}  {state}  {waiting} waiting  {lost} given up"
        )


@webhook_command.command("deliveries")
@ID
@click.option("--state", type=click.Choice(["queued", "sending", "delivered", "given_up"]))
@TENANT
@JSON
@run_async
async def deliveries(webhook_id: str, state: str | None, tenant: int | None, json_: bool) -> None:
    """The last fifty deliveries and what was answered."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        found = await queries.deliveries(work, webhook_id, state=state or "")
        rows = [delivery_out(one, "en") for one in found[: queries.PAGE]]
    if json_:
        as_json([row.model_dump() for row in rows])
        return
    for row in rows:
        why = row.error or row.status or ""
        click.echo(f"{row.number}  {row.event}  {row.state}  {row.attempts}×  {why}".rstrip())


@webhook_command.command("replay")
@ID
@click.argument("numbers", nargs=-1, type=int)
@click.option("--since", metavar="MOMENT", help="Only what was made since, 2026-03-01T00:00+08:00.")
@click.option("--delivered", is_flag=True, help="Also what was delivered.")
@TENANT
@run_async
async def replay(
    webhook_id: str,
    numbers: tuple[int, ...],
    since: str | None,
    delivered: bool,
    tenant: int | None,
) -> None:
    """Send again: the named deliveries, or all that were given up."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        if numbers:
            for number in numbers:
                await actions.replay(work, webhook_id, number)
            count = len(numbers)
        else:
            moment = _moment(since) if since else None
            count = await actions.replay_many(work, webhook_id, since=moment, delivered=delivered)
    click.echo(f"{count} delivery(s) queued again")


@webhook_command.command("rotate")
@ID
@TENANT
@run_async
async def rotate(webhook_id: str, tenant: int | None) -> None:
    """Print a new secret; for 24 hours the one before signs too."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        _, secret = await actions.rotate(work, runtime.keys, webhook_id)
    click.echo(secret)


@webhook_command.command("pause")
@ID
@TENANT
@run_async
async def pause(webhook_id: str, tenant: int | None) -> None:
    """Send nothing until it is resumed; what happens meanwhile waits for thirty days."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        name = (await actions.pause(work, webhook_id)).name
    click.echo(f"{name} is paused")


@webhook_command.command("resume")
@ID
@TENANT
@run_async
async def resume(webhook_id: str, tenant: int | None) -> None:
    """End a pause: what waited goes out now, in order."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        name = (await actions.resume(work, webhook_id)).name
    click.echo(f"{name} is resumed")


@webhook_command.command("ping")
@ID
@TENANT
@run_async
async def ping(webhook_id: str, tenant: int | None) -> None:
    """Send an event that says nothing, to try the way."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        await actions.ping(work, webhook_id)
    click.echo("on its way: see `waiqin webhook deliveries`")


@webhook_command.command("remove")
@ID
@TENANT
@run_async
async def remove(webhook_id: str, tenant: int | None) -> None:
    """Tell it nothing any more."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        name = (await actions.remove(work, webhook_id)).name
    click.echo(f"{name} is removed")


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        fail("--since is no moment: write it as 2026-03-01T00:00+08:00")
    if moment.tzinfo is None:
        fail("--since needs a time zone: write it as 2026-03-01T00:00+08:00")
    return moment


@asynccontextmanager
async def _company(runtime: Runtime, tenant: int | None) -> AsyncIterator[Work]:
    async with system_work(runtime, await only_tenant(runtime, tenant)) as work:
        yield work
