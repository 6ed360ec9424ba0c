"""That a question to the smart bot is answered where it was asked, as long as that is possible."""

from dataclasses import replace

import pytest

from field_ops.host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from field_ops.host.events import CardPressed, Conversation, TextReceived
from field_ops.host.messages import Article, Button, Card, Notice
from field_ops.host.platform import Recipient
from integrations.wecom.simulator.bot import ALONE, Talk
from tests.integrations.wecom.test_messenger import ODD

GROUP = "wrSandboxGroup01"
PAGE = "https://waiqin.example/h5/#/customers/1"
SAY = Button("看拜访", says="看拜访 华联")


@pytest.fixture(autouse=True)
def an_open_door(host, door):
    door.reader = host.callbacks


async def asked(simulator, door, text="查 华联", group=GROUP):
    """Whom to answer after 李雷 asked the bot."""
    assert await simulator.say_to_bot("lilei", f"@外勤 {text}" if group else text, group) == 200
    talk = door.heard(TextReceived)[-1].conversation
    return Recipient("lilei", talk)


def heard(simulator, user_id, conversation_id):
    return [
        line
        for line in simulator.world.heard_by("wecom", user_id)
        if line.conversation_id == conversation_id
    ]


async def test_a_question_in_a_group_is_answered_in_the_group(host, simulator, door):
    assert await simulator.say("lilei", "查 华联", GROUP) == 200
    (event,) = door.heard(TextReceived)
    assert (event.text, event.conversation.kind, event.conversation.id) == (
        "查 华联",
        "group",
        GROUP,
    )
    await host.messenger.send(Recipient("lilei", event.conversation), Notice("人民路"), once="a")
    for member in simulator.company.people:
        assert [line.text for line in heard(simulator, member, GROUP)] == ["人民路"]
    assert heard(simulator, "lilei", "") == []


async def test_a_question_to_the_bot_alone_is_answered_there(host, simulator, door):
    to = await asked(simulator, door, group="")
    await host.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", ALONE)] == ["人民路"]
    assert heard(simulator, "wang", ALONE) == []


async def test_the_second_answer_goes_to_the_asker_and_says_where_he_asked(host, simulator, door):
    to = await asked(simulator, door)
    await host.messenger.send(to, Notice("第一句"), once="a-1")
    await host.messenger.send(to, Notice("第二句"), once="a-2")
    named = replace(to, conversation=replace(to.conversation, title="华东一组群"))
    await host.messenger.send(named, Article("标题", "正文"), once="a-3")
    await host.messenger.send(to, Card("华联", url=PAGE), once="a-4")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["第一句"]
    texts = [line.title + line.text for line in heard(simulator, "lilei", "")]
    assert texts == ["【群聊】第二句", "**【华东一组群】标题**\n正文", "【群聊】华联"]


async def test_after_an_hour_the_app_answers(host, simulator, door, clock):
    to = await asked(simulator, door)
    clock.ahead_s = 3600
    await host.messenger.send(to, Notice("迟到"), once="a")
    assert [line.text for line in heard(simulator, "lilei", "")] == ["【群聊】迟到"]
    assert heard(simulator, "lilei", GROUP) == []


async def test_an_address_that_another_process_used_up_is_no_error(host, simulator, door, other):
    to = await asked(simulator, door)
    await other.messenger.send(to, Notice("第一句"), once="a-1")
    await host.messenger.send(to, Notice("第二句"), once="a-2")
    assert [line.text for line in heard(simulator, "lilei", "")] == ["【群聊】第二句"]


