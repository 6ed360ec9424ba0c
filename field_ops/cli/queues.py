"""`waiqin inbox …` and `waiqin outbox …`: looking into the queues and repairing them."""

import sys
from collections.abc import Collection
from dataclasses import asdict
from random import SystemRandom

import click

from ..app import hear
from ..connections.refs import ConnectionRef
from ..host.errors import SendError
from ..host.platform import HostPlatform
from ..inbox.retry import kept
from ..inbox.retry import replay as replay_events
from ..outbox import deliveries
from ..outbox import queries as outbox
from ..runtime import Runtime
from .common import as_json, only_tenant, opened, run_async, system_work

TENANT = click.option("--tenant", type=int, help="The company, where there are several.")
JSON = click.option("--json", "json_", is_flag=True, help="Machine-readable output.")


@click.group()
def inbox_command() -> None:
    """What hosts delivered."""


@click.group()
def outbox_command() -> None:
    """Messages on their way to a host."""


@inbox_command.command("list")
@TENANT
@JSON
@run_async
async def list_inbox(tenant: int | None, json_: bool) -> None:
    """Events whose handling failed and that wait for a retry or for you, oldest first."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            rows = await kept(work)
    if json_:
        as_json([asdict(row) for row in rows])
        return
    for row in rows:
        click.echo(f"{row.event_id}  {row.kind}  {row.state}  {row.attempts}×  {row.error}")
    click.echo(f"{len(rows)} event(s)")


@inbox_command.command("replay")
@click.argument("event_ids", nargs=-1)
@TENANT
@run_async
async def replay(event_ids: tuple[str, ...], tenant: int | None) -> None:
    """Handle failed events again: the named ones, or all of them."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        outcomes = await replay_events(
            runtime.database, tenant_id, event_ids, hear, runtime.clock, SystemRandom()
        )
    for event_id, outcome in outcomes.items():
        click.echo(f"{event_id}  {outcome}")
    click.echo(f"{len(outcomes)} event(s) tried")
    if any(outcome != "done" for outcome in outcomes.values()):
        sys.exit(1)


@outbox_command.command("list")
@click.option("--state", "states", multiple=True, help="queued, sending, sent, refused…; repeat.")
@TENANT
@JSON
@run_async
async def list_outbox(states: tuple[str, ...], tenant: int | None, json_: bool) -> None:
    """Messages and what happened to each, newest first."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            rows = await outbox.messages(work, states)
            counts = await outbox.summary(work)
    if json_:
        as_json({"counts": counts, "messages": [asdict(row) for row in rows]})
        return
    for row in rows:
        click.echo(
            f"{row.id}  {row.kind}  → {row.host_user_id}  {row.state}  "
            f"{row.attempts}×  {row.delivery}  {row.error}".rstrip()
        )
    click.echo(", ".join(f"{state}: {count}" for state, count in sorted(counts.items())) or "empty")


@outbox_command.command("retry")
@click.argument("ids", nargs=-1)
@TENANT
@run_async
async def retry(ids: tuple[str, ...], tenant: int | None) -> None:
    """Queue refused and given-up messages again: the named ones, or all of them."""
    async with opened() as runtime:
        tenant_id = await only_tenant(runtime, tenant)
        async with system_work(runtime, tenant_id) as work:
            count = await outbox.retry(work, ids)
    click.echo(f"{count} message(s) queued again")


@outbox_command.command("look")
@click.argument("ids", nargs=-1, required=True)
@TENANT
@JSON
@run_async
async def look(ids: tuple[str, ...], tenant: int | None, json_: bool) -> None:
    """Ask the host what became of these messages: delivered, read or dropped. A call for each."""
    told: dict[str, str] = {}
    async with opened() as runtime:
        for platform, connection, one in await _sent(runtime, tenant, ids):
            if platform.delivery is None:
                continue
            now = runtime.clock()
            found = await deliveries.look(runtime.database, platform.delivery, connection, one, now)
            told[one.id] = f"{found.state} {found.reason}".strip() if found else "not told"
    if json_:
        as_json(told)
        return
    for message_id, state in told.items():
        click.echo(f"{message_id}  {state}")
    click.echo(f"{len(told)} message(s) asked for")


@outbox_command.command("recall")
@click.argument("message_id")
@TENANT
@run_async
async def recall(message_id: str, tenant: int | None) -> None:
    """Take a message back from whoever has it, within 24 hours of its sending."""
    async with opened() as runtime:
        found = await _sent(runtime, tenant, [message_id])
        if not found or found[0][0].delivery is None:
            raise click.ClickException("no message that was sent under an id of its host's")
        platform, connection, one = found[0]
        assert platform.delivery is not None
        try:
            await platform.delivery.recall(one.recipient, one.host_message_id)
        except SendError as failure:
            raise click.ClickException(f"the host did not take it back: {failure}") from failure
        async with system_work(runtime, connection.tenant_id) as work:
            await deliveries.note_recalled(work, one)
    click.echo(f"{message_id}  recalled")


async def _sent(
    runtime: Runtime, tenant: int | None, ids: Collection[str]
) -> list[tuple[HostPlatform, ConnectionRef, deliveries.SentMessage]]:
    tenant_id = await only_tenant(runtime, tenant)
    async with system_work(runtime, tenant_id) as work:
        messages = await deliveries.named(work, ids)
    found = [(await runtime.platforms.find(one.connection_id), one) for one in messages]
    return [(*at, one) for at, one in found if at is not None]
