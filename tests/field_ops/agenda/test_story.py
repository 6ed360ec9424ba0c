"""Visit plans stand in the host's calendar and among its to-dos, and follow every change."""

from datetime import time, timedelta

from sqlalchemy import func, select, update

from field_ops.agenda.models import AgendaEntry
from field_ops.connections.models import ServiceUse
from field_ops.people.models import Member

from .conftest import TODAY, Seen

TOMORROW = TODAY + timedelta(days=1)
TEN = time(10, 0)


async def test_a_plan_is_an_entry_and_follows_its_changes(town):
    timed = await town.plan(day=TOMORROW, at=TEN, purpose="谈陈列")
    whole = await town.plan(customer="新华书店", day=TODAY)
    assert (await town.passes())["made"] == 2 * len(town.on)
    assert set(town.calendar()) == {
        Seen("lilei", timed, "拜访 华联超市", TOMORROW, TEN),
        Seen("lilei", whole, "拜访 新华书店", TODAY),
    }
    if "todo" in town.on:
        assert set(town.todos()) == {
            Seen("lilei", timed, "拜访 华联超市 10:00", TOMORROW),
            Seen("lilei", whole, "拜访 新华书店", TODAY),
        }
    assert not await town.passes()  # nothing more to do

    await town.edit(timed, planned_at=time(14, 30), planned_on=TODAY)
    await town.edit(whole, state="skipped", skip_reason="closed")
    await town.passes()
    assert town.calendar() == [Seen("lilei", timed, "拜访 华联超市", TODAY, time(14, 30))]
    assert [todo.title for todo in town.todos()] == ["拜访 华联超市 14:30"] * len(town.todos())


async def test_a_done_plan_stays_in_the_calendar_and_is_ticked_off(town):
    plan = await town.plan()
    await town.passes()
    await town.edit(plan, state="done")
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [plan]
    assert [todo.done for todo in town.todos()] == [True] * ("todo" in town.on)
    await town.edit(plan, state="attempted")  # the visit was judged again
    await town.passes()
    assert not any(todo.done for todo in town.todos())


async def test_a_plan_that_somebody_else_has_now_moves_over(town):
    plan = await town.plan()
    await town.passes()
    await town.edit(plan, owner_id=town.company.hanmeimei.id)
    await town.passes()
    assert {one.whose for one in (*town.calendar(), *town.todos())} == {"hanmeimei"}
    assert len(town.calendar()) == 1


async def test_who_leaves_keeps_nothing(town):
    await town.plan()
    await town.plan("韩梅梅")
    await town.passes()
    await town.leaves("李雷")
    town.simulator.company.people["lilei"].active = False
    await town.passes()
    assert {one.whose for one in (*town.calendar(), *town.todos())} == {"hanmeimei"}
    assert len(town.calendar()) == 1


async def test_a_service_that_is_switched_off_is_emptied_and_may_be_filled_again(town):
    for day in range(3):
        await town.plan(day=TODAY + timedelta(days=day))
    await town.passes()
    town.on.clear()
    await town.passes()
    assert (town.calendar(), town.todos()) == ([], [])
    async with town.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(AgendaEntry)) == 0
    town.on.add("calendar")
    await town.passes()
    assert (len(town.calendar()), town.todos()) == (3, [])


async def test_only_two_weeks_ahead_and_nothing_of_yesterday(town):
    await town.plan(day=TODAY - timedelta(days=1))
    await town.plan(day=TODAY + timedelta(days=15))
    await town.plan(state="draft")
    await town.plan(state="cancelled")
    last = await town.plan(day=TODAY + timedelta(days=14))
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [last]


async def test_what_is_over_is_still_taken_away_and_then_history(town):
    missed, kept = await town.plan(), await town.plan(customer="新华书店")
    await town.passes()
    town.clock.forward(days=3)
    await town.edit(missed, state="missed")
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [kept]
    town.clock.forward(days=7)
    await town.passes()
    assert [one.plan_id for one in town.calendar()] == [kept]
    assert await town.states("held") == []


async def test_an_entry_that_the_member_deleted_is_not_put_again(town):
    plan = await town.plan()
    await town.passes()
    delete_by_hand(town)
    assert not await town.passes()
    await town.edit(plan, planned_at=TEN)  # which would have to be told
    assert (await town.passes())["dropped"] == len(town.on)
    await town.edit(plan, planned_on=TOMORROW, state="in_progress")
    await town.passes()
    assert (town.calendar(), town.todos()) == ([], [])
    assert len(await town.states("dropped")) == len(town.on)


async def test_a_todo_that_was_ticked_by_hand_is_left(dingtalk_town):
    town = dingtalk_town
    plan = await town.plan()
    await town.passes()
    (todo,) = town.simulator.agenda.todos.values()
    todo["done"] = True
    await town.edit(plan, planned_at=TEN)
    await town.passes()
    assert [(todo.done, todo.title) for todo in town.todos()] == [(True, "拜访 华联超市 10:00")]
    async with town.database.reading() as session:
        state = await session.scalar(select(AgendaEntry.done).where(AgendaEntry.service == "todo"))
    assert state is False  # and the plan is as open as it was


async def test_an_entry_speaks_the_language_of_its_owner(town):
    async with town.database.writing() as session:
        await session.execute(
            update(Member).where(Member.id == town.company.lilei.id).values(language="en")
        )
    await town.plan()
    await town.passes()
    assert {one.title for one in (*town.calendar(), *town.todos())} == {"Visit 华联超市"}


async def test_every_call_is_counted(town):
    plan = await town.plan()
    await town.passes()
    await town.edit(plan, state="cancelled")
    await town.passes()
    async with town.database.reading() as session:
        calls = await session.scalar(select(func.sum(ServiceUse.calls)))
        made = await session.scalar(
            select(func.sum(ServiceUse.made)).where(ServiceUse.host_user_id == "lilei")
        )
    assert (calls, made) == (2 * len(town.on), len(town.on))


def delete_by_hand(town):
    """Everybody empties his calendar and his list."""
    agenda = town.simulator.agenda
    if town.host == "dingtalk":
        agenda.events.clear()
        agenda.todos.clear()
    for schedule in getattr(agenda, "schedules", {}).values():
        for one in schedule["attendees"]:
            agenda.decline(one["userid"], schedule["schedule_id"])
