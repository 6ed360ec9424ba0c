"""What the hosts' own attendance recorded beside a check-in: for it, against it, or nothing."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.attendance import actions as attendance
from field_ops.attendance import queries
from field_ops.attendance.reading import read_attendance
from field_ops.connections.actions import switch_service
from field_ops.geo import gcj02_to_wgs84
from field_ops.history.chain import verify
from field_ops.visits import cross_check
from field_ops.visits.evidence import discrepancies
from field_ops.visits.models import Visit
from tests.factories import WUHAN
from tests.scenarios.stage import AT_THE_DOOR, CONNECTION, Phone, Stage

# A metre and more above the fix: forty metres north.
NORTH_40_M = 0.00036
SUSPECT = {"wecom": "location", "dingtalk": "security"}


async def switch(stage: Stage, host: str, service: str, *, on: bool) -> None:
    platform, _ = await stage.platforms.platform_named(host, CONNECTION)
    async with stage.database.writing() as session:
        work = stage.system(session, host)
        await switch_service(work, platform, CONNECTION, service, on=on)
    stage.platforms.forget()


@pytest.fixture(autouse=True)
async def _attendance_is_on(stage: Stage, host: str) -> None:
    await switch(stage, host, "attendance", on=True)
    if host == "dingtalk":
        stage.simulators[host].switches.makes_up_records = False


def punch(phone: Phone, **what) -> None:
    """Sign in with the host's own app, where the phone checks in."""
    here = gcj02_to_wgs84(*WUHAN)
    where = {"lat": here.lat + NORTH_40_M, "lng": here.lng, "place": "华联超市"}
    at = phone.stage.clock().timestamp()
    phone.stage.world.punches.add(phone.host, phone.user_id, **{"at": at, **where, **what})


async def read(stage: Stage, **later) -> None:
    """Let the worker read, after the pause that this host wants."""
    stage.clock.forward(**(later or {"hours": 3}))
    await stage.do("read_attendance")


async def read_at_once(stage: Stage, host: str) -> None:
    """As a worker that does not know that it leads no more."""
    found = await stage.platforms.platform_named(host, CONNECTION)
    await read_attendance(stage.database, *found, cross_check, stage.clock)


async def kept(stage: Stage, host: str) -> list[str]:
    async with stage.database.reading() as session:
        return [e.says for e in await queries.everything_kept(stage.system(session, host))]


async def seen(phone: Phone, visit_id: str) -> dict:
    return (await phone.page.get(f"/visits/{visit_id}")).json()


def asked(stage: Stage) -> list[bytes]:
    """What the hosts were asked for records."""
    paths = ("getcheckindata", "listRecord", "checkin/record")
    return [request.content for path in paths for request in stage.network.asked(path)]


