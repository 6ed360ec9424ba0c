"""Each fault of the sandbox in DingTalk's words, old and new, and what our adapter makes of it."""

import pytest

from field_ops.host.errors import (
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
)
from field_ops.host.messages import Notice
from field_ops.host.platform import Recipient
from integrations.sandbox.faults import CALLS
from tests.integrations.dingtalk.serving import until
from tests.integrations.dingtalk.test_stream import QUICK, in_stream
from tests.integrations.host_contract import heard_by

LILEI = Recipient("lilei")
DENIED = "Forbidden.AccessDenied."
# By kind: the error, its code at the old server, and its code at the new one.
MEANS = {
    "down": (HostUnavailable, "502", "502"),
    "busy": (HostBusy, "90018", DENIED + "QpsLimitForAppkeyAndApi"),
    "busy_minute": (HostBusy, "90005", DENIED + "QpmLimitForAppkeyAndApi"),
    "busy_hour": (HostBusy, "45009", "system.busy"),
    "busy_day": (HostBusy, "45009", "system.busy"),
    "busy_everywhere": (HostBusy, "90002", DENIED + "QpsLimitForApi"),
    "quota": (HostBusy, "90020", DENIED + "ApiCountLimitForOrg"),
    "banned": (HostBusy, "1111", "1111"),
    "banned_page": (HostBusy, "", ""),
    "system_busy": (HostUnavailable, "-1", "system.busy"),
    "gateway_timeout": (HostUnavailable, "15", "504"),
    "lost_answer": (HostUnavailable, "504", "504"),
    "refused": (HostRefused, "33012", "staffId.notExisted"),
    "no_permission": (HostRefused, "60011", DENIED + "AccessTokenPermissionDenied"),
    "untrusted_address": (CredentialsRejected, "60020", DENIED + "IpNotInWhiteList"),
    "credentials": (CredentialsRejected, "40096", "invalidClientIdOrSecret"),
}
HARMLESS = ("token_expired", "token_unknown", "slow", "dropped", "sparse", "texts_for_numbers")


@pytest.mark.parametrize("kind", MEANS)
@pytest.mark.parametrize("server", ["old", "new"])
async def test_a_refusal_says_what_to_do_next(host, host_without_robot, simulator, kind, server):
    messenger = (host_without_robot if server == "old" else host).messenger
    await messenger.send(LILEI, Notice("早"), once="a")
    simulator.faults.add(kind, "asyncsend_v2" if server == "old" else "oToMessages")
    error, *codes = MEANS[kind]
    with pytest.raises(error) as failure:
        await messenger.send(LILEI, Notice("晚"), once="b")
    assert failure.value.code == codes[server == "new"]


async def test_a_gateway_that_gives_up_in_either_reading(host_without_robot, simulator):
    simulator.gate.gives_up_with_88 = True
    simulator.faults.add("gateway_timeout", "asyncsend_v2")
    with pytest.raises(HostUnavailable) as failure:
        await host_without_robot.messenger.send(LILEI, Notice("晚"), once="b")
    assert failure.value.maybe_done


@pytest.mark.parametrize("kind", HARMLESS)
async def test_a_message_goes_out_all_the_same(host, host_without_robot, simulator, kind):
    simulator.faults.add(kind, "asyncsend_v2")
    simulator.faults.add(kind, "oToMessages")
    await host_without_robot.messenger.send(LILEI, Notice("早"), once="a")
    await host.messenger.send(LILEI, Notice("晚"), once="b")
    heard = [line.text for line in heard_by(simulator, "lilei")]
    assert len(heard) == (0 if kind == "dropped" else 2)


def test_every_fault_has_its_line():
    assert {*MEANS, *HARMLESS} == set(CALLS)


async def test_people_are_the_same_in_texts(host, simulator):
    simulator.company.people["lilei"].leads = simulator.company.people["lilei"].department_ids[:1]
    directory = host.directory
    tree, lilei = await directory.departments(), await directory.member("lilei")
    page = await directory.members_of("1")
    simulator.faults.add("texts_for_numbers", "/topapi/", times=99)
    assert await directory.departments() == tree
    assert await directory.member("lilei") == lilei
    assert await directory.members_of("1") == page


async def test_what_an_answer_may_leave_out_is_none(host, simulator):
    simulator.company.people["lilei"].phone = "13800000001"
    simulator.faults.add("sparse", "user/get")
    member = await host.directory.member("lilei")
    assert (member.phone, member.email, member.title) == (None, None, None)
    assert (member.name, member.active) == ("李雷", True)


@pytest.mark.parametrize(
    ("kind", "delay_s"), [("push_forged", 0), ("push_skewed", 7200), ("push_skewed", -7200)]
)
async def test_a_push_that_is_not_of_now_or_not_dingtalks_is_refused(
    host, simulator, door, kind, delay_s
):
    door.reader = host.callbacks
    for times in (1, 3):  # a message, then an event with all its tries
        for _ in range(times):
            simulator.faults.add(kind, delay_s=delay_s)
    assert await simulator.say("lilei", "查 华联") != 200
    assert await simulator.member_changed("lilei") != 200
    assert not door.events
    assert len(simulator.failed_events) == 1
    assert await simulator.say("lilei", "查 红星") == 200


async def test_a_storm_is_one_event_about_everybody(host, simulator, door):
    door.reader = host.callbacks
    simulator.faults.add("storm")
    await simulator.faults.tick()
    changed = {user for event in door.events for user in event.host_user_ids}
    assert changed == {p.user_id for p in simulator.company.people.values() if p.active}


@pytest.mark.parametrize("deed", ["lines_cut", "lines_ending"])
async def test_a_line_that_ends_is_replaced(live, deed):
    live.switches.silence_before_close_s = 0.1
    async with in_stream(live, QUICK) as scene:
        old = scene.lines[0]
        live.faults.add(deed)
        await live.faults.tick()
        await until(lambda: scene.lines and old not in scene.lines)
        await until(scene.stream.is_up)
        assert await live.say("lilei", "帮助") == 200


async def test_a_ticket_that_is_refused_is_followed_by_a_new_one(live):
    live.faults.add("ticket_expired")
    async with in_stream(live, QUICK):
        assert live.lines.tickets == 2
        assert await live.say("lilei", "帮助") == 200


@pytest.mark.parametrize("kind", ["ack_ignored", "frame_lost"])
async def test_an_event_comes_again_until_its_answer_is_there(live, kind):
    live.switches.event_ack_within_s = 0.3
    async with in_stream(live, QUICK) as scene:
        live.faults.add(kind)
        assert await live.member_changed("lilei") == 200
        told = [event.host_user_ids for event in scene.books.events]
        assert told == [("lilei",)] * (2 if kind == "ack_ignored" else 1)
        ids = {event.event_id for event in scene.books.events}
        assert len(ids) == 1
