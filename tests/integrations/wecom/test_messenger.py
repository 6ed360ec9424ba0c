"""How our messages look in WeCom's JSON, and that the pretend WeCom takes them."""

import json
import re
from dataclasses import replace

import pytest

from field_ops.host.errors import HostBusy, HostRefused, HostUnavailable
from field_ops.host.events import Conversation
from field_ops.host.messages import Article, Button, Card, Field, Notice, plain
from field_ops.host.platform import Recipient
from integrations.wecom.payloads import rendered, rendered_for_bot, template_card
from tests.integrations.host_contract import HOSTILE_NAME

LILEI = Recipient("lilei")
PAGE = "https://waiqin.example/h5/#/customers/1"
OPEN = Button("打开", url=PAGE)
SAY = Button("看拜访", says="看拜访 华联")

SAY_FIND = Button("Find", says="find Hualian")
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

PLAIN_CARD = Card("华联", fields=(Field("地址", "人民路 1 号"),), text="第 2 家")
LONG = Card(
    title="长" * 200,
    fields=tuple(Field("名" * 99, "值" * 999) for _ in range(9)),
    text="文" * 2000,
    buttons=tuple(Button("按" * 99, says="说" * 400 + str(n)) for n in range(4)),
    choices=tuple(Button(f"选 {n}", says=f"选 {n}") for n in range(5)),
)
ODD = [
    PLAIN_CARD,
    LONG,
    Card("华联", url=PAGE),
    Card("华联", buttons=(OPEN,)),
    Card("华联", buttons=(OPEN, OPEN, SAY, SAY)),
    Card("", text="只有一句话", buttons=(SAY,)),
    Card("", buttons=(SAY,)),
    Card("", buttons=(OPEN,)),
    Card(""),
    Card("华联", fields=(Field("", ""),), buttons=(OPEN,)),
    Card("华联", buttons=(Button("", says="查 华联"),)),
    Card("四个链接", buttons=tuple(Button(f"第 {n} 个", url=f"{PAGE}{n}") for n in range(4))),
    Card(HOSTILE_NAME, (Field(HOSTILE_NAME, HOSTILE_NAME),), HOSTILE_NAME, url=PAGE),
    Card(HOSTILE_NAME, buttons=(Button(HOSTILE_NAME, says=HOSTILE_NAME),)),
    Notice(HOSTILE_NAME * 9),
    Article(HOSTILE_NAME, plain(HOSTILE_NAME) * 9),
    Article("", "只有正文"),
]


@pytest.mark.parametrize("message", ODD, ids=range(len(ODD)))
async def test_whatever_we_say_is_taken_and_arrives(host, simulator, message):
    await host.messenger.send(LILEI, message, once="odd")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (Card("华联", buttons=(SAY,)), "button_interaction"),
        (Card("华联", choices=(SAY,), url=PAGE), "button_interaction"),
        (Card("华联", buttons=(OPEN, SAY)), "button_interaction"),
        (Card("华联", buttons=(OPEN,)), "text_notice"),
        (Card("华联", url=PAGE), "text_notice"),
    ],
)
def test_the_kind_of_card_follows_from_its_buttons(card, expected):
    drawn = template_card(card)
    assert drawn is not None
    assert drawn["card_type"] == expected


def test_a_card_that_leads_nowhere_becomes_text():
    said = rendered(PLAIN_CARD, "c-1")
    assert said == {"msgtype": "text", "text": {"content": "华联\n地址：人民路 1 号\n第 2 家"}}


def test_an_interactive_card_in_full():
    card = replace(PLAIN_CARD, buttons=(OPEN, SAY), url=PAGE)
    assert rendered(card, "c-1") == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "task_id": "c-1",
            "main_title": {"title": "华联"},
            "sub_title_text": "第 2 家",
            "horizontal_content_list": [{"keyname": "地址", "value": "人民路 1 号"}],
            "button_list": [
                {"type": 1, "text": "打开", "style": 1, "url": PAGE},
                {"type": 0, "text": "看拜访", "style": 2, "key": "看拜访 华联"},
            ],
            "card_action": {"type": 1, "url": PAGE},
        },
    }


def test_a_card_of_links_in_full():
    card = replace(PLAIN_CARD, buttons=(OPEN,), url=PAGE + "/visits")
    assert rendered(card, "c-1")["template_card"] == {
        "card_type": "text_notice",
        "task_id": "c-1",
        "main_title": {"title": "华联"},
        "sub_title_text": "第 2 家",
        "horizontal_content_list": [{"keyname": "地址", "value": "人民路 1 号"}],
        "card_action": {"type": 1, "url": PAGE + "/visits"},
        "jump_list": [{"type": 1, "title": "打开", "url": PAGE}],
    }


def test_choices_come_before_the_other_buttons_and_six_fit():
    drawn = template_card(LONG)
    assert drawn is not None
    assert [b["text"] for b in drawn["button_list"][:5]] == [f"选 {n}" for n in range(5)]
    assert len(drawn["button_list"]) == 6


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("早上好", "早上好"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('<a href="https://bad.example">领奖</a>', '＜a href="https://bad.example">领奖＜/a>'),
        ("< A href=x>y</ a>", "＜ A href=x>y＜/ a>"),
        ("a < b, <about>", "a < b, <about>"),
    ],
)
def test_a_notice_is_never_turned_into_a_link(said, shown):
    assert rendered(Notice(said), "n")["text"]["content"] == shown


def test_names_in_an_article_stay_names():
    article = Article("**[华联]**", f"> {plain('[领奖](https://bad.example) *_~')}")
    content = rendered(article, "a")["markdown"]["content"]
    assert content == "**＊＊［华联］＊＊**\n> ［领奖］(https://bad.example) ＊＿～"


