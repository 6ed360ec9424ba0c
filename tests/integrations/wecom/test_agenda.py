"""Visit plans as WeCom's schedules: our adapter, the pretend WeCom, and wechatpy at its door."""

from datetime import UTC, datetime

import pytest

from field_ops.host.errors import (
    BookGone,
    CredentialsRejected,
    DailyLimitReached,
    HostBusy,
    HostRefused,
    PermissionMissing,
)
from field_ops.host.services import Colleague
from tests.integrations.agenda_contract import SHANGHAI, CalendarContract, Shown, entry

LILEI = Colleague("lilei")


@pytest.fixture
def agenda(host):
    return host.calendar


@pytest.fixture
def whose():
    return Colleague("LiLei")  # userids are not case-sensitive


@pytest.fixture
def shown(simulator):
    return lambda: [_shown(one) for one in simulator.agenda.of("lilei")]


@pytest.fixture(params=["declines", "cancels"])
def remove(simulator, request):
    def removed():
        (one,) = simulator.agenda.of("lilei")
        if request.param == "declines":
            simulator.agenda.decline(one["attendees"][0]["userid"], one["schedule_id"])
        else:
            one["status"] = 1

    return removed


def _shown(schedule):
    times = [datetime.fromtimestamp(schedule[name], UTC) for name in ("start_time", "end_time")]
    at, until = [one.astimezone(SHANGHAI) for one in times]
    if schedule["is_whole_day"]:
        assert (at.hour, until.hour) == (0, 23)
        at = until = None
    return Shown(
        title=schedule["summary"], text=schedule["description"], at=at, until=until,
        place=schedule["location"], sounds=bool(schedule["reminders"]["is_remind"]),
    )  # fmt: skip


class TestWecomCalendar(CalendarContract):
    makes_at = "schedule/add"


async def test_an_app_that_is_not_listed_is_told_so_and_nothing_else_stops(host, simulator):
    simulator.switches.calendar_is_closed = True
    with pytest.raises(PermissionMissing, match="48002"):
        await host.calendar.look(LILEI)
    with pytest.raises(PermissionMissing):
        await host.calendar.open_book("外勤拜访")
    await host.directory.departments()


async def test_a_wrong_secret_is_not_a_missing_permission(host, simulator):
    simulator.faults.add("credentials", path="oa/schedule/get")
    with pytest.raises(CredentialsRejected):
        await host.calendar.look(LILEI)


async def test_the_day_is_full(host, simulator, clock):
    simulator.agenda.most_a_day = 1
    book = await host.calendar.open_book("外勤拜访")
    await host.calendar.make(LILEI, "1", entry(plan="1"), book)
    with pytest.raises(DailyLimitReached) as full:
        await host.calendar.make(LILEI, "2", entry(plan="2"), book)
    clock.ahead_s += full.value.retry_after_s + 1
    await host.calendar.make(LILEI, "2", entry(plan="2"), book)


async def test_too_many_calls_in_a_minute_are_something_else(host, simulator):
    simulator.faults.add("busy", path="schedule/get")
    with pytest.raises(HostBusy) as busy:
        await host.calendar.look(LILEI)
    assert not isinstance(busy.value, DailyLimitReached)


async def test_a_calendar_that_somebody_deleted_is_missed(host, phone):
    book = await host.calendar.open_book("外勤拜访")
    assert (await phone.post("oa/calendar/del", {"cal_id": book}))["errcode"] == 0
    with pytest.raises(BookGone):
        await host.calendar.make(LILEI, "1", entry(), book)


async def test_who_is_not_there_gets_no_schedule(host):
    book = await host.calendar.open_book("外勤拜访")
    with pytest.raises(HostRefused, match="90464"):
        await host.calendar.make(Colleague("nobody"), "1", entry(), book)


async def test_a_lost_schedule_is_found_on_the_second_page(host, simulator):
    book = await host.calendar.open_book("外勤拜访")
    first = await host.calendar.make(LILEI, "1", entry(plan="1"), book)
    for number in range(1_000):
        copy = {**simulator.agenda.schedules[first], "schedule_id": str(number)}
        simulator.agenda.schedules[str(number)] = copy
    last = await host.calendar.make(LILEI, "2", entry(plan="2"), book)
    assert await host.calendar.find(LILEI, "2", entry(plan="2"), book) == last


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"summary": "汉" * 129}, 40058),
        ({"end_time": 1}, 40058),
        ({"cal_id": "wcOfAnotherApp"}, 90466),
        ({"attendees": [{"userid": "nobody"}]}, 90464),
        ({"admins": ["a", "b", "c", "d"]}, 90464),
    ],
)
async def test_what_wecom_does_not_take(phone, change, errcode):
    schedule = {"start_time": 1773194400, "end_time": 1773198000, "summary": "拜访", **change}
    assert (await phone.post("oa/schedule/add", {"schedule": schedule}))["errcode"] == errcode


async def test_an_update_overwrites_the_whole_schedule(phone, simulator):
    times = {"start_time": 1773194400, "end_time": 1773198000}
    full = {**times, "summary": "拜访", "location": "中山大道", "attendees": [{"userid": "lilei"}]}
    made = await phone.post("oa/schedule/add", {"schedule": full})
    changed = {**times, "schedule_id": made["schedule_id"], "attendees": [{"userid": "lilei"}]}
    assert (await phone.post("oa/schedule/update", {"schedule": changed}))["errcode"] == 0
    (one,) = simulator.agenda.of("lilei")
    assert "location" not in one and "summary" not in one
