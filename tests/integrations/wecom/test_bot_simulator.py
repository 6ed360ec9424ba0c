"""That the pretend WeCom's bot, files and webhooks are as pedantic as their documentation."""

import asyncio
import base64
import hashlib
import json

import orjson
import pytest

from field_ops.host.events import TextReceived
from field_ops.host.platform import Callback, CallbackAnswer
from integrations.wecom.crypto import CallbackCrypto
from integrations.wecom.simulator.bot import ALONE, Talk
from tests.integrations.wecom.conftest import BASE
from tests.integrations.wecom.test_bot_answers import GROUP, heard
from tests.integrations.wecom.test_simulator import INTERACTIVE

MARKDOWN = {"msgtype": "markdown", "markdown": {"content": "好"}}
CARD = {**INTERACTIVE, "task_id": "bot-1"}


class OwnBot:
    """A bot that answers at once, as somebody else might write one."""

    def __init__(self, simulator, *answers):
        app = simulator.company.app
        self.crypto = CallbackCrypto(app.callback_token, app.callback_aes_key, "")
        self.answers = list(answers)
        self.asked = []

    def read(self, raw, now):
        sealed = json.loads(raw.body)["encrypt"]
        marks = raw.query["msg_signature"], raw.query["timestamp"], raw.query["nonce"]
        self.asked.append(json.loads(self.crypto.open(*marks, sealed)))
        if not self.answers:
            return Callback((), CallbackAnswer())
        said = orjson.dumps(self.answers.pop(0)).decode()
        timestamp = int(now.timestamp())
        encrypted, signature = self.crypto.seal_json(said, str(timestamp), raw.query["nonce"])
        answer = {
            "encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp,
            "nonce": raw.query["nonce"],
        }  # fmt: skip
        return Callback((), CallbackAnswer(orjson.dumps(answer)))


def piece(content, finish, **more):
    return {
        "msgtype": "stream",
        "stream": {"id": "S", "finish": finish, "content": content},
        **more,
    }


async def test_a_stream_is_asked_for_until_it_ends(simulator, door):
    simulator.bot_door.poll_every_s = 0
    pieces = [piece("今天", False), piece("今天有", False), piece("今天有三家", True)]
    door.reader = bot = OwnBot(simulator, *pieces)
    await simulator.say("lilei", "今天", GROUP)
    assert [asked["msgtype"] for asked in bot.asked] == ["text", "stream", "stream"]
    assert [line.text for line in heard(simulator, "wang", GROUP)] == ["今天有三家"]
    assert simulator.bot_door.problems == []


async def test_a_stream_may_bring_a_card(simulator, door):
    said = piece("好", True) | {"msgtype": "stream_with_template_card", "template_card": CARD}
    door.reader = OwnBot(simulator, said)
    await simulator.say("lilei", "今天", GROUP)
    assert [line.kind for line in heard(simulator, "lilei", GROUP)] == ["card", "markdown"]


async def test_a_pressed_card_may_be_changed_at_once(simulator, door):
    changed = {**CARD, "main_title": {"title": "已处理"}}
    door.reader = OwnBot(
        simulator,
        {"msgtype": "template_card", "template_card": CARD},
        {"response_type": "update_template_card", "template_card": changed},
    )
    await simulator.say_to_bot("lilei", "卡片")
    (line,) = heard(simulator, "lilei", ALONE)
    await simulator.press(line.id, "好", "lilei")
    assert line.title == "已处理"


async def test_who_enters_the_chat_may_be_welcomed_in_words(simulator, door):
    welcome = {"msgtype": "text", "text": {"content": "您好"}}
    door.reader = OwnBot(simulator, welcome, welcome)
    await simulator.tell_bot_event(Talk("lilei"), "enter_chat")
    await simulator.say_to_bot("lilei", "你好")
    assert [line.text for line in heard(simulator, "lilei", ALONE)] == ["您好"]
    assert simulator.bot_door.problems == ["Failed(40008)"]


@pytest.mark.parametrize("name", ["msgsignature", "nonce", "timestamp", "encrypt"])
async def test_an_answer_that_wecom_would_throw_away_is_told(simulator, door, name):
    bot = OwnBot(simulator, piece("好", True))

    class Wrong:
        def read(self, raw, now):
            answer = json.loads(bot.read(raw, now).answer.body)
            return Callback((), CallbackAnswer(orjson.dumps({**answer, name: "AAAA"})))

    door.reader = Wrong()
    await simulator.say_to_bot("lilei", "你好")
    assert heard(simulator, "lilei", ALONE) == []
    assert len(simulator.bot_door.problems) == 1


