"""DingTalk by Stream mode: the worker holds the line, and what comes over it is answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from field_ops.app import hear
from field_ops.connections.actions import change
from field_ops.inbox.long_connections import LongConnections
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.dingtalk.simulator.lines import EVENT
from tests.integrations.dingtalk.conftest import TEMPLATE
from tests.integrations.dingtalk.serving import served, until
from tests.scenarios.stage import Phone, Stage


@pytest.fixture
async def dingtalk(stage: Stage) -> AsyncIterator[DingtalkSimulator]:
    """The pretend DingTalk, whose administrator has chosen Stream mode and made a card template."""
    simulator = stage.simulators["dingtalk"]
    assert isinstance(simulator, DingtalkSimulator)
    simulator.switches.push_by = "stream"
    simulator.switches.card_templates[TEMPLATE] = True
    wanted = stage.wanted("dingtalk")
    given = {**wanted.credentials, "stream": "true", "card_template_id": TEMPLATE}
    async with stage.database.writing() as session:
        work = stage.system(session, "dingtalk")
        await change(work, stage.runtime.keys, replace(wanted, credentials=given))
    stage.platforms.forget()
    async with served(simulator.app) as address:
        simulator.base_url = address
        yield simulator


def a_process(stage: Stage, name: str) -> LongConnections:
    return LongConnections(stage.database, stage.platforms, stage.clock, name, hear)


@pytest.fixture
async def lines(stage: Stage, dingtalk: DingtalkSimulator) -> AsyncIterator[None]:
    """Two workers, of which one holds the line."""
    stop = asyncio.Event()
    workers = [a_process(stage, name).run(stop) for name in ("worker-1", "worker-2")]
    running = [asyncio.create_task(worker) for worker in workers]
    await until(lambda: dingtalk.lines.subscribed(EVENT, "*"))
    yield
    stop.set()
    await asyncio.gather(*running)
    await until(lambda: not dingtalk.lines.open)


async def test_a_sentence_is_answered(
    stage: Stage, dingtalk: DingtalkSimulator, lines: None
) -> None:
    lilei = Phone(stage, "dingtalk", "lilei")
    assert "查 华联" in (await lilei.asks("帮助")).text
    assert len(dingtalk.lines.open) == 1


async def test_a_repeated_sentence_is_answered_once(
    stage: Stage, dingtalk: DingtalkSimulator, lines: None
) -> None:
    dingtalk.faults.duplicate_events = 3
    lilei = Phone(stage, "dingtalk", "lilei")
    await lilei.says("帮助")
    await stage.deliver()
    assert len(lilei.heard) == 1


async def test_a_member_who_left_is_noticed(
    stage: Stage, dingtalk: DingtalkSimulator, lines: None
) -> None:
    assert await dingtalk.member_left("hanmeimei") == 200
    assert dingtalk.failed_events == []
