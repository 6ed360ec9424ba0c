"""Which way a message takes, against the pretend DingTalk."""

from dataclasses import replace

import pytest

from field_ops.host.errors import HostBusy, HostRefused
from field_ops.host.events import Conversation, TextReceived
from field_ops.host.messages import Button, Card, Notice
from field_ops.host.platform import Recipient
from tests.integrations.dingtalk.conftest import GROUP
from tests.integrations.host_contract import heard_by


@pytest.fixture(autouse=True)
def _an_open_door(host, door):
    door.reader = host.callbacks


async def conversation(simulator, door, group: str = "") -> Conversation:
    await simulator.say("lilei", "今日拜访", group)
    return door.heard(TextReceived)[-1].conversation


def wire_of(simulator, user_id: str = "lilei"):
    return heard_by(simulator, user_id)[-1].wire


async def test_an_answer_takes_the_reply_address(host, simulator, door):
    talk = await conversation(simulator, door)
    await host.messenger.send(Recipient("lilei", talk), Notice("三家"), once="a")
    assert wire_of(simulator) == {"msgtype": "text", "text": {"content": "三家"}}


async def test_an_expired_reply_address_is_replaced_by_the_robot(host, simulator, door, clock):
    talk = await conversation(simulator, door)
    clock.ahead_s = 5401
    receipt = await host.messenger.send(Recipient("lilei", talk), Notice("三家"), once="a")
    assert wire_of(simulator)["msgKey"] == "sampleText"
    assert receipt.host_message_id == heard_by(simulator, "lilei")[-1].handle


async def test_a_reply_address_that_is_known_to_be_over_is_not_tried(host, simulator, door):
    talk = await conversation(simulator, door)
    over = replace(talk, reply_until=door.now())
    await host.messenger.send(Recipient("lilei", over), Notice("三家"), once="a")
    assert wire_of(simulator)["msgKey"] == "sampleText"


async def test_an_address_of_somebody_else_is_never_called(host, simulator, door):
    talk = await conversation(simulator, door)
    foreign = replace(talk, reply_to=door.address + "robot")
    before = len(door.raw)
    await host.messenger.send(Recipient("lilei", foreign), Notice("三家"), once="a")
    assert len(door.raw) == before
    assert wire_of(simulator)["msgKey"] == "sampleText"


async def test_an_answer_in_a_group_is_seen_by_the_group(host, simulator, door):
    talk = await conversation(simulator, door, GROUP)
    await host.messenger.send(Recipient("lilei", talk), Notice("三家"), once="a")
    (line,) = heard_by(simulator, "wang")
    assert (line.conversation_id, line.text) == (GROUP, "三家")


async def test_a_late_answer_in_a_group_is_sent_into_the_group(host, simulator, door, clock):
    talk = await conversation(simulator, door, GROUP)
    clock.ahead_s = 5401
    await host.messenger.send(Recipient("lilei", talk), Notice("三家"), once="a")
    assert wire_of(simulator, "wang")["openConversationId"] == GROUP


async def test_messages_that_the_host_holds_back_are_for_later(host, simulator):
    simulator.switches.flow_controlled.add("lilei")
    with pytest.raises(HostBusy):
        await host.messenger.send(Recipient("lilei"), Notice("三家"), once="a")
    assert heard_by(simulator, "lilei") == []


async def test_a_message_for_nobody_is_refused(host):
    with pytest.raises(HostRefused):
        await host.messenger.send(Recipient(), Notice("三家"), once="a")


async def test_a_card_cannot_be_revised(host):
    with pytest.raises(HostRefused):
        await host.messenger.revise("r", "a", Card("华联"))


async def test_without_a_robot_a_message_is_a_work_notice(host_without_robot, simulator):
    card = Card("华联", buttons=(Button("签到", url="https://waiqin.example/h5/"),))
    receipt = await host_without_robot.messenger.send(Recipient("lilei"), card, once="a")
    (line,) = heard_by(simulator, "lilei")
    assert (line.title, line.url, line.handle) == (
        "华联",
        "https://waiqin.example/h5/",
        receipt.host_message_id,
    )


async def test_equal_work_notices_both_arrive_and_a_retry_does_not(host_without_robot, simulator):
    for once in ("morning", "evening", "evening"):
        await host_without_robot.messenger.send(Recipient("lilei"), Notice("写日报"), once=once)
    assert len(heard_by(simulator, "lilei")) == 2


async def test_without_a_robot_nothing_can_be_sent_into_a_group(host_without_robot):
    group = Conversation("group", GROUP)
    with pytest.raises(HostRefused):
        await host_without_robot.messenger.send(Recipient("lilei", group), Notice("三家"), once="a")
