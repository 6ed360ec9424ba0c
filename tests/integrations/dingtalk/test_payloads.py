"""Our messages as DingTalk's JSON, and what happens at its limits."""

import json
import re
from urllib.parse import unquote

import pytest

from field_ops.host.errors import HostRefused
from field_ops.host.messages import Article, Button, Card, Field, Notice, plain
from integrations.dingtalk import payloads
from integrations.dingtalk.payloads import answer, robot_message, work_notice

PAGE = "https://waiqin.example/h5/#/customers/1"
HOSTILE = ("华联\"'<script>alert(1)</script>**[x](http://e.vil)`_~|#>\\ 👨‍👩‍👧‍👦" * 9)[:200]
SAY_HUALIAN = payloads.SAY + "%E6%9F%A5%20%E5%8D%8E%E8%81%94"

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

VISIT = Card(
    title="华联超市",
    fields=(Field("地址", "人民路 1 号"), Field("上次", "3 天前")),
    text="今天第 2 家",
)
VISIT_MARKDOWN = "### 华联超市\n\n**地址**：人民路 1 号  \n**上次**：3 天前\n\n今天第 2 家"


IN_ENGLISH = Card(
    title="Hualian",
    fields=(Field("Address", "1 People's Road"),),
    choices=(Button("Hualian Supermarket, Zhongshan Road", says="find C-000001"),),
    url=PAGE,
    language="en",
)


def with_buttons(*buttons: Button, **more) -> Card:
    return Card(VISIT.title, VISIT.fields, VISIT.text, buttons, **more)


def parameters(message):
    key, raw = robot_message(message)
    return key, json.loads(raw)


@pytest.mark.parametrize(
    ("message", "key", "expected"),
    [
        (Notice("早上好\n<b>"), "sampleText", {"content": "早上好\n<b>"}),
        (
            Article("今日计划", "**三家**"),
            "sampleMarkdown",
            {"title": "今日计划", "text": "**三家**"},
        ),
        (VISIT, "sampleMarkdown", {"title": "华联超市", "text": VISIT_MARKDOWN}),
        (
            with_buttons(Button("签到", url=PAGE)),
            "sampleActionCard",
            {
                "title": "华联超市",
                "text": VISIT_MARKDOWN,
                "singleTitle": "签到",
                "singleURL": PAGE,
            },
        ),
        (
            with_buttons(Button("签到", url=PAGE + "/in"), Button("查", says="查 华联"), url=PAGE),
            "sampleActionCard3",
            {
                "title": "华联超市",
                "text": VISIT_MARKDOWN,
                "actionTitle1": "签到",
                "actionURL1": PAGE + "/in",
                "actionTitle2": "查",
                "actionURL2": SAY_HUALIAN,
                "actionTitle3": "打开",
                "actionURL3": PAGE,
            },
        ),
    ],
)
def test_a_message_of_the_robot(message, key, expected):
    assert parameters(message) == (key, expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Notice("早上好"), {"msgtype": "text", "text": {"content": "早上好"}}),
        (
            Article("今日计划", "**三家**"),
            {"msgtype": "markdown", "markdown": {"title": "今日计划", "text": "**三家**"}},
        ),
        (
            with_buttons(url=PAGE),
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "华联超市",
                    "text": VISIT_MARKDOWN,
                    "singleTitle": "打开",
                    "singleURL": PAGE,
                },
            },
        ),
        (
            with_buttons(Button("签到", url=PAGE), Button("查", says="查 华联")),
            {
                "msgtype": "actionCard",
                "actionCard": {
                    "title": "华联超市",
                    "text": VISIT_MARKDOWN,
                    "btnOrientation": "0",
                    "btns": [
                        {"title": "签到", "actionURL": PAGE},
                        {"title": "查", "actionURL": SAY_HUALIAN},
                    ],
                },
            },
        ),
    ],
)
def test_an_answer_in_a_conversation(message, expected):
    assert answer(message) == expected


def test_the_sentence_of_a_button_survives_every_character():
    says = "查 " + HOSTILE + "&content=别的+%20"
    _, shown = parameters(with_buttons(Button("查", says=says)))
    assert unquote(shown["singleURL"].removeprefix(payloads.SAY)) == says


def test_what_has_no_room_as_a_button_stands_in_the_text_as_a_link():
    choices = tuple(Button(f"华联 {n} 店", says=f"查 {n}") for n in range(1, 6))
    key, shown = parameters(with_buttons(Button("都不是", says="取消"), choices=choices, url=PAGE))
    assert key == "sampleActionCard5"
    assert [shown[f"actionTitle{n}"] for n in range(1, 6)] == [c.text for c in choices]
    assert shown["text"].endswith(f"[都不是]({payloads.SAY}%E5%8F%96%E6%B6%88)")


