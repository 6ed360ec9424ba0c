"""`waiqin demo` and `waiqin sandbox`: the pretend hosts, with or without our own program."""

import json
import os
import time
from typing import TextIO
from zoneinfo import ZoneInfo

import click
import httpx
import uvicorn

from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.sandbox.app import create_sandbox
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import KINDS, Faults, keeping_time
from integrations.sandbox.schedule import Planned, read_plan
from integrations.sandbox.stage import HostSimulator
from integrations.sandbox.world import Company, World
from integrations.wecom.simulator import WecomSimulator

from .. import logs
from ..demo.seed import seed
from ..demo.today import places
from ..demo.world import CONNECTION, build_world
from ..migrations import upgrade
from ..runtime import Runtime, open_runtime
from .common import check_port, run_async, settings_from_environment
from .serving import serve

ADMIN = f"/admin/?host=wecom&connection={CONNECTION}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port to listen on.")
@run_async
async def demo_command(host: str, port: int) -> None:
    """Two demo companies, the sandbox and the console at one address."""
    began = time.monotonic()
    check_port(host, port)
    settings = settings_from_environment()
    if "WAIQIN_PUBLIC_URL" not in os.environ:
        settings = settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    logs.set_up(settings.log_format, settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.async_database_url)
    async with open_runtime(settings) as runtime:
        world = build_world(time.time, public_url=settings.public_url, keys=runtime.keys)
        today = runtime.clock().astimezone(ZoneInfo(settings.timezone)).date()
        simulators = simulators_of(world, runtime)
        sandbox = create_sandbox(
            world,
            simulators,
            clock=time.time,
            places={name: places(name, today) for name in world.companies},
            h5_urls={name: f"/h5/?host={name}&connection={CONNECTION}" for name in world.companies},
        )
        await seed(runtime, world, sandbox, progress=_say)
        click.echo(f"\n  Waiqin is ready after {time.monotonic() - began:.1f} s. Open\n")
        click.echo(f"      {settings.public_url}/\n")
        click.echo("  and live a day in the field. Stop with Ctrl-C.\n")
        click.echo(f"  The administrator's desk: {settings.public_url}{ADMIN}\n")
        async with keeping_time([each.faults for each in simulators.values()]):
            await serve(runtime, host, port, sandbox=sandbox)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8100, show_default=True, help="Port to listen on.")
@click.option("--app-url", default="http://127.0.0.1:8000", show_default=True, help="Your Waiqin.")
@click.option("--people", type=click.IntRange(1, 200_000), help="Make a company of so many people.")
@click.option("--departments", type=click.IntRange(1, 20_000), help="…in so many departments.")
@click.option("--seed", default=7, show_default=True, help="The same seed, the same people.")
@click.option("--long-connections", is_flag=True, help="Robots are reached over a connection.")
@click.option("--faults", type=click.File(), help="A plan of bad days, in JSON.")
@click.option("--chaos", type=int, metavar="SEED", help="A bad day out of the dice of this seed.")
@run_async
async def sandbox_command(
    host: str,
    port: int,
    app_url: str,
    people: int | None,
    departments: int | None,
    seed: int,
    long_connections: bool,
    faults: TextIO | None,
    chaos: int | None,
) -> None:
    """The pretend hosts alone, for a Waiqin (or another program) that runs elsewhere."""
    check_port(host, port)
    plan, dice = _plan(faults, chaos)
    base = f"http://{host}:{port}"
    world = World()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        simulators: dict[str, HostSimulator] = {}
        for name in ("wecom", "dingtalk"):
            company = world.add(_a_company(name, people, departments, seed))
            company.app.callback_url = f"{app_url}/hosts/{name}/default/callback"
            company.app.robot_url = f"{app_url}/hosts/{name}/default/robot"
        simulators["wecom"] = wecom = WecomSimulator(
            world, world.companies["wecom"], http, time.time, Faults(), base_url=f"{base}/wecom"
        )
        wecom.bot.by_connection = long_connections
        simulators["dingtalk"] = DingtalkSimulator(
            world,
            world.companies["dingtalk"],
            http,
            time.time,
            Faults(),
            base_url=f"{base}/dingtalk",
        )
        given = _environment(world, base)
        if long_connections:
            given |= {"WECOM_BOT_ID": wecom.bot.id, "WECOM_BOT_SECRET": wecom.bot.secret}
            given |= {"DINGTALK_STREAM": "true"}
        for name, value in given.items():
            click.echo(f"export WAIQIN_{name}='{value}'")
        app = create_sandbox(world, simulators, clock=time.time)
        config = uvicorn.Config(
            app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3
        )
        for name, each in simulators.items():
            if mine := [planned for planned in plan if planned.host in ("", name)]:
                each.faults.start(mine, dice)
        async with keeping_time([each.faults for each in simulators.values()]):
            await uvicorn.Server(config).serve()


