"""`waiqin host service`: what a connected host does beside messages, switched on and off."""

from typing import Any

import click

from ..agenda.messages import counted
from ..agenda.mirror import AGENDAS
from ..agenda.queries import counts
from ..connections import actions
from ..connections.services import ServiceState, states
from ..texts import Text
from ..work import Actor, Work
from .common import as_json, fail, opened, run_async
from .connecting import HOSTS, NAME_OPTION, connected

STATES = {
    "on": Text("开", "on"),
    "off": Text("关", "off"),
    "paused": Text("暂停", "paused"),
    "none": Text("不支持", "not on this host"),
}


@click.command("service")
@click.argument("host", type=HOSTS)
@click.argument("service", required=False)
@click.argument("switch", type=click.Choice(["on", "off"]), required=False)
@NAME_OPTION
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def service_command(
    host: str, service: str | None, switch: str | None, name: str, json_: bool
) -> None:
    """Calendar, to-dos and other services of a host: list them, or switch SERVICE on or off.

    All are off until somebody switches them on.
    """
    if service is not None and switch is None:
        fail(f"say what to do with it: `waiqin host service {host} {service} on` or `off`")
    async with opened() as runtime:
        platform, connection = await connected(runtime, host, name)
        if service is not None:
            async with runtime.database.writing() as session:
                actor = Actor(connection.tenant_id, None, via="cli")
                work = Work(session, actor, runtime.clock(), connection.zone)
                await actions.switch_service(work, platform, name, service, on=switch == "on")
            click.echo(f"{host}/{name}: {service} is {switch}", err=json_)
            runtime.platforms.forget()
            platform, connection = await connected(runtime, host, name)
        async with runtime.database.reading() as session:
            found = await states(session, platform, connection)
            held = {name: await counts(session, connection, name) for name in AGENDAS}
    if json_:
        as_json([{**_plain(one), "entries": held.get(one.name, {})} for one in found])
    elif service is None:
        for one in found:
            _tell(one)
            if held.get(one.name):
                told = counted(held[one.name])
                click.echo(f"{'':<18} {told.zh} {told.en}")


def _tell(one: ServiceState) -> None:
    for language in ("zh", "en"):
        label = one.name if language == "zh" else ""
        wants = f" {one.wants.say(language)}" if one.wants else ""
        state = STATES[one.state].say(language)
        click.echo(f"{label:<18} {state}: {one.does.say(language)}{wants}")
    if one.pause is not None:
        said = f"{one.pause.code} {one.pause.reason}".strip()
        again = f"{one.pause.retry_at:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{'':<18} refused: {said}; tried again after {again}")


def _plain(one: ServiceState) -> dict[str, Any]:
    return {
        "service": one.name,
        "state": one.state,
        "does": {"zh": one.does.zh, "en": one.does.en},
        "wants": {"zh": one.wants.zh, "en": one.wants.en} if one.wants else None,
        "refused": one.pause.reason if one.pause else None,
        "refused_since": one.pause.since if one.pause else None,
        "retry_at": one.pause.retry_at if one.pause else None,
    }
