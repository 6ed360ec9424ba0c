"""考勤 and 签到: what people punched at the pretend DingTalk, as the adapter reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from field_ops.host.errors import HostBusy, HostUnavailable, PermissionMissing
from field_ops.host.services import Colleague

HERE = (30.592850, 114.305540)
SHIFTED = pytest.approx((30.590441, 114.310985), abs=1e-6)


@pytest.fixture(autouse=True)
def _only_what_people_punch(simulator):
    simulator.switches.makes_up_records = False


def punch(simulator, user_id="lilei", ago_s=600, **what):
    at = simulator.world.clock() - ago_s
    where = {"lat": HERE[0], "lng": HERE[1], "place": "华联超市"}
    return simulator.world.punches.add("dingtalk", user_id, at=at, **{**where, **what})


async def records(host, simulator, users=("lilei",), days=1):
    now = datetime.fromtimestamp(simulator.world.clock(), UTC)
    return await host.attendance.records(users, now - timedelta(days=days), now)


async def test_a_sign_in_and_a_punch_come_in_our_words(host, simulator):
    made = punch(simulator)
    punch(simulator, ago_s=1200, kind="office", marks=("time",))
    office, outside = sorted(await records(host, simulator), key=lambda one: one.happened_at)
    assert (office.kind, office.abnormal, office.key) == ("office", {"time"}, "punch/2")
    assert (outside.kind, outside.place, outside.abnormal) == ("outside", "华联超市", frozenset())
    assert ((outside.lat, outside.lng), outside.datum) == (SHIFTED, "")
    assert outside.key == f"sign-in/lilei/{int(made.at * 1000)}"


async def test_a_suspected_position_is_told(host, simulator):
    punch(simulator, marks=("security",))
    (told,) = await records(host, simulator)
    assert (told.kind, told.abnormal) == ("outside", {"security"})


async def test_who_is_only_outside_is_not_suspected_although_it_is_not_legal(host, simulator):
    punch(simulator, marks=("time",))
    (told,) = await records(host, simulator)
    assert told.abnormal == {"time"}


async def test_what_is_more_than_one_answer_is_asked_in_parts(host, simulator):
    for n in range(105):
        punch(simulator, ago_s=1000 + n)
    punch(simulator, ago_s=3 * 86_400, kind="office")
    users = [f"nobody-{n}" for n in range(50)] + ["lilei"]
    assert len(await records(host, simulator, users, days=8)) == 106
    asked = {path: len(simulator.app.about(path)) for path in ("listRecord", "checkin/record")}
    # Twice seven days, twice fifty people; eight days, six times ten people, and a second page.
    assert asked == {"listRecord": 4, "checkin/record": 49}


async def test_a_missing_permission_is_this_service_s_alone(host, simulator):
    simulator.gate.guard.missing = {"attendance/": "qyapi_get_attendance_data"}
    with pytest.raises(PermissionMissing):
        await records(host, simulator)
    with pytest.raises(PermissionMissing):
        await host.attendance.look(Colleague("lilei"))
    simulator.gate.guard.missing = {}
    await host.attendance.look(Colleague("lilei"))


@pytest.mark.parametrize("path", ["attendance/listRecord", "checkin/record/get"])
@pytest.mark.parametrize(("fault", "expected"), [("busy", HostBusy), ("down", HostUnavailable)])
async def test_an_outage_is_not_an_empty_answer(host, simulator, path, fault, expected):
    punch(simulator)
    simulator.faults.add(fault, path)
    with pytest.raises(expected):
        await records(host, simulator)