async def respond(simulator, http, body, address=""):
    address = address or simulator.bot_door.response_url(Talk("lilei", GROUP))
    path = address.partition("/cgi-bin/")[2]
    return (await http.post(BASE + path, json=body)).json()["errcode"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (MARKDOWN, 0),
        ({"msgtype": "template_card", "template_card": CARD}, 0),
        ({"msgtype": "text", "text": {"content": "好"}}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": ""}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "汉" * 6827}}, 45002),
        ({"msgtype": "template_card", "template_card": {**CARD, "task_id": ""}}, 846625),
        (
            {
                "msgtype": "template_card",
                "template_card": {
                    **CARD,
                    "button_list": [{"type": 1, "text": "打开", "url": "https://x.example/"}],
                },
            },
            42039,
        ),
    ],
)
async def test_what_may_be_said_at_a_response_address(simulator, http, body, code):
    assert await respond(simulator, http, body) == code
    assert len(heard(simulator, "lilei", GROUP)) == (code == 0)


async def test_a_response_address_is_good_once_and_for_an_hour(simulator, http, clock):
    first, second = (simulator.bot_door.response_url(Talk("lilei")) for _ in range(2))
    codes = [await respond(simulator, http, MARKDOWN, first) for _ in range(2)]
    assert codes == [0, 60140]
    clock.ahead_s = 3601
    assert await respond(simulator, http, MARKDOWN, second) == 60140
    assert await respond(simulator, http, MARKDOWN, first + "x") == 60140


async def test_a_message_is_pushed_three_times_and_a_press_once(host, simulator, door):
    door.reader = host.callbacks
    door.statuses = [500] * 9
    assert await simulator.say("lilei", "帮助", GROUP) == 500
    assert len(door.raw) == 3
    await simulator.tell_bot_event(Talk("lilei"), "template_card_event", {"event_key": "好"})
    assert len(door.raw) == 4


@pytest.mark.parametrize("anew", [False, True])
async def test_a_retry_is_one_event_however_it_is_sealed(host, simulator, door, anew):
    door.reader = host.callbacks
    simulator.switches.seal_each_try_anew = anew
    for ask in (simulator.say("lilei", "帮助"), simulator.say("lilei", "帮助", GROUP)):
        door.statuses = [500]
        await ask
    assert len({raw.body for raw in door.raw}) == (4 if anew else 2)
    assert len(door.heard(TextReceived)) == 2


async def test_in_one_reading_only_silence_is_tried_again(host, simulator, door):
    door.reader = host.callbacks
    simulator.switches.only_silence_is_tried_again = True
    door.statuses = [500]
    assert await simulator.say("lilei", "帮助") == 500
    door.statuses = [504]
    assert await simulator.say("lilei", "帮助") == 200
    assert len(door.raw) == 3


async def test_the_bots_address_is_checked_as_the_console_does(host, simulator, door):
    door.reader = host.callbacks
    assert await simulator.bot_door.verify()
    simulator.company.app.callback_token = "another"
    assert not await simulator.bot_door.verify()


async def test_a_caller_from_an_unknown_address_is_told_which(phone):
    phone.simulator.switches.trusted_ips = ["203.0.113.7"]
    said = await phone.get("user/get", userid="lilei")
    assert said["errcode"] == 60020
    assert "from ip: 127.0.0.1" in said["errmsg"]


async def test_a_token_may_be_new_each_time(phone):
    phone.simulator.switches.new_token_each_time = True
    first, second = await phone.token(), await phone.token()
    assert first["access_token"] != second["access_token"]
    assert (await phone.get("user/get", userid="lilei", **_token(first)))["errcode"] == 0


def _token(said):
    return {"access_token": said["access_token"]}


async def upload(phone, kind, name, content, path="media/upload", **query):
    params = {**_token(await phone.token()), "type": kind, **query}
    files = {"media": (name, content)}
    return (await phone.http.post(BASE + path, params=params, files=files)).json()


