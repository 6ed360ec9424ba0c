"""A press that finished something changes the card that asked, on both databases."""

from datetime import timedelta

from field_ops.host.messages import Card, Notice, from_payload
from field_ops.outbox.models import OutboxMessage
from field_ops.visits.actions import NextAction, check_in, check_out, record_log
from field_ops.visits.verdict import Fix, Presence
from tests.bot.conftest import Chat
from tests.factories import WUHAN, a_customer, work_as

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))


async def asked_for_a_log(chat: Chat) -> OutboxMessage:
    """The card that asks how it went, as the host got it."""
    work = work_as(chat.session, chat.company.lilei, chat.now)
    await check_in(work, (await a_customer(work, "华联超市")).id, AT_THE_DOOR)
    await chat.says("李雷", "记录 华联 谈了续约,对方要9折")
    row = (await chat.rows())[-1]
    row.state, row.sent_at, row.revise_with = "sent", chat.now, "RC-of-the-answer"
    await chat.session.flush()
    return row


async def test_the_pressed_card_says_who_kept_the_log_and_when(chat: Chat) -> None:
    asked = await asked_for_a_log(chat)
    await chat.presses("李雷", "有进展", asked.id, "RC-of-the-press")
    (change,) = [row for row in await chat.rows() if row.revises]
    assert (change.revises, change.line, change.revise_with) == (
        asked.id, asked.id, "RC-of-the-press",
    )  # fmt: skip
    card = from_payload(change.message)
    assert isinstance(card, Card)
    assert (card.title, card.text) == ("已记录 · 李雷 09:30", "谈了续约,对方要9折")
    assert [button.says for button in card.buttons] == [""], "nothing is left to be pressed twice"


async def test_where_cards_do_not_change_the_same_card_is_the_answer(chat: Chat) -> None:
    asked = await asked_for_a_log(chat)
    asked.revise_with = ""
    await chat.presses("李雷", "有进展")
    answer = await chat.last()
    assert isinstance(answer, Card) and answer.title == "已记录 · 李雷 09:30"
    assert [row.revises for row in await chat.rows()] == ["", ""]


async def test_a_log_that_was_written_in_the_page_settles_the_card(chat: Chat) -> None:
    asked = await asked_for_a_log(chat)
    work = work_as(chat.session, chat.company.lilei, chat.now)
    visit_id = asked.about.removeprefix("log-")
    await record_log(work, visit_id, "problem", "对方嫌贵，下周再谈", NextAction("", None))
    (change,) = [row for row in await chat.rows() if row.revises]
    assert (change.revises, change.revise_with, change.kind) == (
        asked.id, "RC-of-the-answer", "settled",
    )  # fmt: skip
    await chat.presses("李雷", "有进展", asked.id, "RC-of-the-press")
    assert "已经提交" in str(await chat.last()), "and a press that crossed it changes nothing"


async def test_a_check_out_settles_its_reminder(chat: Chat) -> None:
    work = work_as(chat.session, chat.company.lilei, chat.now)
    visit = await check_in(work, (await a_customer(work, "华联超市")).id, AT_THE_DOOR)
    await chat.says("李雷", "帮助")
    row = (await chat.rows())[-1]
    row.about, row.state = f"check_out_missing-{visit.id}", "sent"
    row.sent_at, row.revise_with = chat.now, row.id
    await chat.session.flush()
    await check_out(work_as(chat.session, chat.company.lilei, chat.now), visit.id, AT_THE_DOOR)
    (change,) = [row for row in await chat.rows() if row.revises]
    card = from_payload(change.message)
    assert isinstance(card, Card) and card.title == "已签退 · 李雷 09:30"


async def test_a_refusal_changes_no_card(chat: Chat) -> None:
    asked = await asked_for_a_log(chat)
    await chat.presses("王主管", "有进展", asked.id, "RC-of-the-press")
    assert [row.revises for row in await chat.rows()] == ["", ""]


async def test_after_three_days_a_press_gets_a_sentence_and_changes_nothing(chat: Chat) -> None:
    asked = await asked_for_a_log(chat)
    chat.now += timedelta(hours=72, seconds=1)
    await chat.presses("李雷", "有进展", asked.id, "RC-of-the-press")
    answer = await chat.last()
    assert isinstance(answer, Notice) and "72 小时" in answer.text
    assert [row.revises for row in await chat.rows()] == ["", ""]
