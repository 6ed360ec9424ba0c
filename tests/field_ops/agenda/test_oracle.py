"""Weeks of edits, faults and deaths at random; in the end the host holds what the plans say."""

from datetime import time, timedelta
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers.models import Customer
from field_ops.people.models import Member
from field_ops.plans.models import VisitPlan

from .conftest import Seen
from .doomed import Doomed, Killed

STATES = (
    "scheduled", "scheduled", "in_progress", "attempted", "done", "done", "cancelled", "skipped",
    "missed", "rescheduled",
)  # fmt: skip
FAULTS = ("down", "busy", "lost_answer", "lost_answer", "refused", "token_expired", "credentials")
SHOWN = {"scheduled", "in_progress", "attempted", "done"}
ROUNDS = 30


@pytest.mark.parametrize("seed", range(4))
async def test_the_host_holds_what_the_plans_say(town, seed):
    dice = Random(seed)
    plans = [await town.plan(day=day(town, dice)) for _ in range(4)]
    for _ in range(ROUNDS):
        for _ in range(dice.randrange(3)):
            await something_happens(town, dice, plans)
        if dice.random() < 0.5:
            town.faults.add(dice.choice(FAULTS), times=dice.randrange(1, 4))
        await a_pass(town, dice)
        town.clock.forward(seconds=dice.choice((1, 30, 61, 61, 3_700)))
    town.faults.clear()
    # What was refused is tried a day later; nobody plans anything meanwhile.
    for _ in range(3):
        await town.passes()
        town.clock.forward(days=1)
    await town.passes()
    assert listed(town.calendar()) == listed(await wanted(town, "calendar"))
    todos = await wanted(town, "todo")
    assert listed(town.todos(), done=False) == listed(todos, done=False)
    # What was done before anybody was told of it needs no to-do.
    assert set(listed(town.todos(), done=True)) <= set(listed(todos, done=True))
    assert not [*await town.states("asked"), *await town.states("dropped")]


def listed(seen, *, done=None):
    return sorted(str(one) for one in seen if done is None or one.done == done)


def day(town, dice):
    today = town.clock().astimezone(town.connection.zone).date()
    # Not so near that it is over before the end of the test.
    return today + timedelta(days=dice.randrange(7, 13))


async def something_happens(town, dice, plans):
    plan = dice.choice(plans)
    match dice.randrange(9):
        case 0 | 1:
            plans.append(await town.plan(dice.choice(("李雷", "韩梅梅")), day=day(town, dice)))
        case 2:
            await town.edit(plan, planned_on=day(town, dice))
        case 3:
            await town.edit(plan, planned_at=dice.choice((None, time(9, 0), time(15, 30))))
        case 4 | 5:
            await town.edit(plan, state=dice.choice(STATES))
        case 6:
            owner = town.member(dice.choice(("李雷", "韩梅梅")))
            await town.edit(plan, owner_id=owner.id, purpose=f"第 {dice.randrange(9)} 次")
        case 7:
            await town.leaves("韩梅梅", left=dice.random() < 0.5)
        case 8:
            name = dice.choice(tuple(town.agendas))
            (town.on.discard if name in town.on else town.on.add)(name)


async def a_pass(town, dice):
    if dice.random() < 0.3:
        town.between = Doomed(dice.randrange(4), after=dice.random() < 0.7).around
    try:
        await town.pass_once(limit=dice.choice((2, 100)))
    except Killed:
        pass
    finally:
        town.between = lambda agenda: agenda


async def wanted(town, service):
    """What should be seen, by another way than the program's."""
    if service not in town.on:
        return []
    async with town.database.reading() as session:
        plans = (await session.scalars(select(VisitPlan))).all()
        names = dict((await session.execute(select(Customer.id, Customer.name))).all())
        here = set(await session.scalars(select(Member.id).where(Member.state == "active")))
    found = []
    for plan in plans:
        if plan.owner_id not in here or plan.state not in SHOWN:
            continue
        user = "lilei" if plan.owner_id == town.company.lilei.id else "hanmeimei"
        title = f"拜访 {names[plan.customer_id]}"
        if service == "todo":
            title += f" {plan.planned_at:%H:%M}" if plan.planned_at else ""
            found.append(Seen(user, plan.id, title, plan.planned_on, done=plan.state == "done"))
        else:
            found.append(Seen(user, plan.id, title, plan.planned_on, plan.planned_at))
    return found
