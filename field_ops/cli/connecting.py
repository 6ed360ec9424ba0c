"""Which connection a command means, what it is given, and what was found of it."""

from collections.abc import Collection, Sequence

import click

from integrations.registry import KINDS

from ..connections.refs import ConnectionRef
from ..host.checks import Finding
from ..host.platform import HostKind, HostPlatform
from ..people.actions import Account
from ..runtime import Runtime
from .common import fail

NAME_OPTION = click.option("--name", default="default", show_default=True, help="Connection name.")
HOSTS = click.Choice([kind.name for kind in KINDS])


async def connected(runtime: Runtime, host: str, name: str) -> tuple[HostPlatform, ConnectionRef]:
    """The platform of a connection and what is known of it, or one sentence."""
    found = await runtime.platforms.platform_named(host, name)
    if found is None:
        fail(f"there is no connection {host}/{name}: see `waiqin host list`")
    return found


def tell(findings: Sequence[Finding], later: Collection[str] = ()) -> None:
    """A line for each part in both languages; what may be missing until `later` is marked so."""
    for finding in findings:
        mark = "ok   " if finding.ok else "later" if finding.part in later else "FIX  "
        click.echo(f"{mark} {finding.part}: {finding.says.zh}")
        click.echo(f"      {finding.says.en}")


def pairs_of(kind: HostKind, given: tuple[str, ...]) -> dict[str, str]:
    """KEY=VALUE as it was given; one sentence for a key that this host does not have."""
    found = {}
    for pair in given:
        key, separator, value = pair.partition("=")
        if not separator or key not in kind.credentials:
            fail(f"{key}: known are {', '.join(kind.credentials)}")
        found[key] = value
    return found


async def account_named(runtime: Runtime, written: str) -> Account:
    """Somebody by one of his accounts: HOST:USERID, or HOST/NAME:USERID."""
    door, _, user_id = written.partition(":")
    host, _, name = door.partition("/")
    if not (host and user_id):
        fail(f"{written}: write HOST:USERID or HOST/NAME:USERID, as in wecom:lilei")
    _, connection = await connected(runtime, host, name or "default")
    return Account(connection, user_id)