async def test_a_record_that_fits_is_shown_and_changes_no_verdict(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(minutes=2)
    punch(lilei)
    await read(stage)
    after = await seen(lilei, visit["id"])
    (shown,) = after["corroborations"]
    assert (shown["host"], shown["end"], shown["kind"]) == (host, "check_in", "outside")
    assert round(shown["distance_m"]) == 40
    assert after["check_in"]["verdict"] == visit["check_in"]["verdict"]
    assert (after["flags"], after["risk_score"]) == (visit["flags"], 0)


async def test_a_suspect_record_of_the_same_minute_flags_the_visit_once(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(seconds=20)
    punch(lilei, marks=[SUSPECT[host]])
    for _ in range(3):
        await read(stage)
    after = await seen(lilei, visit["id"])
    (flag,) = after["flags"]
    assert (flag["flag"], flag["severity"]) == ("MOCK", "critical")
    assert "09:30:20" in flag["sentence"] and "签到同一分钟" in flag["sentence"]
    assert flag["facts"]["abnormal"] == [SUSPECT[host]]
    assert (after["risk_score"], after["review_state"]) == (100, "pending")
    assert after["check_in"]["verdict"] == visit["check_in"]["verdict"]
    assert after["corroborations"] == []

    await stage.deliver()
    (told,) = stage.phone(host, "wang").heard
    assert "李雷" in told.title and "位置可疑" in told.text
    async with stage.database.reading() as session:
        work = stage.system(session, host)
        assert await discrepancies(work, visit["id"]) == []
        assert (await verify(work)).is_whole


async def test_a_visit_that_was_over_does_not_count_any_more(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(minutes=30)
    punch(lilei, marks=[SUSPECT[host]])
    await lilei.page.send("POST", f"/visits/{visit['id']}/check-out", {"fix": AT_THE_DOOR})
    log = {"result": "progress", "summary": "谈了续约，对方要九折"}
    await lilei.page.send("PUT", f"/visits/{visit['id']}/log", log)
    await read(stage)
    after = await seen(lilei, visit["id"])
    assert [(flag["flag"], flag["facts"]["end"]) for flag in after["flags"]] == [
        ("MOCK", "check_out")
    ]
    assert after["review_state"] == "pending"


async def test_who_was_told_of_the_check_in_is_told_of_the_record_too(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"), fix=None)
    await stage.deliver()
    punch(lilei, marks=[SUSPECT[host]])
    await read(stage)
    await stage.deliver()
    assert {flag["flag"] for flag in (await seen(lilei, visit["id"]))["flags"]} == {
        "NO_FIX",
        "MOCK",
    }
    assert len(stage.phone(host, "wang").heard) == 2


@pytest.mark.parametrize(
    "what",
    [
        {"marks": ["time"]},  # was it late? That is nobody's business here
        {"marks": ["location"], "kind": "office"},  # not at the office, as every rep
    ],
)
async def test_what_doubts_no_position_flags_nothing(
    stage: Stage, host: str, lilei: Phone, what: dict
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei, **what)
    await read(stage)
    assert (await seen(lilei, visit["id"]))["flags"] == []


async def test_what_is_not_beside_a_visit_is_not_kept(
    stage: Stage, host: str, lilei: Phone
) -> None:
    punch(lilei, marks=[SUSPECT[host]])  # at home, an hour before work
    stage.clock.forward(hours=1)
    await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(minutes=11)
    punch(lilei)
    hanmeimei = stage.phone(host, "hanmeimei")
    punch(hanmeimei)
    await read(stage)
    assert any(b"lilei" in question for question in asked(stage))
    assert not any(b"hanmeimei" in question for question in asked(stage))
    assert await kept(stage, host) == []


async def test_nothing_is_asked_without_a_visit_or_while_the_service_is_off(
    stage: Stage, host: str, lilei: Phone
) -> None:
    punch(lilei)
    await read(stage)
    assert asked(stage) == []
    await switch(stage, host, "attendance", on=False)
    await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei)
    await read(stage)
    assert (asked(stage), await kept(stage, host)) == ([], [])


async def test_a_record_that_comes_hours_later_is_found(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei, late_s=20 * 3600)
    for _ in range(12):
        await read(stage)
    assert len((await seen(lilei, visit["id"]))["corroborations"]) == 1


async def test_the_host_is_away_and_nothing_is_lost_or_told_twice(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei, marks=[SUSPECT[host]])
    faults = stage.simulators[host].faults
    faults.down = True
    await read(stage)
    faults.clear()
    for kind in ("busy", "slow", "token_expired"):
        faults.add(kind)
    for _ in range(3):
        await read(stage)
    # And two workers at once, of which one thinks that it is still leading.
    stage.clock.forward(hours=3)
    await asyncio.gather(*(read_at_once(stage, host) for _ in range(2)))
    stage.clock.forward(hours=9)  # it was night by then
    await stage.deliver()
    assert [flag["flag"] for flag in (await seen(lilei, visit["id"]))["flags"]] == ["MOCK"]
    assert len(stage.phone(host, "wang").heard) == 1
    assert await kept(stage, host) == ["against"]


async def test_a_missing_permission_pauses_this_service_and_no_message(
    stage: Stage, host: str, lilei: Phone
) -> None:
    simulator = stage.simulators[host]
    if host == "wecom":
        simulator.switches.checkins_are_allowed = False
    else:
        simulator.gate.guard.missing = {"attendance/": "qyapi_get_attendance_data"}
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei)
    await read(stage)
    before = asked(stage)
    await read(stage, minutes=10)
    assert asked(stage) == before
    assert (await lilei.asks("今日拜访")).text
    if host == "wecom":
        simulator.switches.checkins_are_allowed = True
    else:
        simulator.gate.guard.missing = {}
    await read(stage)
    assert len((await seen(lilei, visit["id"]))["corroborations"]) == 1


async def test_after_half_a_year_it_is_forgotten_and_the_flag_stays(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    punch(lilei, marks=[SUSPECT[host]])
    await read(stage)
    for days, left in ((179, ["against"]), (2, [])):
        stage.clock.forward(days=days)
        await stage.do("tidy")
        assert await kept(stage, host) == left
    async with stage.database.reading() as session:
        work = stage.system(session, host)
        assert await discrepancies(work, visit["id"]) == []
        found = await session.scalar(select(Visit).where(Visit.id == visit["id"]))
        assert found.risk_score == 100
    assert timedelta(days=180) == attendance.KEPT_FOR