def _plan(file: TextIO | None, seed: int | None) -> tuple[list[Planned], int]:
    """The faults that were asked for, and the seed of their dice."""
    if file and seed is not None:
        raise click.UsageError("Give --faults or --chaos, not both.")
    try:
        values = json.load(file) if file else {"seed": seed, "chaos": True}
        return read_plan(values, KINDS) if file or seed is not None else ([], 0)
    except ValueError as failure:
        raise click.BadParameter(str(failure), param_hint="--faults") from failure


def _a_company(host: str, people: int | None, departments: int | None, seed: int) -> Company:
    """晨光商贸, or one of any size when a size is given: ten people to a department."""
    if people is None and departments is None:
        return a_small_company(host)
    people = people or (departments or 1) * 10
    return a_big_company(host, people, departments or max(people // 10, 1), seed)


def _environment(world: World, base: str) -> dict[str, str]:
    """The settings under which a Waiqin finds these hosts; they are no secrets of anybody."""
    wecom, dingtalk = world.companies["wecom"], world.companies["dingtalk"]
    return {
        "WECOM_BASE_URL": f"{base}/wecom",
        "WECOM_BOT_URL": f"ws{base.removeprefix('http')}/wecom/openws",
        "WECOM_CORP_ID": wecom.corp_id,
        "WECOM_AGENT_ID": str(wecom.app.agent_id),
        "WECOM_SECRET": wecom.app.secret,
        "WECOM_CALLBACK_TOKEN": wecom.app.callback_token,
        "WECOM_CALLBACK_AES_KEY": wecom.app.callback_aes_key,
        "DINGTALK_API_BASE_URL": f"{base}/dingtalk",
        "DINGTALK_OAPI_BASE_URL": f"{base}/dingtalk",
        "DINGTALK_CORP_ID": dingtalk.corp_id,
        "DINGTALK_AGENT_ID": str(dingtalk.app.agent_id),
        "DINGTALK_CLIENT_ID": dingtalk.app.client_id,
        "DINGTALK_CLIENT_SECRET": dingtalk.app.secret,
        "DINGTALK_ROBOT_CODE": dingtalk.app.robot_code,
        "DINGTALK_CALLBACK_TOKEN": dingtalk.app.callback_token,
        "DINGTALK_CALLBACK_AES_KEY": dingtalk.app.callback_aes_key,
    }


def simulators_of(world: World, runtime: Runtime) -> dict[str, HostSimulator]:
    """The pretend hosts of the companies in this world, mounted under `/sandbox/`."""
    base = f"{runtime.settings.public_url}/sandbox"
    made: dict[str, HostSimulator] = {}
    for name, company in world.companies.items():
        if name == "wecom":
            made[name] = WecomSimulator(
                world, company, runtime.http, time.time, Faults(), base_url=f"{base}/wecom"
            )
        else:
            made[name] = dingtalk = DingtalkSimulator(
                world, company, runtime.http, time.time, Faults(), base_url=f"{base}/dingtalk"
            )
            # What the demo's people did is in its story; records drawn by dice would contradict it.
            dingtalk.switches.makes_up_records = False
    return made


def _say(line: str) -> None:
    click.echo(f"  {line}")
