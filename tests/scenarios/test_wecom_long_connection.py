"""WeCom's bot by long connection: one worker holds it, and what a group asks is answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from field_ops.app import hear
from field_ops.connections.actions import change
from field_ops.inbox.long_connections import LongConnections
from integrations.wecom.simulator import WecomSimulator
from tests.integrations.wecom.conftest import served, until
from tests.scenarios.stage import Phone, Stage


@pytest.fixture
async def wecom(stage: Stage) -> AsyncIterator[WecomSimulator]:
    """The pretend WeCom, whose administrator has chosen the long connection for the bot."""
    simulator = stage.simulators["wecom"]
    assert isinstance(simulator, WecomSimulator)
    simulator.bot.by_connection = True
    wanted, bot = stage.wanted("wecom"), simulator.bot
    given = {**wanted.credentials, "bot_id": bot.id, "bot_secret": bot.secret}
    async with served(simulator.app) as port:
        base_urls = {**wanted.base_urls, "wecom_bot": f"ws://127.0.0.1:{port}/openws"}
        async with stage.database.writing() as session:
            work = stage.system(session, "wecom")
            changed = replace(wanted, credentials=given, base_urls=base_urls)
            await change(work, stage.runtime.keys, changed)
        stage.platforms.forget()
        yield simulator


@pytest.fixture
async def workers(stage: Stage, wecom: WecomSimulator) -> AsyncIterator[None]:
    """Two workers, of which one holds the connection."""
    stop = asyncio.Event()
    names = ("worker-1", "worker-2")
    running = [
        asyncio.create_task(
            LongConnections(stage.database, stage.platforms, stage.clock, name, hear).run(stop)
        )
        for name in names
    ]
    await until(lambda: wecom.bot_socket.is_connected)
    yield
    stop.set()
    await asyncio.gather(*running)
    await until(lambda: not wecom.bot_socket.is_connected)


async def taken_in(stage: Stage, count: int) -> None:
    """Wait until so many events are in the inbox."""
    async with asyncio.timeout(60):
        while (await stage.row_counts())["inbox_event"] < count:  # noqa: ASYNC110 - a table
            await asyncio.sleep(0.02)


async def test_a_question_in_a_group_is_answered_in_the_group(
    stage: Stage, wecom: WecomSimulator, workers: None
) -> None:
    (group,) = wecom.company.groups
    wecom.faults.duplicate_events = 3
    assert await wecom.say("lilei", "帮助", group) == 200
    await taken_in(stage, 1)
    await stage.deliver()
    for user_id in ("lilei", "hanmeimei"):
        heard = Phone(stage, "wecom", user_id).heard
        assert [(line.conversation_id, "查 华联" in line.text) for line in heard] == [(group, True)]
    assert wecom.bot_socket.subscriptions == 1


async def test_a_connection_that_broke_is_taken_up_again(
    stage: Stage, wecom: WecomSimulator, workers: None
) -> None:
    (group,) = wecom.company.groups
    await wecom.bot_socket.hang_up()
    await until(lambda: wecom.bot_socket.is_connected)
    assert await wecom.say("lilei", "帮助", group) == 200
    await taken_in(stage, 1)
    await stage.deliver()
    assert len(Phone(stage, "wecom", "lilei").heard) == 1
