"""One tap on a card in WeCom, and the card says what became of it: once, whatever happens."""

import pytest

from tests.scenarios.stage import Phone, Stage

UPDATE = "update_template_card"


@pytest.fixture
async def lilei(stage: Stage) -> Phone:
    """李雷, at 华联超市, has just been asked how it went."""
    phone = await stage.somebody("wecom", "lilei")
    await phone.checks_in(await phone.creates("华联超市"))
    await phone.asks("记录 华联 谈了续约,对方要9折")
    return phone


async def test_the_pressed_card_becomes_what_was_done(lilei: Phone) -> None:
    (card,) = lilei.heard
    await lilei.presses("有进展")
    assert (card.title, card.text) == ("已记录 · 李雷 09:30", "谈了续约,对方要9折")
    assert [button["key"] for button in card.buttons] == [""]
    assert lilei.heard == [card], "the card is the answer"


async def test_a_lost_answer_and_a_relay_that_stops_leave_one_change(
    stage: Stage, lilei: Phone
) -> None:
    (card,) = lilei.heard
    lilei.simulator.faults.add("lost_answer", UPDATE)
    await lilei.presses("有进展")
    assert card.title == "已记录 · 李雷 09:30"
    stage.clock.forward(minutes=2)
    stage.relay = stage.a_relay("relay-2")
    await stage.deliver()
    assert await stage.outbox("wecom") == ["sent", "lapsed"]
    assert (len(stage.network.asked(UPDATE)), lilei.heard) == (2, [card])


async def test_while_wecom_is_down_nothing_is_lost(stage: Stage, lilei: Phone) -> None:
    (card,) = lilei.heard
    lilei.simulator.faults.add("down", UPDATE)
    await lilei.presses("有进展")
    assert card.title == "「华联超市」的拜访记录"
    stage.clock.forward(minutes=2)
    await stage.deliver()
    assert card.title == "已记录 · 李雷 09:30"


async def test_a_press_that_wecom_repeats_changes_the_card_once(stage: Stage, lilei: Phone) -> None:
    lilei.simulator.faults.duplicate_events = 3
    await lilei.presses("有进展")
    assert len(stage.network.asked(UPDATE)) == 1


async def test_a_log_in_the_page_settles_the_card_in_the_chat(stage: Stage, lilei: Phone) -> None:
    (card,) = lilei.heard
    (visit,) = (await lilei.page.get("/visits")).json()["rows"]
    log = {"result": "problem", "summary": "对方嫌贵，下周再谈"}
    answer = await lilei.page.send("PUT", f"/visits/{visit['id']}/log", log)
    assert answer.status_code == 200, answer.text
    await stage.deliver()
    assert (card.title, card.text) == ("已记录 · 李雷 09:30", "对方嫌贵，下周再谈")


async def test_after_three_days_the_buttons_only_explain(stage: Stage, lilei: Phone) -> None:
    stage.clock.forward(hours=72, seconds=1)
    answer = await lilei.presses("有进展")
    assert "超过 72 小时" in answer.text
    assert stage.network.asked(UPDATE) == []
