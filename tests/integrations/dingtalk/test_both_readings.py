"""Where DingTalk's documentation leaves something open, the adapter lives with either answer."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from field_ops.attendance.rules import VisitEnd, match
from field_ops.geo import Point
from field_ops.host.errors import CredentialsRejected, HostBusy
from field_ops.host.events import MembersChanged, MembersLeft, TextReceived, Unsupported
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


@pytest.mark.parametrize("names", [set(), {"name"}, {"department"}, {"name", "department"}])
async def test_a_move_is_told_with_departments_or_without(host, simulator, door, names):
    """Whatever the difference names, it is the userid that we go by."""
    simulator.switches.difference_names = frozenset(names)
    simulator.company.people["lilei"].department_ids = [2]
    assert await simulator.member_changed("lilei") == 200
    (event,) = door.heard(MembersChanged)
    assert event.host_user_ids == ("lilei",)
    assert (await host.directory.member("lilei")).department_ids == ("2",)


@pytest.mark.parametrize("told", [True, False])
async def test_a_move_is_told_or_only_to_be_read(host, simulator, door, told):
    simulator.switches.moves_are_told = told
    simulator.company.people["lilei"].department_ids = [2]
    await simulator.member_changed("lilei")
    assert len(door.heard(MembersChanged)) == told
    members = (await host.directory.members_of("2")).members
    assert "lilei" in {member.host_user_id for member in members}


@pytest.mark.parametrize("kept", [True, False])
async def test_events_say_what_to_read_and_not_what_is_so_in_any_order(host, simulator, door, kept):
    simulator.switches.events_keep_their_order = kept
    simulator.company.people["hanmeimei"].title = "主管"
    await simulator.member_changed("hanmeimei")
    await simulator.member_left("hanmeimei")
    kinds = [MembersChanged, MembersLeft] if kept else [MembersLeft, MembersChanged]
    assert [type(event) for event in door.events] == kinds
    assert await host.directory.member("hanmeimei") is None


@pytest.mark.parametrize("kept", [True, False])
async def test_what_no_line_heard_is_in_the_list_or_gone(host, simulator, kept):
    simulator.switches.push_by = "stream"
    simulator.switches.unheard_events_are_kept = kept
    assert await simulator.member_changed("lilei") == 0
    assert len(await host.missed.fetch()) == kept


@pytest.mark.parametrize("action", ["add", "remove", "update", ""])
async def test_roles_are_not_looked_at_whatever_happens_to_them(simulator, door, action):
    assert await simulator.role_changed("lilei", action) == 200
    assert [event.kind for event in door.heard(Unsupported)] == ["label_user_change"]


@pytest.mark.parametrize("anew", [True, False])
async def test_a_returner_has_his_union_id_and_perhaps_another_userid(host, simulator, anew):
    simulator.switches.returners_get_a_new_userid = anew
    before = await host.directory.member("lilei")
    await simulator.member_left("lilei")
    user_id = await simulator.member_returned("lilei")
    assert (user_id != "lilei") is anew
    after = await host.directory.member(user_id)
    assert (after.union_id, after.name) == (before.union_id, before.name)
    assert (await host.sign_in.who(simulator.sign_in_code(user_id))).host_user_id == user_id


@pytest.mark.parametrize("in_wgs84", [True, False])
async def test_positions_of_records_are_in_one_of_two_datums(host, simulator, in_wgs84):
    """A record within 30 m of the check-in speaks for it, in whichever datum it was told."""
    simulator.switches.records_in_wgs84 = in_wgs84
    simulator.switches.makes_up_records = False
    now = datetime.fromtimestamp(simulator.world.clock(), UTC)
    at = (now - timedelta(minutes=5)).timestamp()
    lat, lng = 30.592850, 114.305540
    simulator.world.punches.add("dingtalk", "lilei", at=at, lat=lat + 0.0002, lng=lng)
    (record,) = await host.attendance.records(["lilei"], now - timedelta(hours=1), now)
    end = VisitEnd("v-1", "check_in", "m-1", "lilei", record.happened_at, Point(lat, lng))
    found = match(record, [end])
    assert (found.says, round(found.distance_m)) == ("for", 22)
