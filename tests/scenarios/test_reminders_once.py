"""The day plan and the missing check-out: each once, with two workers and a restart between."""

import asyncio
from datetime import datetime, timedelta

from field_ops.plans.actions import make_plan
from field_ops.work import Actor
from tests.conftest import SHANGHAI
from tests.scenarios.stage import Phone, Stage, entry_named

WEDNESDAY = datetime(2026, 3, 11, tzinfo=SHANGHAI)


async def everybody_works(stage: Stage, *names: str) -> None:
    """These workers and their relays do what is due, all at the same time."""
    workers = [stage.a_worker(name) for name in names]
    for worker in workers:
        await worker.heartbeat()
    for job in ("promise_day_plans", "send_reminders"):
        await asyncio.gather(*(worker.do(entry_named(job)) for worker in workers))
    relays = [stage.a_relay(name) for name in names]
    for _ in range(3):
        await asyncio.gather(*(relay.pass_once() for relay in relays))


async def plan_a_stop(stage: Stage, phone: Phone, customer_id: str) -> None:
    async with stage.database.writing() as session:
        work = stage.system(session, phone.host)
        me = await stage.member_id(session, phone.host, phone.user_id)
        rep = Actor(work.tenant_id, me, frozenset({"rep"}))
        await make_plan(
            type(work)(session, rep, work.now, work.zone), customer_id, WEDNESDAY.date()
        )


async def test_the_day_plan_comes_once_at_half_past_eight(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await plan_a_stop(stage, lilei, await lilei.creates("华联超市", level="A"))
    stage.clock.now = WEDNESDAY + timedelta(hours=7)
    await everybody_works(stage, "worker-1", "worker-2")
    assert lilei.heard == []

    # Both are gone, without a word; two others are there at the time.
    stage.clock.now = WEDNESDAY + timedelta(hours=8, minutes=30)
    await everybody_works(stage, "worker-3", "worker-4")
    stage.clock.forward(minutes=10)
    await everybody_works(stage, "worker-4", "worker-5")
    (plan,) = lilei.heard
    assert "今日拜访 1 家" in plan.title
    assert "1. 华联超市（A）" in plan.text
    assert stage.phone(host, "hanmeimei").heard == []


async def test_no_day_plan_comes_on_a_sunday(stage: Stage, lilei: Phone) -> None:
    await plan_a_stop(stage, lilei, await lilei.creates("华联超市"))
    stage.clock.now = WEDNESDAY + timedelta(days=4, hours=7)
    await everybody_works(stage, "worker-1")
    stage.clock.forward(hours=2)
    await everybody_works(stage, "worker-1")
    assert lilei.heard == []


async def test_a_missing_check_out_is_told_once_after_ninety_minutes(
    stage: Stage, lilei: Phone
) -> None:
    await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(minutes=89)
    await everybody_works(stage, "worker-1", "worker-2")
    assert lilei.heard == []
    stage.clock.forward(minutes=1)
    await everybody_works(stage, "worker-3", "worker-4")
    await everybody_works(stage, "worker-1", "worker-5")
    (told,) = lilei.heard
    assert "「华联超市」还没有签退" in told.title
    assert "90 分钟" in told.text


async def test_who_has_checked_out_hears_nothing(stage: Stage, lilei: Phone) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    stage.clock.forward(minutes=20)
    out = await lilei.page.send("POST", f"/visits/{visit['id']}/check-out", {"fix": None})
    assert out.status_code == 200
    stage.clock.forward(minutes=70)
    await everybody_works(stage, "worker-1", "worker-2")
    assert not any("签退" in line.title for line in lilei.heard)