@pytest.mark.parametrize("message", [Notice("汉" * 3000), Article("汉" * 99, "字" * 3000)])
def test_long_words_are_cut_to_what_wecom_takes(message):
    said = rendered(message, "n")
    content = said[said["msgtype"]]["content"]
    assert 2040 <= len(content.encode()) <= 2048
    assert content.endswith("…")


async def test_a_retry_after_a_lost_answer_arrives_once(host, simulator):
    simulator.faults.add("lost_answer", path="message/send")
    with pytest.raises(HostUnavailable):
        await host.messenger.send(LILEI, Notice("早上好"), once="r-1")
    await host.messenger.send(LILEI, Notice("早上好"), once="r-1")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1


async def test_a_late_retry_of_a_card_is_known_by_its_task_id(host, simulator, clock):
    await host.messenger.send(LILEI, Card("华联", buttons=(SAY,)), once="r-2")
    clock.ahead_s = 2 * 3600  # the duplicate check has forgotten it, the token not
    receipt = await host.messenger.send(LILEI, Card("华联", buttons=(SAY,)), once="r-2")
    assert receipt.revise_with == ""
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1


async def test_equal_cards_of_two_occasions_both_arrive(host, simulator):
    await host.messenger.send(LILEI, Card("华联", url=PAGE), once="c-1")
    await host.messenger.send(LILEI, Card("华联", url=PAGE), once="c-2")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 2


@pytest.mark.parametrize("to", [LILEI, Recipient("lilei", Conversation(id="lilei"))])
@pytest.mark.parametrize("message", [Notice("没有找到"), Article("没有找到", "再试试")])
async def test_the_same_words_on_two_occasions_arrive_twice(host, simulator, to, message):
    await host.messenger.send(to, message, once="q-1")
    await host.messenger.send(to, message, once="q-2")
    first, second = simulator.world.heard_by("wecom", "lilei")
    assert first.text == second.text
    assert first.wire != second.wire


@pytest.mark.parametrize("ignored", [False, True])
async def test_the_same_words_for_two_members_reach_both(host, simulator, ignored):
    simulator.switches.duplicates_ignore_receivers = ignored
    await host.messenger.send(LILEI, Notice("今天还没有计划"), once="p-1")
    await host.messenger.send(Recipient("wang"), Notice("今天还没有计划"), once="p-2")
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1
    assert len(simulator.world.heard_by("wecom", "wang")) == 1


async def test_a_retry_by_another_process_hours_later_arrives_once(host, other, simulator, clock):
    simulator.faults.add("lost_answer", path="message/send")
    with pytest.raises(HostUnavailable):
        await host.messenger.send(LILEI, Notice("汉" * 2000), once="r-1")
    clock.ahead_s = 3.9 * 3600
    await other.messenger.send(LILEI, Notice("汉" * 2000), once="r-1")
    (line,) = simulator.world.heard_by("wecom", "lilei")
    assert line.text.endswith("…")


async def test_an_answer_needs_the_conversation_only(host, simulator):
    await host.messenger.send(
        Recipient(conversation=Conversation(id="lilei")), PLAIN_CARD, once="q"
    )
    assert len(simulator.world.heard_by("wecom", "lilei")) == 1


@pytest.mark.parametrize("nobody", ["", "@all", "lilei|wang", "nobody"])
async def test_what_is_not_one_member_gets_nothing(host, simulator, nobody):
    with pytest.raises(HostRefused):
        await host.messenger.send(Recipient(nobody), Notice("早上好"), once="x")
    assert simulator.world.heard == []


async def test_a_busy_host_says_how_long_to_wait(host, simulator):
    simulator.faults.add("busy", path="message/send")
    with pytest.raises(HostBusy) as failure:
        await host.messenger.send(LILEI, Notice("早上好"), once="b")
    assert failure.value.retry_after_s == 60


async def test_a_sent_card_can_be_changed_once(host, simulator):
    receipt = await host.messenger.send(LILEI, Card("华联", buttons=(SAY,)), once="c-1")
    await host.messenger.revise(receipt.revise_with, "c-1", Card("已签到", url=PAGE))
    (line,) = simulator.world.heard_by("wecom", "lilei")
    assert (line.title, line.buttons, line.url) == ("已签到", [], PAGE)
    with pytest.raises(HostRefused):
        await host.messenger.revise(receipt.revise_with, "c-1", Card("再来", url=PAGE))


async def test_a_pressed_card_can_be_marked_as_done(host, simulator, door):
    door.reader = host.callbacks
    await host.messenger.send(LILEI, Card("华联", buttons=(SAY, OPEN)), once="c-1")
    (line,) = simulator.world.heard_by("wecom", "lilei")
    await simulator.press(line.id, "看拜访 华联", "lilei")
    (pressed,) = door.events
    assert pressed.card_id == "c-1"
    await host.messenger.revise(pressed.revise_with, "c-1", Card("已处理"))
    assert (line.done, [button["text"] for button in line.buttons]) == ("已处理", ["打开"])


@pytest.mark.parametrize(
    "card",
    [
        Card("Hualian", (Field("Address", "1 People's Road"),), language="en"),
        Card("Hualian", buttons=(Button("Show", url=PAGE), SAY_FIND), language="en"),
    ],
)
def test_what_is_added_to_an_english_message_is_english(card):
    made = [rendered(card, "1"), rendered_for_bot(card, "1")]
    assert not CHINESE.search(json.dumps(made, ensure_ascii=False))