@pytest.mark.parametrize(
    ("kind", "name", "content", "code"),
    [
        ("poster", "a.png", b"0123456789", 40004),
        ("image", "a.gif", b"0123456789", 40005),
        ("image", "a.png", b"01234", 44001),
        ("voice", "a.amr", b"0" * ((2 << 20) + 1), 45001),
    ],
)
async def test_a_file_that_wecom_would_not_take(phone, kind, name, content, code):
    assert (await upload(phone, kind, name, content))["errcode"] == code


async def test_a_file_lives_three_days_and_can_be_had_in_parts(phone, clock):
    kept = await upload(phone, "image", "店.png", b"0123456789")
    params = {**_token(await phone.token()), "media_id": kept["media_id"]}
    part = await phone.http.get(BASE + "media/get", params=params, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    content = {"media_id": kept["media_id"]}
    assert (await phone.send("image", content))["errcode"] == 0
    assert (await phone.send("voice", content))["errcode"] == 40007
    clock.ahead_s = 3 * 24 * 3600
    assert (await phone.send("image", content))["errcode"] == 40007
    assert (await phone.get("media/get", **content))["errcode"] == 40145


async def test_whoever_has_a_webhooks_key_writes_into_its_group(phone, simulator, clock):
    key = simulator.webhooks.key_for(GROUP)
    picture = b"\x89PNG"
    image = {
        "base64": base64.b64encode(picture).decode(),
        "md5": hashlib.md5(picture, usedforsecurity=False).hexdigest(),
    }
    bodies = [
        {"msgtype": "text", "text": {"content": "开会"}},
        {"msgtype": "markdown_v2", "markdown_v2": {"content": "# 开会"}},
        {"msgtype": "image", "image": image},
        {"msgtype": "image", "image": {**image, "md5": "0"}},
        {"msgtype": "template_card", "template_card": INTERACTIVE},
    ]

    async def send(body, key=key):
        answer = await phone.http.post(f"{BASE}webhook/send", params={"key": key}, json=body)
        return answer.json()["errcode"]

    assert [await send(body) for body in bodies] == [0, 0, 0, 40058, 42031]
    assert await send(bodies[0], "unknown") == 93000
    assert [await send(bodies[0]) for _ in range(18)] == [0] * 17 + [45009]
    assert len(heard(simulator, "wang", GROUP)) == 20
    clock.ahead_s = 61
    assert await send(bodies[0]) == 0


async def test_a_file_of_a_webhook_is_its_own(phone, simulator):
    key = simulator.webhooks.key_for(GROUP)
    kept = await upload(phone, "file", "清单.pdf", b"0123456789", "webhook/upload_media", key=key)
    content = {"media_id": kept["media_id"]}
    assert (await phone.send("file", content))["errcode"] == 40007
    body = {"msgtype": "file", "file": content}
    answer = await phone.http.post(f"{BASE}webhook/send", params={"key": key}, json=body)
    assert answer.json()["errcode"] == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"submit_button": {}}, 42046),
        ({"checkbox": {"question_key": "q", "option_list": []}}, 42047),
        ({"checkbox": {"question_key": "q", "option_list": [{"id": "a"}, {"id": "a"}]}}, 42047),
    ],
)
async def test_a_vote_needs_its_options(phone, changed, code):
    vote = {
        "card_type": "vote_interaction",
        "main_title": {"title": "去哪家"},
        "task_id": "vote-1",
        "checkbox": {"question_key": "q", "option_list": [{"id": "a", "text": "华联"}]},
        "submit_button": {"text": "提交", "key": "submit"},
    }
    assert (await phone.send("template_card", {**vote, **changed}))["errcode"] == code


async def test_equal_contents_may_count_as_equal_whoever_they_are_for(phone, simulator):
    simulator.switches.duplicates_ignore_receivers = True
    asked = {"enable_duplicate_check": 1}
    await phone.send("text", {"content": "早上好"}, **asked)
    await phone.send("text", {"content": "早上好"}, **asked, touser="wang")
    assert simulator.world.heard_by("wecom", "wang") == []


async def test_nothing_waits_when_no_stream_is_open(simulator, door, host):
    door.reader = host.callbacks
    async with asyncio.timeout(60):
        await simulator.say("lilei", "帮助", GROUP)
    assert simulator.bot_door.problems == []
