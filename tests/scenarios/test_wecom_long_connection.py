"""WeCom's bot by long connection: one worker holds it, and what a group asks is answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest

from field_ops.app import hear
from field_ops.connections.actions import change
from field_ops.inbox.long_connections import LongConnections
from field_ops.outbox.relay import Relay
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
async def workers(stage: Stage, wecom: WecomSimulator) -> AsyncIterator[list[Relay]]:
    """The relays of two workers, of which the first holds the connection."""
    stop = asyncio.Event()
    holders = [
        LongConnections(stage.database, stage.platforms, stage.clock, name, hear)
        for name in ("worker-1", "worker-2")
    ]
    running = [asyncio.create_task(holder.run(stop)) for holder in holders]
    await until(lambda: wecom.bot_socket.is_connected and any(one.holds() for one in holders))
    holders.sort(key=lambda one: not one.holds())
    relays = [
        Relay(stage.database, stage.platforms, stage.clock, f"r{n}", Random(1), holder.holds)
        for n, holder in enumerate(holders)
    ]
    stage.relay = relays[0]
    yield relays
    stop.set()
    await asyncio.gather(*running)
    await until(lambda: not wecom.bot_socket.is_connected)


async def taken_in(stage: Stage, count: int) -> None:
    """Wait until so many events are in the inbox."""
    async with asyncio.timeout(60):
        while (await stage.row_counts())["inbox_event"] < count:  # noqa: ASYNC110 - a table
            await asyncio.sleep(0.02)


async def test_a_question_in_a_group_is_answered_in_the_group(
    stage: Stage, wecom: WecomSimulator, workers: list[Relay]
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


async def test_the_worker_that_holds_the_connection_answers_at_once(
    stage: Stage, wecom: WecomSimulator, workers: list[Relay]
) -> None:
    (group,) = wecom.company.groups
    holder, other = workers
    assert await wecom.say("lilei", "帮助", group) == 200
    await taken_in(stage, 1)
    assert (await other.pass_once()).claimed == 0, "it is left to who can do it"
    assert (await holder.pass_once())["sent"] == 1


async def test_after_five_seconds_anybody_looks_at_what_the_holder_left(
    stage: Stage, wecom: WecomSimulator, workers: list[Relay]
) -> None:
    (group,) = wecom.company.groups
    assert await wecom.say("lilei", "帮助", group) == 200
    await taken_in(stage, 1)
    stage.clock.forward(seconds=5)
    no_holder = stage.a_relay("relay-9")
    assert (await no_holder.pass_once())["sent"] == 1, "here all share one connection in memory"


async def test_a_pressed_card_of_the_bot_changes_in_time(
    stage: Stage, wecom: WecomSimulator, workers: list[Relay]
) -> None:
    lilei = await stage.somebody("wecom", "lilei")
    await lilei.checks_in(await lilei.creates("华联超市"))
    assert await wecom.say_to_bot("lilei", "记录 华联 谈了续约,对方要9折") == 200
    await taken_in(stage, 1)
    await stage.deliver()
    (card,) = lilei.heard
    key = next(button["key"] for button in card.buttons if button["text"] == "有进展")
    assert await wecom.press(card.id, key, "lilei") == 200
    await taken_in(stage, 2)
    await stage.deliver()
    assert (card.title, lilei.heard) == ("已记录 · 李雷 09:30", [card])


async def test_a_connection_that_broke_is_taken_up_again(
    stage: Stage, wecom: WecomSimulator, workers: list[Relay]
) -> None:
    (group,) = wecom.company.groups
    await wecom.bot_socket.hang_up()
    await until(lambda: wecom.bot_socket.is_connected)
    assert await wecom.say("lilei", "帮助", group) == 200
    await taken_in(stage, 1)
    await stage.deliver()
    assert len(Phone(stage, "wecom", "lilei").heard) == 1
