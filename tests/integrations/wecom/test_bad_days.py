"""Each fault of the sandbox in WeCom's words, and what our adapter makes of it."""

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

LILEI = Recipient("lilei")
MEANS = {  # after the token was renewed once, where that is the way
    "down": (HostUnavailable, ""),
    "busy": (HostBusy, "45009"),
    "busy_minute": (HostBusy, "45009"),
    "busy_hour": (HostBusy, "45009"),
    "busy_day": (HostBusy, "45009"),
    "busy_everywhere": (HostBusy, "45033"),
    "quota": (HostBusy, "45009"),
    "banned": (HostBusy, "45009"),
    "banned_page": (HostUnavailable, ""),
    "system_busy": (HostUnavailable, "-1"),
    "gateway_timeout": (HostUnavailable, ""),
    "lost_answer": (HostUnavailable, ""),
    "refused": (HostRefused, "60011"),
    "no_permission": (CredentialsRejected, "48002"),
    "untrusted_address": (CredentialsRejected, "60020"),
    "credentials": (CredentialsRejected, "40001"),
}
HARMLESS = ("token_expired", "token_unknown", "slow", "dropped", "sparse", "texts_for_numbers")


@pytest.mark.parametrize("kind", MEANS)
async def test_a_refusal_says_what_to_do_next(host, simulator, kind):
    await host.messenger.send(LILEI, Notice("早"), once="a")
    simulator.faults.add(kind, "message/send")
    error, code = MEANS[kind]
    with pytest.raises(error) as failure:
        await host.messenger.send(LILEI, Notice("晚"), once="b")
    assert failure.value.code == code


@pytest.mark.parametrize("kind", HARMLESS)
async def test_a_message_goes_out_all_the_same(host, simulator, kind):
    await host.messenger.send(LILEI, Notice("早"), once="a")
    simulator.faults.add(kind, "message/send")
    await host.messenger.send(LILEI, Notice("晚"), once="b")
    heard = [line.text for line in simulator.world.heard_by("wecom", "lilei")]
    assert heard == (["早"] if kind == "dropped" else ["早", "晚"])


def test_every_fault_has_its_line():
    assert {*MEANS, *HARMLESS} == set(CALLS)


async def test_people_are_the_same_in_texts(host, simulator):
    simulator.company.people["lilei"].leads = simulator.company.people["lilei"].department_ids[:1]
    directory = host.directory
    tree, lilei = await directory.departments(), await directory.member("lilei")
    page = await directory.members_of("1")
    simulator.faults.add("texts_for_numbers", "department/", times=9)
    simulator.faults.add("texts_for_numbers", "user/", times=9)
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
async def test_a_push_that_is_not_of_now_or_not_wecoms_is_refused(
    host, simulator, door, kind, delay_s
):
    door.reader = host.callbacks
    simulator.faults.add(kind, delay_s=delay_s)
    assert await simulator.say("lilei", "查 华联") != 200
    assert await simulator.say("lilei", "查 红星") == 200
    assert [event.text for event in door.events] == ["查 红星"]


async def test_a_clock_that_is_a_little_wrong_is_no_matter(host, simulator, door):
    door.reader = host.callbacks
    simulator.faults.add("push_skewed", delay_s=120)
    assert await simulator.say("lilei", "查 华联") == 200


async def test_a_storm_tells_of_everybody(host, simulator, door):
    door.reader = host.callbacks
    simulator.faults.add("storm")
    await simulator.faults.tick()
    changed = {user for event in door.events for user in event.host_user_ids}
    assert changed == {p.user_id for p in simulator.company.people.values() if p.active}


async def test_tokens_that_are_revoked_are_borrowed_anew(host, simulator):
    await host.messenger.send(LILEI, Notice("早"), once="a")
    simulator.faults.add("tokens_revoked")
    await simulator.faults.tick()
    await host.messenger.send(LILEI, Notice("晚"), once="b")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 2
