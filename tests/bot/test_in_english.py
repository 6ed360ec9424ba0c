"""The same conversations for a member who reads English."""

import re

import pytest

from field_ops.host.messages import Card, Message, Notice
from field_ops.plans.actions import make_plan
from field_ops.visits.actions import check_in
from field_ops.visits.verdict import Fix, Presence
from tests.bot.conftest import GROUP, Chat
from tests.factories import WUHAN, a_customer, work_as

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def words(message: Message) -> str:
    """Everything that the message shows, and everything that its buttons say."""
    if isinstance(message, Notice):
        return message.text
    assert isinstance(message, Card)
    buttons = [part for b in (*message.buttons, *message.choices) for part in (b.text, b.says)]
    fields = [part for field in message.fields for part in (field.name, field.value)]
    return "\n".join([message.title, message.text, *fields, *buttons])


@pytest.fixture
async def english(chat: Chat) -> Chat:
    """李雷 calls himself Li Lei and reads English, and so are his customers called."""
    chat.company.lilei.name = "Li Lei"
    chat.company.lilei.language = "en"
    work = work_as(chat.session, chat.company.lilei)
    for position, name in enumerate(("Hualian", "Hualian Mall")):
        customer = await a_customer(work, name, level="B", phone="02788886666")
        await make_plan(work, customer.id, work.today, position=position)
    return chat


@pytest.mark.parametrize(
    "said",
    ["help", "today", "find Hualian", "look up Mall", "check in", "check in Mall",
     "log it went well", "what is this", "keep log ABCDEFGH progress", "find nobody"],
)  # fmt: skip
async def test_everything_is_answered_in_english(english: Chat, said: str) -> None:
    await english.says("Li Lei", said)
    answers = await english.answers()
    assert [answer.language for answer in answers] == ["en"]
    assert not CHINESE.search(words(answers[0]))


async def test_what_a_button_says_is_understood(english: Chat) -> None:
    await english.says("Li Lei", "help")
    await english.presses("Li Lei", "Today")
    assert (await english.last_card()).title == "Tue 10 Mar · Visits today: 2"
    await english.says("Li Lei", "log ok")
    await english.presses("Li Lei", "Check in")
    assert (await english.last_card()).title == "Where do you check in?"


async def test_a_log_in_english_is_kept_by_one_tap(english: Chat) -> None:
    work = work_as(english.session, english.company.lilei)
    visit = await check_in(work, (await a_customer(work, "Red Star")).id, AT_THE_DOOR)
    await english.says("Li Lei", "log talked about the renewal")
    await english.presses("Li Lei", "Problem")
    assert (visit.log_result, visit.log_summary) == ("problem", "talked about the renewal")
    answers = [card.title for card in await english.answers() if isinstance(card, Card)]
    assert "Kept · Li Lei 09:30" in answers


async def test_a_name_that_fits_two_can_be_chosen(english: Chat) -> None:
    await english.says("Li Lei", "find Huali")
    await english.presses("Li Lei", "Hualian Mall")
    assert (await english.last_card()).title == "Hualian Mall"


async def test_a_refusal_is_in_english(english: Chat) -> None:
    await english.says("Li Lei", "keep log ABCDEFGH progress")
    assert "say it again" in words(await english.last())


async def test_in_a_group_the_note_is_in_english(english: Chat) -> None:
    await english.says("Li Lei", "find Mall", GROUP)
    assert await english.last() == Notice("@Li Lei The answer is in your chat with me.", "en")


async def test_who_says_english_is_told_everything_in_english_from_then_on(chat: Chat) -> None:
    await chat.says("李雷", "English")
    assert "I speak English" in words(await chat.last())
    await chat.says("李雷", "help")
    assert (await chat.last_card()).title == "What you can say"
    await chat.says("李雷", "Chinese")
    await chat.says("李雷", "help")
    assert (await chat.last_card()).title == "您可以这样对我说"


async def test_two_members_are_each_answered_in_their_own_language(english: Chat) -> None:
    await english.says("Li Lei", "today")
    await english.says("韩梅梅", "today")
    first, second = await english.answers()
    assert (first.language, second.language) == ("en", "zh")
    assert "Visits today" in words(first) and "今日拜访" in words(second)
