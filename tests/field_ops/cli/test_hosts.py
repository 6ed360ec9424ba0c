"""`waiqin host change`: a secret that was reset is replaced, after the host was asked."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, World
from integrations.wecom.simulator import WecomSimulator
from tests import commands


@pytest.fixture
async def wecom() -> AsyncIterator[tuple[Company, str]]:
    """The pretend WeCom on a real socket: its company and its address."""
    world = World()
    company = world.add(a_small_company("wecom"))
    company.app.trusted_hosts = ["127.0.0.1:8000"]
    async with httpx.AsyncClient() as http:
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(simulator.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield company, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def waiqin(folder: Path, base_url: str, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said, on either channel."""
    settings = {"WAIQIN_WECOM_BASE_URL": base_url}
    done = await asyncio.to_thread(commands.waiqin, folder, *arguments, settings=settings)
    code, said, complained = done
    return code, said + complained


async def connect(folder: Path, company: Company, base_url: str) -> None:
    """Add the company with the secrets of its console."""
    app = company.app
    credentials = {
        "corp_id": company.corp_id,
        "agent_id": str(app.agent_id),
        "secret": app.secret,
        "callback_token": app.callback_token,
        "callback_aes_key": app.callback_aes_key,
    }
    pairs = [part for pair in credentials.items() for part in ("--set", "=".join(pair))]
    added = await waiqin(folder, base_url, "host", "add", "wecom", "--company", "晨光商贸", *pairs)
    assert added[0] == 0, added


async def test_a_secret_that_was_reset_is_replaced(
    wecom: tuple[Company, str], folder: Path
) -> None:
    company, base_url = wecom
    app = company.app
    await connect(folder, company, base_url)

    app.secret = "fresh-secret-of-the-console"
    code, said = await waiqin(folder, base_url, "org", "sync", "wecom")
    assert code == 1
    wrong = "host", "change", "wecom", "--set", "secret=mistyped"
    code, said = await waiqin(folder, base_url, *wrong)
    assert code == 1
    assert said.startswith("waiqin: ") and "mistyped" not in said
    right = "host", "change", "wecom", "--set", f"secret={app.secret}"
    code, said = await waiqin(folder, base_url, *right)
    assert (code, app.secret in said) == (0, False), said
    code, said = await waiqin(folder, base_url, "org", "sync", "wecom")
    assert code == 0, said
    assert (await waiqin(folder, base_url, "host", "resume", "wecom"))[0] == 0


async def test_what_cannot_be_changed_is_said(folder: Path) -> None:
    for arguments, said in (
        (("--set", "secret=x"), "wecom"),
        (("--set", "colour=red"), "known are"),
        (("--set", "corp_id=ww1"), "host add"),
    ):
        code, told = await waiqin(
            folder, "http://127.0.0.1:9", "host", "change", "wecom", *arguments
        )
        assert code == 1
        assert told.startswith("waiqin: ") and said in told


async def test_services_are_listed_and_what_a_host_lacks_is_refused(
    wecom: tuple[Company, str], folder: Path
) -> None:
    company, base_url = wecom
    await connect(folder, company, base_url)
    code, said = await waiqin(folder, base_url, "host", "service", "wecom", "--json")
    listed = {one["service"]: one["state"] for one in json.loads(said)}
    assert code == 0 and set(listed.values()) <= {"off", "none"}
    missing = next(name for name, state in listed.items() if state == "none")
    for arguments, expected in (
        ((missing, "on"), missing),
        (("horoscope", "on"), "external_contacts"),
        (("calendar",), "say what to do"),
    ):
        code, said = await waiqin(folder, base_url, "host", "service", "wecom", *arguments)
        assert code == 1 and said.startswith("waiqin: ") and expected in said, said
    code, said = await waiqin(folder, base_url, "host", "service", "wecom")
    assert code == 0 and "calendar" in said and "日程" in said, said
