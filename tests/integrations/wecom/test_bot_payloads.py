"""How our messages look when the smart bot says them."""

from field_ops.host.messages import Button, Card, Field, Notice
from integrations.wecom.payloads import rendered_for_bot
from tests.integrations.host_contract import HOSTILE_NAME

PAGE = "https://waiqin.example/h5/#/customers/1"
SAY = Button("看拜访", says="看拜访 华联")


def test_what_looks_like_markdown_is_shown_as_it_is():
    said = rendered_for_bot(Notice("**[华联]** # `1` <a href=x>"), "n")
    assert said["markdown"]["content"] == "＊＊［华联］＊＊ ＃ ｀1｀ ＜a href=x＞"


def test_pages_that_a_button_of_the_bot_cannot_open_are_lines_with_links():
    card = Card(
        "华联",
        fields=tuple(Field(f"第 {n}", str(n)) for n in range(6)),
        buttons=(Button("签到", url=PAGE), SAY),
    )
    drawn = rendered_for_bot(card, "c-1")["template_card"]
    assert [button["text"] for button in drawn["button_list"]] == ["看拜访"]
    assert len(drawn["horizontal_content_list"]) == 6
    assert drawn["horizontal_content_list"][-1] == {
        "type": 1,
        "keyname": "页面",
        "value": "签到",
        "url": PAGE,
    }
    assert drawn["card_action"] == {"type": 1, "url": PAGE}


def test_a_long_answer_is_cut_to_what_the_bot_may_say():
    content = rendered_for_bot(Notice("汉" * 9000), "n")["markdown"]["content"]
    assert 20_470 <= len(content.encode()) <= 20_480
    assert rendered_for_bot(Notice(HOSTILE_NAME), "n")["msgtype"] == "markdown"
