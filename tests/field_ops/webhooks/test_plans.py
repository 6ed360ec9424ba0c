"""What becomes of a planned visit is told, as far as the webhook sees whose plan it is."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from field_ops.customers.models import Customer
from field_ops.history.models import AuditEntry
from field_ops.jobs.tools import Company as AtWork
from field_ops.people.models import Member
from field_ops.plans import actions as plans
from field_ops.plans.actions import PlanNotForToday, PlanSettled
from field_ops.plans.models import VisitPlan
from field_ops.pool import actions as pool
from field_ops.visits.actions import NextAction, check_in, check_out, record_log
from field_ops.visits.verdict import Fix, Presence
from field_ops.webhooks.models import WebhookDelivery
from field_ops.work import Work
from tests.conftest import SHANGHAI
from tests.factories import WUHAN, a_customer, a_department, a_member, work_as
from tests.field_ops.webhooks.conftest import Bench

PLANS = [
    "plan.made", "plan.changed", "plan.done", "plan.skipped", "plan.missed", "plan.cancelled",
]  # fmt: skip
AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))


async def arrive(bench: Bench) -> list[dict[str, Any]]:
    """All that waits is delivered; what was taken is returned, in the order of the numbers."""
    courier = bench.courier()
    while True:
        await courier.pass_once()
        async with bench.database.reading() as session:
            waits = select(func.count()).where(WebhookDelivery.state == "queued")
            if not await session.scalar(waits):
                return sorted(bench.receiver.taken, key=lambda event: event["number"])


async def at_night(bench: Bench) -> int:
    """The company looks after midnight at what nobody went to."""
    company = AtWork(bench.company.tenant.id, SHANGHAI)
    missed = 0
    while True:
        async with bench.database.writing() as session:
            some = await plans.miss_some(company.work(session, bench.clock()))
        missed += some
        if not some:
            return missed


async def test_a_plan_is_told_from_the_morning_to_the_log(bench: Bench) -> None:
    async with bench.work(bench.company.lilei) as work:
        shop = await a_customer(work, "华联")
    await bench.webhook(events=PLANS)
    async with bench.work(bench.company.lilei) as work:
        plan = await plans.make_plan(work, shop.id, work.today, purpose="送样品")
    async with bench.work(bench.company.lilei) as work:
        visit = await check_in(work, shop.id, AT_THE_DOOR)
    bench.clock.forward(minutes=35)
    async with bench.work(bench.company.lilei) as work:
        await check_out(work, visit.id, AT_THE_DOOR)
    async with bench.work(bench.company.lilei) as work:
        await record_log(work, visit.id, "progress", "谈了续约，对方要九折", NextAction("", None))
    told = await arrive(bench)
    assert [(one["type"], one.get("changed", [])) for one in told] == [
        ("plan.made", []),
        ("plan.changed", ["state"]),
        ("plan.changed", ["state"]),
        ("plan.done", []),
    ]
    assert told[0]["by"] == {"member_id": bench.company.lilei.id, "via": "h5"}
    assert told[0]["customer"]["name"] == "华联"
    assert told[0]["plan"] == {
        "id": plan.id, "customer_id": shop.id, "owner_id": bench.company.lilei.id,
        "planned_on": "2026-03-10", "planned_at": None, "visit_type": "routine",
        "purpose": "送样品", "state": "done", "skip_reason": "",
    }  # fmt: skip
    assert bench.receiver.forged == 0
    assert await history(bench, plan) == [
        ("plan.made", {"customer_id": [None, shop.id], "planned_on": [None, "2026-03-10"]}),
        ("plan.changed", {"state": ["scheduled", "in_progress"]}),
        ("plan.changed", {"state": ["in_progress", "attempted"]}),
        ("plan.done", {"state": ["attempted", "done"]}),
    ]


async def history(bench: Bench, plan: VisitPlan) -> list[tuple[str, dict[str, Any]]]:
    async with bench.database.reading() as session:
        entries = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == plan.id).order_by(AuditEntry.id)
        )
        return [(one.action, one.change) for one in entries]


async def test_what_was_skipped_says_why_and_only_its_owner_skips_it(bench: Bench) -> None:
    async with bench.work(bench.company.lilei) as work:
        shop = await a_customer(work, "华联")
        plan = await plans.make_plan(work, shop.id, work.today)
    await bench.webhook(events=["plan.skipped"])
    async with bench.work(bench.company.wang) as work:
        with pytest.raises(PlanNotForToday):
            await plans.skip(work, plan.id, "门店关门")
    for _ in range(2):  # again is nothing
        async with bench.work(bench.company.lilei) as work:
            await plans.skip(work, plan.id, "门店关门")
    (told,) = await arrive(bench)
    assert (told["type"], told["plan"]["skip_reason"]) == ("plan.skipped", "门店关门")
    async with bench.work(bench.company.lilei) as work:
        begun = await plans.make_plan(work, shop.id, work.today)
        await plans.start(work, begun)
        with pytest.raises(PlanSettled):
            await plans.skip(work, begun.id, "门店关门")


async def test_what_nobody_went_to_is_missed_when_its_day_is_over(bench: Bench) -> None:
    async with bench.work(bench.company.lilei) as work:
        shop = await a_customer(work, "华联")
        today = await plans.make_plan(work, shop.id, work.today)
        await plans.make_plan(work, shop.id, work.today + timedelta(days=1))
    await bench.webhook(events=PLANS)
    assert await at_night(bench) == 0
    bench.clock.forward(hours=14, minutes=29)  # 23:59
    assert await at_night(bench) == 0
    bench.clock.forward(minutes=1)
    assert (await at_night(bench), await at_night(bench)) == (1, 0)
    (told,) = await arrive(bench)
    assert (told["type"], told["plan"]["id"]) == ("plan.missed", today.id)
    assert told["by"] == {"member_id": None, "via": "worker"}


async def test_departments_limit_it_to_plans_of_their_people(bench: Bench) -> None:
    async with bench.database.writing() as session:
        north = a_department(session, bench.company.connection, "华北区")
        zhang = a_member(session, bench.company.connection, "张三", north)
    async with bench.work(bench.company.lilei) as work:
        shop = await a_customer(work, "华联", phone="13800138000")
    async with bench.work(zhang) as work:
        far = await a_customer(work, "红星", phone="13800138001")
    await bench.webhook(
        events=PLANS, departments=[bench.company.east.id], fields={"phone": "masked"}
    )
    async with bench.work(zhang) as work:
        await plans.make_plan(work, far.id, work.today)
    async with bench.work(bench.company.lilei) as work:
        goes = await plans.make_plan(work, shop.id, work.today)
        await plans.make_plan(work, shop.id, work.today + timedelta(days=1))
    async with bench.work() as work:
        held = await work.session.get_one(VisitPlan, (work.tenant_id, goes.id))
        await plans.hand_on(work, [held], zhang.id)
    async with bench.work(zhang) as work:
        await plans.skip(work, goes.id, "重复")
    async with bench.work(bench.company.lilei) as work:
        await pool.release(work, shop.id, "店铺已转让")
    told = await arrive(bench)
    # The first is a plan of his no more when it is made ready; nor is it told what 张三 does.
    assert [(one["type"], one["plan"] and one["plan"]["state"]) for one in told] == [
        ("plan.made", "cancelled"),
        ("plan.changed", None),
        ("plan.cancelled", "cancelled"),
    ]
    assert told[1]["changed"] == ["owner_id"]
    assert told[2]["customer"] is None  # nobody's now, and so nobody's of this department
    assert not any(b"13800138000" in one.content for one in bench.receiver.asked)


@dataclass
class Copy:
    """What another system knows: it applies each event, and forgets what left its sight."""

    state: dict[str, str] = field(default_factory=dict)

    def hear(self, event: dict[str, Any]) -> None:
        if event["plan"] is None:
            self.state.pop(event["plan_id"], None)
        else:
            self.state[event["plan_id"]] = event["plan"]["state"]


@pytest.mark.parametrize("seed", range(4))
async def test_a_copy_that_hears_every_event_knows_what_the_plans_are(
    bench: Bench, seed: int
) -> None:
    """Whatever people do with plans, in and out of a department: the copy has those of its people,
    as they are in the database."""
    chance = Random(seed)
    async with bench.database.writing() as session:
        north = a_department(session, bench.company.connection, "华北区")
        zhang = a_member(session, bench.company.connection, "张三", north)
    people = [bench.company.lilei, bench.company.hanmeimei, zhang]
    shops: dict[str, Customer] = {}
    for who in people:
        async with bench.work(who) as work:
            shops[who.id] = await a_customer(work, f"{who.name}的店")
    await bench.webhook(events=PLANS, departments=[bench.company.east.id])
    copy, known = Copy(), 0
    for _ in range(40):
        await something(bench, chance, people, shops)
        if chance.random() < 0.3:
            told = await arrive(bench)
            for event in told[known:]:
                copy.hear(event)
            known = len(told)
            async with bench.database.reading() as session:
                rows = (await session.scalars(select(VisitPlan))).all()
            ours = {one.id: one.state for one in rows if one.owner_id != zhang.id}
            assert copy.state == ours
    assert known > 10


async def something(
    bench: Bench, chance: Random, people: list[Member], shops: dict[str, Customer]
) -> None:
    """One of the things that happen to plans."""
    async with bench.database.reading() as session:
        ahead = select(VisitPlan.id).where(VisitPlan.state == "scheduled").order_by(VisitPlan.id)
        ids = (await session.scalars(ahead)).all()
    what = chance.choice(("make", "make", "skip", "hand on", "cancel", "visit", "night"))
    if what == "night" and chance.random() < 0.5:
        bench.clock.forward(days=1)
        await at_night(bench)
        return
    async with bench.database.writing() as session:
        if what == "make" or not ids:
            who = chance.choice(people)
            work = work_as(session, who, bench.clock())
            day = work.today + timedelta(days=chance.randint(0, 3))
            await plans.make_plan(work, shops[who.id].id, day)
            return
        plan = await session.get_one(VisitPlan, (bench.company.tenant.id, chance.choice(ids)))
        who = next(one for one in people if one.id == plan.owner_id)
        await settle(work_as(session, who, bench.clock()), what, plan, chance.choice(people))


async def settle(work: Work, what: str, plan: VisitPlan, other: Member) -> None:
    match what:
        case "skip":
            await plans.skip(work, plan.id, "门店关门")
        case "hand on":
            await plans.hand_on(work, [plan], other.id)
        case "cancel":
            await plans.cancel(work, [plan])
        case "visit":
            await plans.start(work, plan)
            await plans.settle(work, plan.id, is_effective=False)
            await plans.settle(work, plan.id, is_effective=True)
