"""The host is away, busy, full, or does not let us; and processes die in the middle."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.agenda.metrics import WAITING
from field_ops.connections.check_services import check_services
from field_ops.connections.models import HostConnection
from field_ops.connections.use import made_on
from field_ops.host.services import Colleague
from tests.integrations.agenda_contract import entry

from .conftest import TODAY
from .doomed import Doomed, Killed


def close(town, is_closed):
    """The administrator takes the permission away, or grants it."""
    if town.host == "wecom":
        town.simulator.switches.calendar_is_closed = is_closed
    else:
        missing = {"/calendar/": "Calendar.Event.Write", "/todo/": "Todo.Todo.Write"}
        town.simulator.gate.guard.missing = missing if is_closed else {}


async def test_a_missing_permission_pauses_the_service_alone_and_is_tried_every_hour(town):
    close(town, True)
    await town.plan()
    await town.pass_once()
    pauses = await town.pauses()
    assert set(pauses) == town.on
    assert all("48002" in one.code or "Write" in one.reason for one in pauses.values())
    asked = len(town.simulator.app.entries)
    town.clock.forward(minutes=59)
    await town.pass_once()
    assert len(town.simulator.app.entries) == asked  # nobody is bothered within the hour
    town.clock.forward(minutes=1)
    await town.pass_once()
    assert {one.since for one in (await town.pauses()).values()} == {pauses["calendar"].since}
    async with town.database.reading() as session:
        assert await session.scalar(select(HostConnection.paused_at)) is None

    close(town, False)
    town.clock.forward(hours=1)
    await town.passes()
    assert len(town.calendar()) == 1
    assert await town.pauses() == {}


async def test_the_check_says_of_each_service_whether_the_host_lets_us(town):
    async def told():
        return {one.part: one for one in await check_services(town.platform, town.on)}

    assert {name: one.ok for name, one in (await told()).items()} == dict.fromkeys(town.on, True)
    close(town, True)
    for name, one in (await told()).items():
        assert not one.ok and town.agendas[name].wants.zh in one.says.zh
    assert (town.calendar(), town.todos()) == ([], [])


async def test_a_service_that_is_refused_is_emptied_when_the_host_lets_us_again(town):
    await town.plan()
    await town.passes()
    close(town, True)
    town.on.clear()
    await town.pass_once()
    assert len(town.calendar()) == 1
    close(town, False)
    town.clock.forward(hours=1)
    await town.passes()
    assert (town.calendar(), town.todos()) == ([], [])


async def test_an_outage_is_waited_out(town):
    await town.plan()
    town.faults.down = True
    await town.pass_once()
    asked = len(town.simulator.app.entries)
    await town.pass_once()
    assert len(town.simulator.app.entries) == asked
    town.faults.down = False
    town.clock.forward(minutes=1)
    await town.passes()
    assert len(town.calendar()) == 1


async def test_a_lost_answer_leaves_no_second_entry(town):
    await town.plan()
    town.faults.add("lost_answer", path="schedule/add" if town.host == "wecom" else "/events")
    await town.pass_once()
    assert len(town.calendar()) == 1
    town.clock.forward(seconds=61)
    await town.passes()
    assert len(town.calendar()) == 1
    assert await town.states("asked") == []


async def test_what_the_limit_of_the_day_leaves_over_comes_tomorrow(town):
    town.on = {"calendar"}
    most = 100
    if town.host == "wecom":
        town.simulator.agenda.most_a_day = most  # as if all but a hundred had been made before
    for number in range(most + 3):
        await town.plan(day=TODAY + timedelta(days=number % 14))
    for _ in range(3):
        await town.pass_once()
        town.clock.forward(seconds=61)
    assert len(town.calendar()) == most
    waiting = await town.states("waiting")
    assert [one.error for one in waiting] == ["the limit of the day"] * 3
    # What is soonest was made first.
    assert min(one.day for one in waiting) >= max(one.day for one in town.calendar())
    await town.pass_once()
    gauge = WAITING.labels(town.host, "default", "calendar")
    assert gauge._value.get() == 3
    town.clock.forward(days=1)
    await town.passes()
    assert len(town.calendar()) == most + 3


async def test_one_who_is_full_keeps_nobody_else_waiting(dingtalk_town):
    town = dingtalk_town
    town.on = {"calendar"}
    for _ in range(101):
        await town.plan()
    await town.plan("韩梅梅", day=TODAY + timedelta(days=13))
    await town.pass_once(limit=200)
    assert [one.whose for one in town.calendar()].count("hanmeimei") == 1
    async with town.database.reading() as session:
        made = await made_on(session, town.connection, "calendar", TODAY)
    assert (made["lilei"], made["hanmeimei"]) == (100, 1)
    events = [asked for asked in town.simulator.app.about("/events") if asked.method == "POST"]
    assert len(events) == 101  # the one that does not fit was not even asked for


async def test_a_host_that_counts_otherwise_is_believed(dingtalk_town):
    town = dingtalk_town
    town.on = {"calendar"}
    lilei = Colleague("lilei", "union-lilei")
    for number in range(100):  # by another app of the company, say
        other = entry(f"例会 {number}", plan="other")
        await town.platform.calendar.make(lilei, f"other-{number}", other, "")
    for _ in range(6):
        await town.plan(day=TODAY + timedelta(days=1))
    await town.pass_once()
    events = [asked for asked in town.simulator.app.about("/events") if asked.method == "POST"]
    assert len(events) == 101
    assert len(await town.states("waiting")) == 6
    town.clock.forward(days=1)
    await town.passes()
    assert len([one for one in town.calendar() if one.plan_id != "other"]) == 6


async def test_the_months_calls_used_up_stop_it_for_an_hour(dingtalk_town):
    town = dingtalk_town
    town.simulator.gate.guard.left = 3
    for _ in range(4):
        await town.plan()
    await town.pass_once()
    refused = len(town.simulator.app.entries)
    town.clock.forward(minutes=59)
    await town.pass_once()
    assert len(town.simulator.app.entries) == refused
    assert await town.pauses() == {}


async def test_one_that_the_host_never_takes_keeps_nobody_waiting(wecom_town):
    town = wecom_town
    del town.simulator.company.people["lilei"]  # the host forgot him, and did not say so yet
    await town.plan(day=TODAY)
    await town.plan("韩梅梅", day=TODAY + timedelta(days=1))
    assert await town.passes() == {"refused": 1, "made": 1}
    assert [one.whose for one in town.calendar()] == ["hanmeimei"]
    assert "90464" in (await town.states("waiting"))[0].error


async def test_a_calendar_that_somebody_deleted_is_opened_again(wecom_town):
    town = wecom_town
    await town.plan()
    await town.passes()
    town.simulator.agenda.calendars.clear()
    town.simulator.agenda.schedules.clear()
    second = await town.plan(customer="新华书店")
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [second]


async def test_a_large_company_is_done_in_slices(town):
    for number in range(9):
        await town.plan("李雷" if number % 2 else "韩梅梅", day=TODAY + timedelta(days=number))
    assert (await town.pass_once(limit=4))["made"] == 4 * len(town.on)
    assert max(one.day for one in town.calendar()) == TODAY + timedelta(days=3)
    await town.passes()
    assert len(town.calendar()) == 9


@pytest.mark.parametrize("call", range(4))
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the yes"])
async def test_whoever_dies_leaves_no_second_entry_and_none_out(town, call, after):
    gone, moved = await town.plan(), await town.plan(customer="新华书店")
    await town.passes()
    await town.edit(gone, state="cancelled")
    await town.edit(moved, planned_on=TODAY + timedelta(days=1))
    new = [await town.plan(day=TODAY + timedelta(days=days)) for days in (2, 3)]
    doomed = Doomed(call, after=after)
    town.between = doomed.around
    with pytest.raises(Killed):
        for _ in range(3):
            await town.pass_once()
    town.between = lambda agenda: agenda
    town.clock.forward(seconds=61)
    await town.passes()
    for seen in (town.calendar(), *([town.todos()] if "todo" in town.on else [])):
        assert sorted(one.plan_id for one in seen) == sorted([moved, *new])


async def test_two_who_both_believe_to_lead_make_one_entry(town):
    plan = await town.plan()
    rival = Doomed(-1, after=False)
    rival.meanwhile = town.pass_once
    town.between = rival.around
    await town.pass_once()
    town.between = lambda agenda: agenda
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [plan]
