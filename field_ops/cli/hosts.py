"""`waiqin host …` and `waiqin org sync`: connecting companies and reading their people."""

import sys
from dataclasses import asdict
from zoneinfo import ZoneInfo

import click

from integrations.registry import KINDS

from ..connections import actions, queries
from ..connections.check import check as check_platform
from ..connections.check_services import check_services
from ..handovers.actions import hand_over_to
from ..outbox import quota
from ..people import actions as people
from ..people.sync import full_sync
from ..work import Actor, Work
from .adding import add_command
from .common import as_json, fail, opened, run_async
from .connecting import HOSTS, NAME_OPTION, account_named, connected, pairs_of, tell
from .progress import progress_of
from .services import service_command


@click.group()
def host_command() -> None:
    """Connected DingTalk organisations and WeCom corps."""


@click.group()
def org_command() -> None:
    """The organisation: departments and members."""


host_command.add_command(add_command)


@host_command.command("list")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def list_(json_: bool) -> None:
    """Every connection and its state."""
    async with opened() as runtime, runtime.database.reading() as session:
        rows = await queries.listed(session)
    if json_:
        as_json([asdict(row) for row in rows])
        return
    for row in rows:
        why = f" ({row.paused_reason})" if row.paused_reason else ""
        click.echo(f"{row.host}/{row.name}  {row.company}  {row.corp_id}  {row.state}{why}")
    if not rows:
        click.echo("no host is connected yet: `waiqin host add --help`")


@host_command.command("check")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def check(host: str, name: str, json_: bool) -> None:
    """Try each part of a connection and say what is missing. Exit 1 when something is."""
    async with opened() as runtime:
        platform, connection = await connected(runtime, host, name)
        public_url = runtime.settings.public_url
        found = await check_platform(platform, public_url, runtime.clock(), name)
        found += await check_services(platform, connection.services)
        async with runtime.database.reading() as session:
            used = await quota.used_this_month(session, connection, runtime.clock())
        found += quota.told(used, platform.title, platform.limits)
    if json_:
        as_json([asdict(finding) for finding in found])
    else:
        tell(found)
    if not all(finding.ok for finding in found):
        sys.exit(1)


@host_command.command("change")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A credential; repeat.")
@click.option("--unchecked", is_flag=True, help="Store it without asking the host.")
@run_async
async def change(host: str, name: str, given: tuple[str, ...], unchecked: bool) -> None:
    """Replace a secret that was reset; a paused connection goes on. Without --set it is asked for.

    The host is asked first: what it rejects is not stored, and the old secret stays in use. The
    processes that run take the new one up within seconds.
    """
    kind = next(kind for kind in KINDS if kind.name == host)
    asked = "secret" if "secret" in kind.secrets else "client_secret"
    changed = pairs_of(kind, given) or {asked: click.prompt(asked, hide_input=True)}
    if "corp_id" in changed:
        fail("another company is another connection: use `waiqin host add`")
    async with opened() as runtime:
        async with runtime.database.reading() as session:
            tenant_id, wanted = await actions.renewed(session, runtime.keys, kind, name, changed)
        if not unchecked:
            await runtime.platforms.try_out(wanted).directory.departments()
        async with runtime.database.writing() as session:
            actor = Actor(tenant_id, None, via="cli")
            work = Work(session, actor, runtime.clock(), ZoneInfo("UTC"))
            await actions.change(work, runtime.keys, wanted)
    click.echo(f"changed {host}/{name}: {', '.join(sorted(changed))}")


@host_command.command("resume")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@run_async
async def resume(host: str, name: str) -> None:
    """Let a paused connection go on, after its host was asked and accepts it."""
    async with opened() as runtime:
        platform, connection = await connected(runtime, host, name)
        await platform.directory.departments()
        async with runtime.database.writing() as session:
            actor = Actor(connection.tenant_id, None, via="cli")
            work = Work(session, actor, runtime.clock(), connection.zone)
            await actions.resume(work, host, name)
    click.echo(f"{host}/{name} goes on")


@host_command.command("remove")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@run_async
async def remove(host: str, name: str) -> None:
    """Disconnect. People and history stay; the credentials are forgotten."""
    async with opened() as runtime:
        _, connection = await connected(runtime, host, name)
        async with runtime.database.writing() as session:
            actor = Actor(connection.tenant_id, None, via="cli")
            work = Work(session, actor, runtime.clock(), connection.zone)
            await actions.remove(work, host, name)
    click.echo(f"removed {host}/{name}")


host_command.add_command(service_command)


@org_command.command("sync")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@click.option("--force", is_flag=True, help="Apply even when very many people would go.")
@click.option("--afresh", is_flag=True, help="Do not go on with a reading that was interrupted.")
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def sync(host: str, name: str, force: bool, afresh: bool, json_: bool) -> None:
    """Read the whole organisation and say what changed. Exit 1 when nothing was applied.

    A reading that was interrupted within the last three hours goes on where it was.
    """
    async with opened() as runtime:
        platform, connection = await connected(runtime, host, name)
        with progress_of("departments") as progress:
            report = await full_sync(
                runtime.database,
                platform,
                connection,
                runtime.clock,
                force=force,
                afresh=afresh,
                progress=progress,
            )
    if json_:
        as_json({"state": report.state, **report.to_payload()})
    else:
        for entry in report.departed:
            click.echo(f"departed: {entry.name} ({entry.host_id})")
        if (more := report.counts["departed"] - len(report.departed)) > 0:
            click.echo(f"departed: … and {more} more")
        counts = (f"{kind} {count}" for kind, count in report.counts.items() if count)
        click.echo(", ".join(counts) or "nothing has changed")
        if report.state != "done":
            click.echo(f"{report.state}: {report.reason}", err=True)
    if report.state != "done":
        sys.exit(1)


@org_command.command("link")
@click.argument("one")
@click.argument("other")
@run_async
async def link(one: str, other: str) -> None:
    """Make one member of two accounts, each given as HOST:USERID or HOST/NAME:USERID.

    For a person on both hosts whose mobile number the hosts do not give, and for one who came back
    under a new id. The older record goes on.
    """
    async with opened() as runtime:
        accounts = [await account_named(runtime, written) for written in (one, other)]
        connection = accounts[0].connection
        if accounts[1].connection.tenant_id != connection.tenant_id:
            fail("the two accounts belong to different companies")
        async with runtime.database.writing() as session:
            actor = Actor(connection.tenant_id, None, via="cli")
            work = Work(session, actor, runtime.clock(), connection.zone)
            member = await people.link(work, *accounts)
            name = member.name
    click.echo(f"{one} and {other} are one member now: {name}")


@org_command.command("hand-over")
@click.argument("leaver")
@click.argument("to")
@run_async
async def hand_over(leaver: str, to: str) -> None:
    """Give all customers and plans of LEAVER to TO, each given as HOST:USERID, without waiting."""
    async with opened() as runtime:
        accounts = [await account_named(runtime, written) for written in (leaver, to)]
        connection = accounts[0].connection
        if accounts[1].connection.tenant_id != connection.tenant_id:
            fail("the two accounts belong to different companies")
        async with runtime.database.writing() as session:
            actor = Actor(connection.tenant_id, None, via="cli")
            work = Work(session, actor, runtime.clock(), connection.zone)
            old, new = [await people.member_of(work, account) for account in accounts]
            if old is new or new.state != "active":
                fail(f"{to} cannot take over: choose somebody else who works there")
            moved = await hand_over_to(work, old, new)
            names = old.name, new.name
    click.echo(f"{moved} customers of {names[0]} belong to {names[1]} now")
