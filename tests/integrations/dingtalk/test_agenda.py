"""Visit plans as DingTalk's events and to-dos: our adapter and the pretend DingTalk."""

from datetime import datetime

import pytest

from field_ops.host.errors import (
    DailyLimitReached,
    EntryGone,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
)
from field_ops.host.services import Colleague
from integrations.dingtalk.simulator.accounts import union_id
from tests.integrations.agenda_contract import (
    SHANGHAI,
    AgendaContract,
    CalendarContract,
    Shown,
    entry,
)

LILEI = Colleague("lilei", union_id("lilei", ""))
MISSING = {"calendar": "Calendar.Event.Write", "todo": "Todo.Todo.Write"}


@pytest.fixture
def whose():
    return LILEI


class TestDingtalkCalendar(CalendarContract):
    makes_at = "/events"

    @pytest.fixture
    def agenda(self, host):
        return host.calendar

    @pytest.fixture
    def shown(self, simulator):
        return lambda: [_event(one) for one in simulator.agenda.events.values()]

    @pytest.fixture
    def remove(self, simulator):
        return simulator.agenda.events.clear


class TestDingtalkTodoList(AgendaContract):
    makes_at = "/tasks"

    @pytest.fixture
    def agenda(self, host):
        return host.todo

    @pytest.fixture
    def shown(self, simulator):
        return lambda: [_todo(one) for one in simulator.agenda.todos.values()]

    @pytest.fixture
    def remove(self, simulator):
        return simulator.agenda.todos.clear


def _event(event):
    assert event["extra"] == {"noPushNotification": "true", "noChatNotification": "true"}
    assert event["organizer"]["id"] == LILEI.union_id and event["attendees"] == []
    at = until = None
    if event["isAllDay"]:
        assert (event["start"]["date"], event["end"]["date"]) == ("2026-03-11", "2026-03-12")
    else:
        assert event["start"]["timeZone"] == "Asia/Shanghai"
        moments = (event[name]["dateTime"] for name in ("start", "end"))
        at, until = [datetime.fromisoformat(one).astimezone(SHANGHAI) for one in moments]
    return Shown(
        title=event["summary"], text=event["description"], at=at, until=until,
        place=event["location"]["displayName"], sounds=event["reminders"] != [],
    )  # fmt: skip


def _todo(todo):
    assert todo["creatorId"] == LILEI.union_id and todo["executorIds"] == [LILEI.union_id]
    return Shown(
        title=todo["subject"], text=todo["detailUrl"]["appUrl"], done=todo["done"],
        sounds=todo["notifyConfigs"]["dingNotify"] != "0",
    )  # fmt: skip


async def test_a_repeated_question_makes_one_event_and_one_todo(host, simulator):
    for agenda in (host.calendar, host.todo):
        first = await agenda.make(LILEI, "key-1", entry(), "")
        assert await agenda.make(LILEI, "key-1", entry(), "") == first
    assert (len(simulator.agenda.events), len(simulator.agenda.todos)) == (1, 1)


async def test_a_todo_is_ticked_and_a_new_title_does_not_untick_it(host, simulator):
    task = await host.todo.make(LILEI, "key-1", entry(), "")
    await host.todo.tick(LILEI, task, done=True)
    await host.todo.change(LILEI, task, entry("拜访 红星"), "")
    todo = simulator.agenda.todos[task]
    assert (todo["done"], todo["subject"]) == (True, "拜访 红星")
    assert await host.todo.find(LILEI, "key-1", entry(), "") == task  # among the done ones too
    await host.todo.tick(LILEI, task, done=False)
    assert not simulator.agenda.todos[task]["done"]
    with pytest.raises(EntryGone):
        await host.todo.tick(LILEI, "OPJunknown", done=True)


@pytest.mark.parametrize("name", ["calendar", "todo"])
async def test_a_missing_permission_is_named(host, simulator, name):
    simulator.gate.guard.missing = {f"/{name}/": MISSING[name]}
    agenda = getattr(host, name)
    for asked in (agenda.look(LILEI), agenda.make(LILEI, "1", entry(), "")):
        with pytest.raises(PermissionMissing, match=MISSING[name]):
            await asked


async def test_a_hundred_events_a_day(host, clock):
    for number in range(100):
        await host.calendar.make(LILEI, f"key-{number}", entry(), "")
    with pytest.raises(DailyLimitReached) as full:
        await host.calendar.make(LILEI, "one-more", entry(), "")
    assert 0 < full.value.retry_after_s <= 86_400
    clock.ahead_s += full.value.retry_after_s + 1
    await host.calendar.make(LILEI, "one-more", entry(), "")


async def test_who_has_no_union_id_is_not_asked_about(host, simulator):
    for agenda in (host.calendar, host.todo):
        with pytest.raises(HostRefused, match="union id"):
            await agenda.make(Colleague("lilei"), "1", entry(), "")
    assert simulator.app.about("/users/") == []


async def test_a_lost_event_is_found_on_the_second_page(host, simulator):
    for number in range(101):
        made = await host.calendar.make(
            Colleague("wang", union_id("wang", "")) if number == 0 else LILEI,
            f"key-{number}", entry(plan=f"{number:03}"), "",
        )  # fmt: skip
    assert await host.calendar.find(LILEI, "key-100", entry(plan="100"), "") == made
    for event in simulator.agenda.events.values():
        event["organizer"]["id"] = LILEI.union_id
    assert await host.calendar.find(LILEI, "key-100", entry(plan="100"), "") == made


@pytest.mark.parametrize(("fault", "expected"), [("busy", HostBusy), ("down", HostUnavailable)])
async def test_a_bad_moment_is_said_in_the_ports_words(host, simulator, fault, expected):
    simulator.faults.add(fault, path="/tasks")
    with pytest.raises(expected):
        await host.todo.make(LILEI, "1", entry(), "")
    assert simulator.agenda.todos == {}
