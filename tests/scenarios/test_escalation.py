"""An escalation: an ordinary message that says so, and one ring of the host's alarm beside it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from field_ops.connections import services
from field_ops.connections.actions import switch_service
from field_ops.host.messages import Notice
from field_ops.outbox import alarms
from field_ops.outbox.models import Alarm
from field_ops.outbox.post import post
from tests.conftest import SHANGHAI
from tests.fakes import as_is
from tests.scenarios.stage import CONNECTION, Phone, Stage

TUESDAY_NIGHT = datetime(2026, 3, 10, 23, 0, tzinfo=SHANGHAI)
BEFORE_NINE = datetime(2026, 3, 10, 20, 59, tzinfo=SHANGHAI)


async def switch_on(stage: Stage) -> None:
    platform, _ = await stage.platforms.platform_named("dingtalk", CONNECTION)
    async with stage.database.writing() as session:
        work = stage.system(session, "dingtalk")
        await switch_service(work, platform, CONNECTION, "urgent", on=True)
    stage.platforms.forget()


async def escalate(stage: Stage, text: str = "三天没有交接", **what) -> None:
    async with stage.database.writing() as session:
        work = stage.system(session, "dingtalk")
        boss = await stage.member_id(session, "dingtalk", "boss")
        kind = {"kind": "handover_overdue", "escalation": True, **what}
        await post(work, to=boss, message=as_is(Notice(text)), once=text, **kind)


async def ring(stage: Stage, **later: float) -> None:
    stage.clock.forward(**later)
    await stage.deliver()
    await stage.do("ring_alarms")


def dings(stage: Stage) -> list[str]:
    return [ding.content for ding in stage.simulators["dingtalk"].dings.sent]


async def mark(stage: Stage) -> tuple[str, str]:
    async with stage.database.reading() as session:
        (alarm,) = (await session.scalars(select(Alarm))).all()
        return alarm.state, alarm.error


def said_to(stage: Stage) -> list[str]:
    """What the boss has in his chat, the pretend host's own lines of DINGs excepted."""
    boss = stage.phone("dingtalk", "boss")
    return [line.text for line in boss.heard if not line.text.startswith("DING")]


