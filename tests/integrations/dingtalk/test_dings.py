"""DING: what the pretend DingTalk does and refuses, and how the adapter says it."""

import pytest

from field_ops.host.errors import (
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)
from field_ops.host.services import Colleague
from tests.integrations.dingtalk.test_simulator_office import api as api  # a fixture
from tests.integrations.host_contract import heard_by


async def send(api, simulator, **changed):
    body = {
        "robotCode": simulator.company.app.robot_code,
        "remindType": 1,
        "receiverUserIdList": ["lilei"],
        "content": "请马上处理",
        **changed,
    }
    answer = await api.new("POST", "/v1.0/robot/ding/send", body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"robotCode": "other"}, "invalid.chatbotId"),
        ({"receiverUserIdList": []}, "miss.staffId"),
        ({"receiverUserIdList": ["nobody"]}, "miss.staffId"),
        ({"receiverUserIdList": ["lilei"] * 201}, "ding.receivercount.limit"),
        ({"remindType": 3, "receiverUserIdList": ["lilei"] * 21}, "ding.receivercount.limit"),
        ({"remindType": 9}, "invalidParameter.param.invalid"),
        ({"content": None}, "Missingcontent"),
    ],
)
async def test_a_ding_is_checked(api, simulator, changed, code):
    status, said = await send(api, simulator, **changed)
    assert (status, said["code"]) == (400, code)
    assert simulator.dings.sent == []


async def test_what_was_bought_is_used_up(api, simulator):
    simulator.switches.dings_left = 1
    assert (await send(api, simulator))[0] == 200
    assert (await send(api, simulator))[1]["code"] == "ding.serverquota.insufficient"


async def test_a_ding_is_taken_back(api, simulator):
    _, said = await send(api, simulator)
    recall = {"robotCode": simulator.company.app.robot_code, "openDingId": said["openDingId"]}
    await api.new("POST", "/v1.0/robot/ding/recall", recall)
    (line,) = heard_by(simulator, "lilei")
    assert (line.done, simulator.dings.sent[0].recalled) == ("已撤回", True)


async def test_a_member_is_reminded_once(host, simulator):
    ding_id = await host.urgent.remind(["lilei"], "请马上处理", once="m-1")
    (ding,) = simulator.dings.sent
    assert (ding.id, ding.user_ids, ding.content) == (ding_id, ["lilei"], "请马上处理")
    assert "请马上处理" in heard_by(simulator, "lilei")[0].text


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda s: setattr(s.switches, "dings_left", 0), HostRefused),
        (lambda s: s.gate.guard.missing.update({"ding/": "Premium.Ding.Write"}), PermissionMissing),
        (lambda s: s.faults.add("busy", "ding/send"), HostBusy),
        (lambda s: s.faults.add("down", "ding/send"), HostUnavailable),
    ],
)
async def test_what_cannot_be_done_says_what_to_do_next(host, simulator, prepare, expected):
    prepare(simulator)
    with pytest.raises(expected):
        await host.urgent.remind(["lilei"], "请马上处理", once="m-1")
    assert simulator.dings.sent == []


async def test_a_lost_answer_may_have_been_a_ding(host, simulator):
    simulator.faults.add("lost_answer", "ding/send")
    with pytest.raises(HostUnavailable) as failure:
        await host.urgent.remind(["lilei"], "请马上处理", once="m-1")
    assert failure.value.maybe_done
    assert len(simulator.dings.sent) == 1


async def test_nobody_is_no_receiver(host):
    for nobody in ([], ["nobody"]):
        with pytest.raises(HostRefused):
            await host.urgent.remind(nobody, "请马上处理", once="m-1")


async def test_a_look_sends_nothing_and_finds_what_is_missing(host, simulator):
    await host.urgent.look(Colleague("lilei"))
    simulator.gate.guard.missing = {"ding/": "Premium.Ding.Write"}
    with pytest.raises(SendError):
        await host.urgent.look(Colleague("lilei"))
    assert simulator.dings.sent == []


async def test_without_a_robot_there_is_no_alarm(host_without_robot):
    assert "urgent" not in host_without_robot.services