def test_long_choices_are_cut_on_the_button_and_whole_in_the_text():
    names = [f"上海华联超级市场股份有限公司中山北路第{n}分店" for n in "一二"]
    _, shown = parameters(Card("哪一家？", choices=tuple(Button(n, says=n) for n in names)))
    assert shown["actionTitle1"] == names[0][:19] + "…"
    assert shown["text"].endswith(f"1、{names[0]}  \n2、{names[1]}")


@pytest.mark.parametrize(
    "markdown_of",
    [
        lambda card: answer(card)["actionCard"]["text"],
        lambda card: parameters(card)[1]["text"],
        lambda card: work_notice(card, "once")["action_card"]["markdown"],
    ],
    ids=["answer", "robot", "work notice"],
)
def test_a_hostile_name_is_shown_as_text(markdown_of):
    card = Card(
        title=HOSTILE,
        fields=(Field(HOSTILE[:40], HOSTILE[:40]),),
        text=f"第一行\n{HOSTILE[:40]}",
        buttons=(Button("查", says=HOSTILE[:40]), Button("打开", url=PAGE)),
    )
    escaped = re.compile(r"\\.")
    marks = re.findall(r"[`*_\[\]<>#|~]+", escaped.sub("", markdown_of(card)))
    assert marks == ["###", "**", "**"]


def test_the_lines_of_a_text_stay_lines():
    _, shown = parameters(Card("记录", text="第一行\n- **第二行**"))
    assert shown["text"] == "### 记录\n\n第一行  \n- " + plain("**第二行**")


@pytest.mark.parametrize(
    "message",
    [
        Notice("拜访👋" * 9000),
        Article("标题" * 900, "> 引用 **粗** \n" * 3000),
        Card("标题" * 900, text='"*' * 20_000, fields=(Field("名" * 900, "值" * 900),) * 6),
    ],
)
def test_what_is_too_long_is_cut_to_what_the_host_takes(message):
    _, raw = robot_message(message)
    assert len(raw.encode()) <= payloads.ROBOT_BYTES
    assert len(dump(answer(message))) <= payloads.ROBOT_BYTES
    assert len(dump(work_notice(message, "once"))) <= payloads.NOTICE_BYTES


def test_a_card_that_cannot_be_cut_is_refused():
    sentences = tuple(Button("按钮" * 100, says="一句话" * 300) for _ in range(4))
    with pytest.raises(HostRefused):
        work_notice(Card("标题", buttons=sentences), "once")


def test_a_work_notice_with_one_page():
    made = work_notice(with_buttons(Button("签到", url=PAGE)), "once")
    assert made["msgtype"] == "action_card"
    assert made["action_card"]["single_title"] == "签到"
    assert made["action_card"]["single_url"] == PAGE
    assert made["action_card"]["markdown"].startswith(VISIT_MARKDOWN)


def test_a_work_notice_tells_what_may_be_said_because_its_buttons_cannot_say_it():
    made = work_notice(with_buttons(Button("查", says="查 华联")), "once")
    assert made["msgtype"] == "markdown"
    assert "查：对机器人说「查 华联」" in made["markdown"]["text"]


def test_the_buttons_of_a_work_notice_stay_within_its_list():
    buttons = tuple(Button(f"页 {n}", url=f"{PAGE}?{n}{'x' * 300}") for n in range(4))
    made = work_notice(with_buttons(*buttons), "once")
    listed = made["action_card"]["btn_json_list"]
    assert 2 <= len(listed) < 4
    assert len(json.dumps(listed)) <= payloads.NOTICE_BUTTON_LIST_CHARACTERS + 50


def test_two_equal_reminders_differ_and_a_retry_does_not():
    first = work_notice(Notice("还没签退"), "reminder-1")
    assert work_notice(Notice("还没签退"), "reminder-1") == first
    assert work_notice(Notice("还没签退"), "reminder-2") != first


def dump(made: object) -> bytes:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "message",
    [IN_ENGLISH, Notice("Good morning", "en"), Article("", "**3** visits", "en")],
)
def test_what_is_added_to_an_english_message_is_english(message):
    made = [answer(message), robot_message(message), work_notice(message, once="1")]
    assert not CHINESE.search(json.dumps(made, ensure_ascii=False))
