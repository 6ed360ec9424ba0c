"""Where DingTalk's documentation leaves something open, the adapter lives with either answer."""

import json

import pytest

from field_ops.host.errors import CredentialsRejected, HostBusy
from field_ops.host.events import TextReceived, Unsupported
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from tests.integrations.host_contract import heard_by


@pytest.fixture(autouse=True)
def _an_open_door(host, door):
    door.reader = host.callbacks


@pytest.mark.parametrize("one", [True, False])
async def test_one_token_for_both_servers_or_one_each(host, host_without_robot, simulator, one):
    simulator.gate.one_token_for_both = one
    for n in range(3):
        await host.messenger.send(Recipient("lilei"), Notice(f"早 {n}"), once=f"a{n}")
        await host_without_robot.messenger.send(Recipient("lilei"), Notice("早"), once=f"b{n}")
    simulator.revoke_tokens()
    await host_without_robot.messenger.send(Recipient("lilei"), Notice("晚"), once="c")
    assert len(heard_by(simulator, "lilei")) == 7


@pytest.mark.parametrize("wraps", [True, False])
async def test_an_error_inside_88_or_bare(host, simulator, wraps):
    """Of a path that is not under /topapi/."""
    simulator.gate.wraps_every_error = wraps
    simulator.faults.add("busy", "get_call_back_failed_result")
    with pytest.raises(HostBusy) as failure:
        await host.missed.fetch()
    assert failure.value.code == "90018"


@pytest.mark.parametrize("status", [403, 429, 400])
async def test_the_status_of_a_used_up_month(host, simulator, status):
    simulator.gate.guard.quota_status = status
    simulator.gate.guard.left = 1
    await host.messenger.send(Recipient("lilei"), Notice("一"), once="a")
    with pytest.raises(HostBusy) as failure:
        await host.messenger.send(Recipient("lilei"), Notice("二"), once="b")
    assert failure.value.retry_after_s == 3600


async def test_a_used_up_month_in_the_old_envelope(host_without_robot, simulator):
    simulator.gate.guard.left = 0
    with pytest.raises(HostBusy) as failure:
        await host_without_robot.messenger.send(Recipient("lilei"), Notice("二"), once="b")
    assert (failure.value.code, failure.value.retry_after_s) == ("90020", 3600)


@pytest.mark.parametrize("name", ["errCode", "errorCode"])
async def test_the_field_of_a_message_above_the_quota(simulator, door, name):
    simulator.switches.over_quota_field = name
    await simulator.say("lilei", "今日拜访")
    (event,) = door.heard(Unsupported)
    assert event.kind == "robot:over_monthly_quota"


async def test_an_app_that_is_not_published_hears_nobodys_name(simulator, door):
    simulator.switches.is_published = False
    await simulator.say("lilei", "今日拜访")
    assert door.heard(TextReceived) == []
    assert door.heard(Unsupported)[0].kind == "robot:sender_without_staff_id"


async def test_twenty_calls_a_second_and_not_one_more(host, simulator, clock):
    simulator.gate.guard.per_second = 20
    clock.stands_still = True
    for n in range(20):
        await host.messenger.send(Recipient("lilei"), Notice(f"{n}"), once=f"a{n}")
    with pytest.raises(HostBusy) as failure:
        await host.messenger.send(Recipient("lilei"), Notice("20"), once="a20")
    assert failure.value.retry_after_s == 1
    clock.ahead_s += 1
    await host.messenger.send(Recipient("lilei"), Notice("20"), once="a20")
    assert len(heard_by(simulator, "lilei")) == 21


async def test_contacts_and_answers_cost_no_quota(host, simulator, door):
    await simulator.say("lilei", "今日拜访")
    talk = door.heard(TextReceived)[0].conversation
    simulator.gate.guard.left = 0
    assert await host.directory.member("lilei")
    await host.messenger.send(Recipient("lilei", talk), Notice("三家"), once="a")
    assert simulator.gate.guard.counted == 0


async def test_a_wrong_secret_in_either_envelope(host, host_without_robot, simulator):
    simulator.company.app.secret = "another"
    for connected in (host, host_without_robot):
        with pytest.raises(CredentialsRejected):
            await connected.messenger.send(Recipient("lilei"), Notice("早"), once="a")
    assert json.dumps([line.wire for line in heard_by(simulator, "lilei")]) == "[]"
