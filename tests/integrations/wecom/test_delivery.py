"""Taking a message of the app back at the pretend WeCom."""

import pytest

from field_ops.host.errors import HostRefused
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from tests.integrations.host_contract import heard_by

LILEI = Recipient("lilei")


async def test_a_message_is_taken_back(host, simulator):
    receipt = await host.messenger.send(LILEI, Notice("早上好"), once="m-1")
    await host.delivery.recall(LILEI, receipt.host_message_id)
    assert heard_by(simulator, "lilei")[0].done == "已撤回"


async def test_after_a_day_nothing_is_taken_back(host, simulator, clock):
    receipt = await host.messenger.send(LILEI, Notice("早上好"), once="m-1")
    clock.ahead_s = 24 * 3600 + 60
    with pytest.raises(HostRefused):
        await host.delivery.recall(LILEI, receipt.host_message_id)


async def test_wecom_tells_nobody_what_became_of_a_message(host):
    assert not host.delivery.tells
    assert await host.delivery.look(LILEI, "M1") is None
