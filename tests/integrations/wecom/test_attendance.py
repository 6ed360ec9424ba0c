"""打卡: what the pretend WeCom tells and refuses, and how the adapter reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from field_ops.host.errors import HostBusy, HostUnavailable, PermissionMissing
from field_ops.host.services import Colleague

HERE = (30.592850, 114.305540)
DAY = timedelta(days=1)


def punch(simulator, user_id="lilei", ago_s=600, **what):
    at = simulator.world.clock() - ago_s
    where = {"lat": HERE[0], "lng": HERE[1], "place": "华联超市"}
    return simulator.world.punches.add("wecom", user_id, at=at, **{**where, **what})


async def ask(phone, **changed):
    now = int(phone.simulator.world.clock())
    body = {
        "opencheckindatatype": 3,
        "starttime": now - 3600,
        "endtime": now,
        "useridlist": ["lilei"],
        **changed,
    }
    return await phone.post("checkin/getcheckindata", body)


async def test_a_punch_is_told_in_millionths_of_the_shifted_degrees(phone, simulator):
    punch(simulator, marks=("time", "location"))
    (told,) = (await ask(phone))["checkindata"]
    assert (told["lat"], told["lng"]) == (30590441, 114310985)
    assert (told["checkin_type"], told["exception_type"]) == ("外出打卡", "时间异常;地点异常")


@pytest.mark.parametrize(("kind", "count"), [(1, 1), (2, 2), (3, 3)])
async def test_kinds_are_asked_one_by_one_or_together(phone, simulator, kind, count):
    punch(simulator, kind="office")
    punch(simulator)
    punch(simulator, ago_s=500)
    assert len((await ask(phone, opencheckindatatype=kind))["checkindata"]) == count


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"useridlist": []}, 301021),
        ({"useridlist": ["lilei"] * 101}, 301021),
        ({"endtime": 0}, 301022),
        ({"starttime": 0}, 301023),
        ({"opencheckindatatype": 7}, 301024),
        ({"starttime": "yesterday"}, 301024),
    ],
)
async def test_a_question_is_checked(phone, changed, code):
    assert (await ask(phone, **changed))["errcode"] == code


async def test_six_hundred_questions_a_minute(phone, simulator, clock):
    token = (await phone.token())["access_token"]
    address = "http://wecom.test/qyapi/cgi-bin/checkin/getcheckindata"

    async def code():
        said = await phone.http.post(address, params={"access_token": token}, json={})
        return said.json()["errcode"]

    for _ in range(600):
        assert await code() == 301024
    assert await code() == 45009
    clock.ahead_s += 60
    assert await code() == 301024


async def records(host, clock, users=("lilei",), days=1):
    return await host.attendance.records(users, clock.now() - days * DAY, clock.now())


async def test_records_come_in_our_words(host, simulator, clock):
    made = punch(simulator, marks=("location", "device"))
    punch(simulator, ago_s=1200, kind="office")
    office, outside = sorted(await records(host, clock), key=lambda one: one.happened_at)
    assert (office.kind, office.abnormal) == ("office", frozenset())
    assert (outside.kind, outside.place) == ("outside", "华联超市")
    assert outside.abnormal == {"location", "device"}
    assert (outside.lat, outside.lng, outside.datum) == (30.590441, 114.310985, "GCJ02")
    assert outside.happened_at == datetime.fromtimestamp(int(made.at), UTC)
    assert outside.key == f"lilei/{int(made.at)}/外出打卡"


async def test_what_is_more_than_one_answer_is_asked_in_parts(host, simulator, clock):
    punch(simulator, ago_s=40 * 86_400)
    users = [f"nobody-{n}" for n in range(150)] + ["lilei"]
    assert len(await records(host, clock, users, days=45)) == 1
    assert len(simulator.app.about("getcheckindata")) == 4  # twice thirty days, twice a hundred


async def test_a_missing_permission_is_this_service_s_alone(host, simulator, clock):
    simulator.switches.checkins_are_allowed = False
    with pytest.raises(PermissionMissing) as failure:
        await records(host, clock)
    assert failure.value.code == "48002"
    with pytest.raises(PermissionMissing):
        await host.attendance.look(Colleague("lilei"))
    simulator.switches.checkins_are_allowed = True
    await host.attendance.look(Colleague("lilei"))


@pytest.mark.parametrize(("fault", "expected"), [("busy", HostBusy), ("down", HostUnavailable)])
async def test_an_outage_is_not_an_empty_answer(host, simulator, clock, fault, expected):
    simulator.faults.add(fault, "getcheckindata")
    with pytest.raises(expected):
        await records(host, clock)


async def test_wecom_has_no_alarm(host):
    assert "urgent" not in host.services
