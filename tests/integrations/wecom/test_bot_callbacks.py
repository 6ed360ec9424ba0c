"""What comes to the smart bot's address: one payload per thing, and per way of being wrong."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from field_ops.host.errors import CallbackError, CallbackNotAuthentic, CallbackUnreadable
from field_ops.host.events import (
    AppOpened,
    CardPressed,
    Conversation,
    HostEvent,
    TextReceived,
    Unsupported,
)
from field_ops.host.platform import RawCallback
from integrations.wecom.bot_callbacks import BotCallbacks
from integrations.wecom.bot_events import bot_event
from integrations.wecom.callbacks import WecomCallbacks
from integrations.wecom.crypto import CallbackCrypto
from integrations.wecom.simulator.envelope import Seal
from tests.integrations.wecom.test_callbacks import HOSTILE, NOW, SECRETS

FIXTURES = Path(__file__).parent / "fixtures" / "bot"
BOT = (*SECRETS[:2], "")
SEAL = Seal(*BOT)
READER = WecomCallbacks(CallbackCrypto(*SECRETS), BotCallbacks(CallbackCrypto(*BOT)))
URL = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC"
ONE_HOUR = {"reply_to": URL, "reply_until": NOW + timedelta(hours=1)}
ALONE = Conversation("single", "lilei", **ONE_HOUR)
IN_GROUP = Conversation("group", "wrSandboxGroup01", **ONE_HOUR)


def at(event: type[HostEvent], **facts: object) -> HostEvent:
    return event(event_id="bot-M1", happened_at=NOW, **facts)


def said(text: str, conversation: Conversation = ALONE) -> HostEvent:
    return at(TextReceived, host_user_id="lilei", text=text, conversation=conversation)


def pressed(conversation: Conversation) -> HostEvent:
    return at(
        CardPressed,
        host_user_id="lilei",
        says="看拜访 华联超市",
        card_id="visit_42",
        conversation=conversation,
    )


HAPPENED = {
    "text_in_single_chat": said("查 华联"),
    "text_in_group": said("查 华联", IN_GROUP),
    "text_in_group_mentioned_last": said("查 华联", IN_GROUP),
    "text_in_group_narrow_space": said("查 华联", IN_GROUP),
    "text_in_group_only_mentioned": said("", IN_GROUP),
    "text_in_group_with_mail_address": said("记录 华联 邮箱 a@b.example", IN_GROUP),
    "text_quoting_another": said("查 华联"),
    "text_hostile": said(HOSTILE),
    "text_with_nul": said("查 华联"),
    "text_without_reply_address": said("帮助", Conversation("single", "lilei")),
    "voice_as_words": said("查华联"),
    "mixed_in_group": said("查 华联", IN_GROUP),
    "image_received": at(Unsupported, kind="bot/image"),
    "file_received": at(Unsupported, kind="bot/file"),
    "video_received": at(Unsupported, kind="bot/video"),
    "message_of_the_future": at(Unsupported, kind="bot/hologram"),
    "chat_entered": at(AppOpened, host_user_id="lilei"),
    "card_pressed_nested": pressed(Conversation("single", "lilei")),
    "card_pressed_flat": pressed(IN_GROUP),
    "feedback_given": at(Unsupported, kind="bot/feedback_event"),
    "event_of_the_future": at(Unsupported, kind="bot/invented_in_2030"),
}
BROKEN = sorted(path.stem for path in FIXTURES.glob("broken_*.json"))


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.json").read_text()


def pushed(plain: str) -> RawCallback:
    encrypted = SEAL.encrypt(plain)
    query = SEAL.query(encrypted, int(NOW.timestamp()))
    return RawCallback("robot", "POST", query, {}, json.dumps({"encrypt": encrypted}).encode())


@pytest.mark.parametrize(("name", "expected"), HAPPENED.items(), ids=HAPPENED.keys())
def test_what_happened_is_said_in_our_words(name, expected):
    callback = READER.read(pushed(fixture(name)), NOW)
    assert callback.events == (expected,)
    assert (callback.answer.status, callback.answer.body) == (200, b"")


def test_every_payload_has_its_line_in_the_table():
    assert {path.stem for path in FIXTURES.glob("*.json")} == {*HAPPENED, *BROKEN}


@pytest.mark.parametrize("name", BROKEN)
def test_an_authentic_push_of_no_known_shape_is_unreadable(name):
    with pytest.raises(CallbackUnreadable):
        READER.read(pushed(fixture(name)), NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b'{"encrypt":7}', b'{"encrypt":""}', b"[" * 200_000, b" " * 300_000],
    ids=range(8),
)
def test_a_body_that_is_not_sealed_is_refused(body):
    with pytest.raises(CallbackError):
        READER.read(replace(pushed("{}"), body=body), NOW)


def test_what_was_sealed_for_the_app_is_not_for_the_bot():
    app = Seal(*SECRETS)
    encrypted = app.encrypt(fixture("text_in_single_chat"))
    query = app.query(encrypted, int(NOW.timestamp()))
    body = json.dumps({"encrypt": encrypted}).encode()
    with pytest.raises(CallbackNotAuthentic):
        READER.read(RawCallback("robot", "POST", query, {}, body), NOW)


def test_a_replay_after_an_hour_is_not_authentic():
    with pytest.raises(CallbackNotAuthentic):
        READER.read(pushed(fixture("text_in_group")), NOW + timedelta(hours=1, minutes=1))


def test_a_message_without_an_id_is_known_by_what_it_says():
    plain = json.dumps(
        {k: v for k, v in json.loads(fixture("chat_entered")).items() if k != "msgid"}
    )
    ids = {READER.read(pushed(plain), NOW).events[0].event_id for _ in range(2)}
    assert len(ids) == 1
    assert ids != {"bot-"}


def test_the_address_check_is_answered_with_the_plain_text_exactly():
    encrypted = SEAL.encrypt("7203954512087431166")
    query = {**SEAL.query(encrypted, int(NOW.timestamp())), "echostr": encrypted}
    answer = READER.read(RawCallback("robot", "GET", query, {}, b""), NOW).answer
    assert answer.body == b"7203954512087431166"


def test_a_stream_that_somebody_else_began_is_ended():
    asked = {
        **json.loads(fixture("text_in_single_chat")),
        "msgtype": "stream",
        "stream": {"id": "S"},
    }
    raw = pushed(json.dumps(asked))
    callback = READER.read(raw, NOW)
    answer = json.loads(callback.answer.body)
    assert callback.events == ()
    assert (answer["timestamp"], answer["nonce"]) == (int(NOW.timestamp()), raw.query["nonce"])
    signed = SEAL.sign(str(answer["timestamp"]), answer["nonce"], answer["encrypt"])
    assert answer["msgsignature"] == signed
    said = json.loads(SEAL.decrypt(answer["encrypt"]))
    assert (said["msgtype"], said["stream"]["id"], said["stream"]["finish"]) == (
        "stream",
        "S",
        True,
    )


NAMES = (
    "msgid", "chatid", "chattype", "from", "userid", "response_url", "msgtype", "text", "content",
    "mixed", "msg_item", "voice", "event", "eventtype", "template_card_event", "event_key",
    "task_id", "create_time",
)  # fmt: skip
KINDS = ("text", "voice", "mixed", "image", "event", "group", "enter_chat", "template_card_event")
anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9)
    | some.sampled_from(KINDS),
    lambda inner: some.lists(inner, max_size=3)
    | some.dictionaries(some.sampled_from(NAMES), inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@given(some.dictionaries(some.sampled_from(NAMES), anything))
@settings(max_examples=300, deadline=None)
def test_whatever_json_is_pushed_is_an_event_or_unreadable(body):
    try:
        event = bot_event(body, NOW)
    except CallbackUnreadable:
        return
    assert event.event_id.startswith("bot-")
