"""What became of a message at the pretend DingTalk, and taking it back."""

import pytest

from field_ops.host.deliveries import Delivered
from field_ops.host.errors import HostRefused
from field_ops.host.events import Conversation
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from tests.integrations.dingtalk.conftest import GROUP
from tests.integrations.host_contract import heard_by

LILEI = Recipient("lilei")


@pytest.fixture(autouse=True)
def an_open_door(host, door):
    door.reader = host.callbacks


@pytest.fixture
def notices(host_without_robot):
    """Without a robot everything is a work notice."""
    return host_without_robot.messenger.send


@pytest.fixture
def delivery(host_without_robot):
    return host_without_robot.delivery


async def test_a_robot_message_is_delivered_and_then_read(host, simulator):
    receipt = await host.messenger.send(LILEI, Notice("早上好"), once="m-1")
    told = [await host.delivery.look(LILEI, receipt.host_message_id)]
    await simulator.read(heard_by(simulator, "lilei")[0].id)
    told.append(await host.delivery.look(LILEI, receipt.host_message_id))
    assert told == [Delivered("delivered"), Delivered("read")]


async def test_a_robot_message_is_taken_back(host, simulator):
    receipt = await host.messenger.send(LILEI, Notice("早上好"), once="m-1")
    await host.delivery.recall(LILEI, receipt.host_message_id)
    assert heard_by(simulator, "lilei")[0].done == "已撤回"
    assert await host.delivery.look(LILEI, receipt.host_message_id) == Delivered("recalled")


async def test_a_message_in_a_group_is_taken_back_from_everybody(host, simulator):
    to = Recipient("lilei", Conversation("group", GROUP))
    receipt = await host.messenger.send(to, Notice("早上好"), once="m-1")
    assert await host.delivery.look(to, receipt.host_message_id) is None
    await host.delivery.recall(to, receipt.host_message_id)
    assert [heard_by(simulator, who)[0].done for who in ("lilei", "wang")] == ["已撤回"] * 2


async def test_after_a_day_nothing_is_taken_back(host, simulator, clock):
    receipt = await host.messenger.send(LILEI, Notice("早上好"), once="m-1")
    clock.ahead_s = 24 * 3600 + 60
    with pytest.raises(HostRefused):
        await host.delivery.recall(LILEI, receipt.host_message_id)


async def test_a_work_notice_tells_who_has_read_it(notices, delivery, simulator):
    receipt = await notices(LILEI, Notice("早上好"), once="m-1")
    told = [await delivery.look(LILEI, receipt.host_message_id)]
    await simulator.read(heard_by(simulator, "lilei")[0].id)
    told.append(await delivery.look(LILEI, receipt.host_message_id))
    assert told == [Delivered("delivered"), Delivered("read")]


async def test_a_work_notice_that_was_dropped_tells_why(notices, delivery, simulator):
    simulator.switches.forbidden_words.add("发票")
    receipt = await notices(LILEI, Notice("发票已寄出"), once="m-1")
    assert heard_by(simulator, "lilei") == [], "and DingTalk said yes"
    told = await delivery.look(LILEI, receipt.host_message_id)
    assert told == Delivered("dropped", "1430002")


async def test_a_work_notice_to_nobody_tells_that(notices, delivery):
    receipt = await notices(Recipient("nobody"), Notice("早上好"), once="m-1")
    told = await delivery.look(Recipient("nobody"), receipt.host_message_id)
    assert told == Delivered("dropped", "invalid")


async def test_a_work_notice_is_taken_back(notices, delivery, simulator):
    receipt = await notices(LILEI, Notice("早上好"), once="m-1")
    await delivery.recall(LILEI, receipt.host_message_id)
    assert heard_by(simulator, "lilei")[0].done == "已撤回"
