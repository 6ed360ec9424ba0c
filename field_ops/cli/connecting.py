"""Which connection a command means."""

import click

from integrations.registry import KINDS

from ..connections.refs import ConnectionRef
from ..host.platform import HostPlatform
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
