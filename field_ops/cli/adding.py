"""`waiqin host add`: ask for what is missing, try it at the host, store it encrypted."""

import sys
from zoneinfo import ZoneInfo

import click

from integrations.registry import KINDS

from ..connections import actions
from ..connections.actions import WantedConnection
from ..connections.check import check
from ..connections.credentials import checked
from ..connections.errors import ConnectionExists
from ..host.checks import Finding
from ..host.errors import CredentialsRejected
from ..host.platform import HostKind
from ..runtime import Runtime
from ..texts import Text
from ..work import Actor, Work
from .common import fail, opened, run_async
from .connecting import HOSTS, NAME_OPTION, pairs_of, tell

# Nothing answers at our address for a connection that is not stored yet, and https may come last.
LATER = ("address", "callback", "robot")
MALFORMED = Text(
    "填写的内容不对：{said}。请对照平台管理后台重新填写。",
    "What was entered cannot be right: {said}. Compare it with the host's admin console.",
)


@click.command("add")
@click.argument("host", type=HOSTS)
@NAME_OPTION
@click.option("--company", help="The company's name; made when it is new. Asked for when missing.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="Its time zone.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A credential; repeat.")
@click.option("--no-check", is_flag=True, help="Store it without asking the host.")
@run_async
async def add_command(
    host: str, name: str, company: str | None, zone: str, given: tuple[str, ...], no_check: bool
) -> None:
    """Connect a company. What is not given is asked for; the host is tried before it is stored.

    What the host rejects is not stored, unless somebody at a terminal says so.
    """
    kind = next(kind for kind in KINDS if kind.name == host)
    credentials = _asked_for(kind, pairs_of(kind, given))
    company = company or _ask("company", "--company", hide=False)
    wanted = WantedConnection(kind, name, checked(kind, credentials))
    async with opened() as runtime:
        if await runtime.platforms.platform_named(host, name) is not None:
            raise ConnectionExists(host=host, name=name)
        if not no_check:
            _decide(await _findings(runtime, wanted))
        async with runtime.database.writing() as session:
            now = runtime.clock()
            tenant = await actions.ensure_tenant(session, company, zone, now)
            work = Work(session, Actor(tenant.id, None, via="cli"), now, ZoneInfo(tenant.zone))
            await actions.add(work, runtime.keys, wanted)
    click.echo(f"added {host}/{name} of {company}. Next:")
    click.echo(f"  waiqin org sync {host} --name {name}    reads departments and members")
    click.echo("  waiqin serve")
    click.echo(f"  waiqin host check {host} --name {name}  tries the callback address, too")


async def _findings(runtime: Runtime, wanted: WantedConnection) -> list[Finding]:
    try:
        platform = runtime.platforms.try_out(wanted)
    except CredentialsRejected as failure:  # malformed: the host need not be asked
        return [Finding("credentials", False, MALFORMED.filled(said=failure))]
    return await check(platform, runtime.settings.public_url, runtime.clock(), wanted.name)


def _decide(findings: list[Finding]) -> None:
    """Tell what was found, and go on only when the host accepts us or somebody insists."""
    tell(findings, later=LATER)
    wrong = [finding for finding in findings if not finding.ok and finding.part not in LATER]
    if not wrong:
        return
    if sys.stdin.isatty() and click.confirm("Store it anyway?", default=False):
        return
    fail("nothing was stored: mend what is marked FIX, or store it with --no-check")


def _asked_for(kind: HostKind, given: dict[str, str]) -> dict[str, str]:
    missing = [key for key in kind.required if not given.get(key, "").strip()]
    return given | {key: _ask(key, f"--set {key}=…", hide=key in kind.secrets) for key in missing}


def _ask(what: str, option: str, *, hide: bool) -> str:
    if not sys.stdin.isatty():
        fail(f"{what} is missing: give it with {option}")
    return str(click.prompt(what, hide_input=hide))