async def test_a_handover_that_nobody_does_goes_one_step_up(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await switch_on(stage)
    await lilei.creates("华联超市", level="A")
    wang, boss = stage.phone(host, "wang"), stage.phone(host, "boss")
    await stage.simulators[host].member_left("lilei")
    await stage.read_what_changed()
    for days, told in ((0, 0), (1, 0), (1, 1), (0, 1)):
        stage.clock.forward(days=days, minutes=1)
        await stage.do("hand_over")
        await ring(stage)
        assert len([line for line in boss.heard if "DING" not in line.text]) == told
    asked = [line for line in wang.heard if "请安排交接" in line.title]
    (up,) = [line for line in boss.heard if "DING" not in line.text]
    assert len(asked) == 1 and "紧急" not in asked[0].title
    assert up.title.startswith("【紧急】李雷 离职两个工作日") and "王主管 还没有安排" in up.text
    # Only one of the hosts has an alarm.
    assert len(dings(stage)) == (1 if host == "dingtalk" else 0)
    assert not any("李雷" not in content for content in dings(stage))


async def test_it_rings_once_and_the_message_comes_first(stage: Stage) -> None:
    await switch_on(stage)
    await escalate(stage)
    await stage.do("ring_alarms")
    assert dings(stage) == []
    for _ in range(3):
        await ring(stage, minutes=2)
    assert dings(stage) == ["【紧急】三天没有交接"]
    assert said_to(stage) == ["【紧急】三天没有交接"]
    assert await mark(stage) == ("rung", "")


async def test_while_the_service_is_off_there_is_only_the_message(stage: Stage) -> None:
    await escalate(stage)
    await ring(stage)
    assert (dings(stage), said_to(stage)) == ([], ["【紧急】三天没有交接"])


@pytest.mark.parametrize(("lost", "rang", "state"), [(1, 2, "rung"), (2, 2, "given_up")])
async def test_a_lost_answer_is_asked_for_once_more_and_never_again(
    stage: Stage, lost: int, rang: int, state: str
) -> None:
    await switch_on(stage)
    await escalate(stage)
    stage.simulators["dingtalk"].faults.add("lost_answer", "ding/send", times=lost)
    for _ in range(6):
        await ring(stage, minutes=2)
    assert (len(dings(stage)), (await mark(stage))[0]) == (rang, state)
    assert len(said_to(stage)) == 1


async def test_a_worker_that_dies_while_it_rings_leaves_a_doubt(stage: Stage) -> None:
    await switch_on(stage)
    await escalate(stage)
    await stage.deliver()
    _, connection = await stage.platforms.platform_named("dingtalk", CONNECTION)
    for doubts in (1, 2):  # it writes down that it may ring, and dies
        async with stage.database.reading() as session:
            (due,) = await alarms._due(session, connection, stage.clock())
        assert await alarms._take_up(stage.database, connection, due, stage.clock())
        assert not await alarms._take_up(stage.database, connection, due, stage.clock())
        await ring(stage, seconds=30)
        assert (dings(stage), due.doubts) == ([], doubts - 1)
        stage.clock.forward(seconds=31)
    await ring(stage)
    assert await mark(stage) == ("given_up", "nobody knows whether it rang")


@pytest.mark.parametrize("fault", ["down", "busy", "token_expired"])
async def test_a_bad_minute_delays_it(stage: Stage, fault: str) -> None:
    await switch_on(stage)
    await escalate(stage)
    await stage.deliver()
    stage.simulators["dingtalk"].faults.add(fault, "ding/send", times=2)
    for _ in range(5):
        await ring(stage, minutes=2)
    assert (len(dings(stage)), await mark(stage)) == (1, ("rung", ""))


async def test_when_no_dings_are_left_the_message_stands_alone_and_it_is_said(
    stage: Stage,
) -> None:
    await switch_on(stage)
    simulator = stage.simulators["dingtalk"]
    simulator.switches.dings_left = 0
    await escalate(stage, "第一次")
    await escalate(stage, "第二次")
    await ring(stage)
    await ring(stage)
    assert dings(stage) == []
    assert sorted(said_to(stage)) == ["【紧急】第一次", "【紧急】第二次"]
    platform, connection = await stage.platforms.platform_named("dingtalk", CONNECTION)
    async with stage.database.reading() as session:
        found = {s.name: s for s in await services.states(session, platform, connection)}
        assert {a.state for a in await session.scalars(select(Alarm))} == {"fell_back"}
    assert found["urgent"].state == "paused"
    assert found["urgent"].pause.code == "ding.serverquota.insufficient"
    assert len(stage.network.asked("ding/send")) == 1

    simulator.switches.dings_left = 1  # somebody bought more
    stage.clock.forward(hours=1)
    await escalate(stage, "第三次")
    await ring(stage)
    assert dings(stage) == ["【紧急】第三次"]


async def test_an_escalation_waits_for_the_morning_and_rings_then(stage: Stage) -> None:
    await switch_on(stage)
    stage.clock.now = TUESDAY_NIGHT
    await escalate(stage)
    await ring(stage)
    assert (dings(stage), said_to(stage)) == ([], [])
    stage.clock.now = TUESDAY_NIGHT + timedelta(hours=9)
    await ring(stage)
    assert (len(dings(stage)), len(said_to(stage))) == (1, 1)


async def test_an_emergency_waits_for_no_morning(stage: Stage) -> None:
    await switch_on(stage)
    stage.clock.now = TUESDAY_NIGHT
    await escalate(stage, urgent=True, escalation=False)
    await ring(stage)
    assert (len(dings(stage)), len(said_to(stage))) == (1, 1)


async def test_what_could_not_ring_by_day_does_not_ring_by_night(stage: Stage) -> None:
    await switch_on(stage)
    stage.clock.now = BEFORE_NINE
    await escalate(stage)
    stage.simulators["dingtalk"].faults.add("down", "ding/send")
    await ring(stage)
    await ring(stage, minutes=5)
    assert (dings(stage), await mark(stage)) == ([], ("given_up", "quiet hours"))
    assert len(said_to(stage)) == 1


async def test_nothing_rings_for_a_message_that_was_refused(stage: Stage) -> None:
    await switch_on(stage)
    await escalate(stage)
    stage.simulators["dingtalk"].faults.add("refused", "batchSend")
    await ring(stage)
    assert (dings(stage), (await mark(stage))[0]) == ([], "moot")