async def test_a_retry_after_a_lost_answer_arrives_once(host, simulator, door):
    to = await asked(simulator, door)
    simulator.faults.add("lost_answer", path="aibot/response")
    with pytest.raises(HostUnavailable) as failure:
        await host.messenger.send(to, Notice("人民路"), once="a")
    assert failure.value.maybe_done
    await host.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["人民路"]
    assert heard(simulator, "lilei", "") == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [("busy", HostBusy), ("down", HostUnavailable), ("credentials", CredentialsRejected)],
)
async def test_an_address_that_did_not_work_can_be_tried_again(host, simulator, door, fault, error):
    to = await asked(simulator, door)
    simulator.faults.add(fault, path="aibot/response")
    with pytest.raises(error):
        await host.messenger.send(to, Notice("人民路"), once="a")
    await host.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["人民路"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/cgi-bin/aibot/response?response_code=RC",
        "https://qyapi.weixin.qq.com/elsewhere",
        "//",
        "frame:1",
        "no address",
    ],
)
async def test_an_address_that_is_not_wecoms_is_not_asked(host, simulator, address):
    talk = Conversation("group", GROUP, reply_to=address)
    await host.messenger.send(Recipient("lilei", talk), Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", "")] == ["【群聊】人民路"]


async def test_a_group_is_nobody_to_send_to_by_the_app(host):
    talk = Conversation("group", GROUP)
    with pytest.raises(HostRefused):
        await host.messenger.send(Recipient("", talk), Notice("人民路"), once="a")


@pytest.mark.parametrize("message", ODD, ids=range(len(ODD)))
async def test_whatever_we_say_is_taken_from_the_bot_and_arrives(host, simulator, door, message):
    to = await asked(simulator, door)
    await host.messenger.send(to, message, once="odd")
    assert len(heard(simulator, "lilei", GROUP)) == 1


async def test_a_button_of_a_card_in_a_group_says_its_sentence(host, simulator, door):
    to = await asked(simulator, door)
    await host.messenger.send(to, Card("华联", buttons=(SAY,)), once="c-1")
    (line,) = heard(simulator, "lilei", GROUP)
    assert await simulator.press(line.id, "看拜访 华联", "lilei") == 200
    (pressed,) = door.heard(CardPressed)
    assert (pressed.says, pressed.card_id, pressed.conversation.id) == (
        "看拜访 华联",
        "c-1",
        GROUP,
    )
    await host.messenger.send(Recipient("lilei", pressed.conversation), Notice("好"), once="c-2")
    assert heard(simulator, "lilei", GROUP)[-1].text == "好"


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("answerable", [False, True])
async def test_a_press_is_understood_in_either_reading(host, simulator, door, flat, answerable):
    simulator.switches.bot_events_are_flat = flat
    simulator.switches.bot_events_can_be_answered = answerable
    to = await asked(simulator, door, group="")
    await host.messenger.send(to, Card("华联", buttons=(SAY,)), once="c-1")
    (line,) = heard(simulator, "lilei", ALONE)
    await simulator.press(line.id, "看拜访 华联", "lilei")
    (pressed,) = door.heard(CardPressed)
    await host.messenger.send(Recipient("lilei", pressed.conversation), Notice("好"), once="c-2")
    assert heard(simulator, "lilei", ALONE if answerable else "")[-1].text == "好"


async def test_whoever_is_shown_by_an_encrypted_id_is_answered_all_the_same(host, simulator, door):
    simulator.switches.bot_sees_encrypted_ids = True
    to = await asked(simulator, door)
    assert door.heard(TextReceived)[-1].host_user_id.startswith("wo")
    await host.messenger.send(replace(to, host_user_id="wo-unknown"), Notice("您好"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["您好"]


async def test_an_address_without_a_token_needs_none(host, simulator, door):
    to = await asked(simulator, door)
    simulator.faults.add("down", path="gettoken", times=9)
    await host.messenger.send(to, Notice("人民路"), once="a")
    assert [line.text for line in heard(simulator, "lilei", GROUP)] == ["人民路"]


async def test_other_messages_and_events_of_the_bot_are_taken(simulator, door):
    talk = Talk("lilei")
    picture = {"url": "https://wework.qpic.cn/x"}
    for msgtype in ("image", "file", "video"):
        assert await simulator.tell_bot(talk, msgtype, picture) == 200
    assert await simulator.tell_bot_event(talk, "enter_chat") == 200
    assert await simulator.tell_bot_event(talk, "feedback_event", {"id": "F", "type": 2}) == 200
    names = [type(event).__name__ for event in door.events]
    assert names == ["Unsupported"] * 3 + ["AppOpened", "Unsupported"]
