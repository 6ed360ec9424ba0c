"""`waiqin outbox recall` and `look`, with the pretend WeCom on a real socket."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.db import new_id
from field_ops.host.messages import Notice, to_payload
from field_ops.host.platform import Recipient
from field_ops.outbox.models import OutboxMessage
from field_ops.runtime import open_runtime
from field_ops.settings import Settings
from integrations.sandbox.company import a_small_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom.simulator import WecomSimulator
from tests.field_ops.cli.test_hosts import connect, waiqin


@pytest.fixture
async def wecom() -> AsyncIterator[tuple[WecomSimulator, str]]:
    world = World()
    company = world.add(a_small_company("wecom"))
    company.app.trusted_hosts = ["127.0.0.1:8000"]
    async with httpx.AsyncClient() as http:
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(simulator.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield simulator, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def sent(folder: Path, base_url: str) -> str:
    """A message that WeCom has, with its row; gives the row's id."""
    settings = Settings.model_validate({"data_dir": folder, "wecom": {"base_url": base_url}})
    async with open_runtime(settings) as runtime:
        async with runtime.database.reading() as session:
            row = (await session.scalars(select(HostConnection))).one()
        platform = await runtime.platforms.platform_of(row.id)
        assert platform is not None
        notice, message_id, now = Notice("早上好"), new_id(), datetime.now(UTC)
        receipt = await platform.messenger.send(Recipient("lilei"), notice, once=message_id)
        async with runtime.database.writing() as session:
            session.add(
                OutboxMessage(
                    tenant_id=row.tenant_id, id=message_id, connection_id=row.id,
                    host_user_id="lilei", line="lilei", kind="answer", message=to_payload(notice),
                    once=message_id, state="sent", created_at=now, due_at=now, sent_at=now,
                    host_message_id=receipt.host_message_id,
                )
            )  # fmt: skip
    return message_id


async def test_a_message_is_taken_back_once(
    wecom: tuple[WecomSimulator, str], folder: Path
) -> None:
    simulator, base_url = wecom
    await connect(folder, simulator.company, base_url)
    message_id = await sent(folder, base_url)
    looked = await waiqin(folder, base_url, "outbox", "look", message_id)
    assert looked == (0, f"{message_id}  not told\n1 message(s) asked for\n")

    assert (await waiqin(folder, base_url, "outbox", "recall", message_id))[0] == 0
    (line,) = simulator.world.heard_by("wecom", "lilei")
    assert line.done == "已撤回"
    code, said = await waiqin(folder, base_url, "outbox", "recall", message_id)
    assert (code, "Traceback" in said) == (1, False)
    listed = await waiqin(folder, base_url, "outbox", "list")
    assert "recalled: 1" in listed[1]
