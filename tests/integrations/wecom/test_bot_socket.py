"""That the pretend WeCom's WebSocket is as pedantic as its documentation, whoever connects."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from integrations.wecom.simulator import WecomSimulator
from integrations.wecom.simulator.bot import ALONE, Talk
from tests.integrations.wecom.conftest import served
from tests.integrations.wecom.test_bot_answers import GROUP, heard
from tests.integrations.wecom.test_bot_simulator import CARD, MARKDOWN, piece

RESPOND, WELCOME, UPDATE = (
    f"aibot_respond_{what}" for what in ("msg", "welcome_msg", "update_msg")
)
TEXT = {"msgtype": "text", "text": {"content": "您好"}}
CHANGED = {
    "response_type": "update_template_card",
    "template_card": {**CARD, "main_title": {"title": "已处理"}},
}


class Wire:
    """A WebSocket that knows frames, and nothing of our adapter."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def hears(self) -> dict[str, Any]:
        return dict(json.loads(await self._socket.receive_str(timeout=10)))

    async def asks(self, cmd: str, body: Any = None, request: str = "r-1") -> dict[str, Any]:
        """The answer to a command."""
        await self._socket.send_json({"cmd": cmd, "headers": {"req_id": request}, "body": body})
        answer = await self.hears()
        assert answer["headers"]["req_id"] == request
        assert "cmd" not in answer
        return answer

    async def code(self, cmd: str, body: Any = None, request: str = "r-1") -> int:
        return int((await self.asks(cmd, body, request))["errcode"])

    async def is_closed(self) -> bool:
        closed = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        return (await self._socket.receive(timeout=10)).type in closed


@pytest.fixture
async def dial(simulator: WecomSimulator) -> AsyncIterator[Any]:
    """Opens a connection that is not subscribed yet."""
    simulator.bot.by_connection = True
    async with served(simulator.app) as port, aiohttp.ClientSession() as session:

        async def open_one() -> Wire:
            return Wire(await session.ws_connect(f"http://127.0.0.1:{port}/openws"))

        yield open_one


@pytest.fixture
def subscription(simulator: WecomSimulator) -> dict[str, str]:
    return {"bot_id": simulator.bot.id, "secret": simulator.bot.secret}


@pytest.fixture
async def wire(dial, subscription) -> Wire:
    """A connection that has the bot."""
    opened = await dial()
    assert await opened.code("aibot_subscribe", subscription) == 0
    return opened


async def asked(simulator, wire, group=GROUP) -> str:
    """The id of the frame by which a question came."""
    await simulator.say_to_bot("lilei", "帮助", group)
    return (await wire.hears())["headers"]["req_id"]


async def test_nothing_but_a_ping_goes_without_a_subscription(dial, subscription, simulator):
    wire = await dial()
    assert await wire.code("ping") == 0
    assert await wire.code("aibot_send_msg", {"chatid": GROUP, **MARKDOWN}) == 846609
    assert await wire.code("aibot_subscribe", {**subscription, "secret": "x"}) == 853000
    simulator.bot.by_connection = False
    assert await wire.code("aibot_subscribe", subscription) == 846601


async def test_a_newer_connection_has_the_bot_and_the_older_is_told(wire, dial, subscription):
    newer = await dial()
    assert await newer.code("aibot_subscribe", subscription) == 0
    over = await wire.hears()
    assert over["cmd"] == "aibot_event_callback"
    assert over["body"]["event"]["eventtype"] == "disconnected_event"
    assert await wire.is_closed()
    assert await newer.code("ping") == 0


async def test_a_question_is_answered_once(simulator, wire):
    request = await asked(simulator, wire)
    assert await wire.code(RESPOND, MARKDOWN, "made-up") == 846605
    assert await wire.code(RESPOND, TEXT, request) == 40008
    assert await wire.code(RESPOND, MARKDOWN, request) == 0
    assert await wire.code(RESPOND, MARKDOWN, request) == 846606
    assert len(heard(simulator, "wang", GROUP)) == 1


async def test_a_question_is_answered_within_a_day(simulator, wire, clock):
    request = await asked(simulator, wire)
    clock.ahead_s = 24 * 3600 + 1
    assert await wire.code(RESPOND, MARKDOWN, request) == 846604


@pytest.mark.parametrize(("most_s", "later_s", "code"), [(600, 599, 0), (360, 361, 846608)])
async def test_a_stream_ends_in_time(simulator, wire, clock, most_s, later_s, code):
    simulator.switches.bot_stream_s = most_s
    request = await asked(simulator, wire)
    assert await wire.code(RESPOND, piece("一", False), request) == 0
    clock.ahead_s = later_s
    assert await wire.code(RESPOND, piece("一二", True), request) == code
    assert heard(simulator, "lilei", GROUP)[0].text == ("一二" if code == 0 else "一")


async def test_a_welcome_comes_at_once_and_once(simulator, wire, clock):
    await simulator.tell_bot_event(Talk("lilei"), "enter_chat")
    request = (await wire.hears())["headers"]["req_id"]
    question = await asked(simulator, wire)
    assert await wire.code(WELCOME, TEXT, question) == 846605
    assert await wire.code(WELCOME, MARKDOWN, request) == 40008
    assert await wire.code(WELCOME, TEXT, request) == 0
    assert await wire.code(WELCOME, TEXT, request) == 846606
    await simulator.tell_bot_event(Talk("lilei"), "enter_chat")
    request = (await wire.hears())["headers"]["req_id"]
    clock.ahead_s = 6
    assert await wire.code(WELCOME, TEXT, request) == 846604


async def test_a_pressed_card_is_changed_for_everybody_who_has_it(simulator, wire):
    request = await asked(simulator, wire)
    card = {"msgtype": "template_card", "template_card": CARD}
    assert await wire.code(RESPOND, card, request) == 0
    await simulator.press(heard(simulator, "lilei", GROUP)[0].id, "好", "lilei")
    request = (await wire.hears())["headers"]["req_id"]
    assert await wire.code(UPDATE, {**CHANGED, "response_type": "text"}, request) == 93050
    other = {**CHANGED["template_card"], "task_id": "another"}
    assert await wire.code(UPDATE, {**CHANGED, "template_card": other}, request) == 846625
    assert await wire.code(UPDATE, {**CHANGED, "userids": ["lilei"]}, request) == 0
    assert heard(simulator, "lilei", GROUP)[0].title == "已处理"
    assert heard(simulator, "wang", GROUP)[0].title == "华联"


async def test_the_bot_writes_unasked_where_it_was_spoken_to(simulator, wire):
    to = {"chatid": "lilei", **MARKDOWN}
    assert await wire.code("aibot_send_msg", to) == 846607
    await asked(simulator, wire, group="")
    assert await wire.code("aibot_send_msg", to) == 0
    assert await wire.code("aibot_send_msg", {**to, **TEXT}) == 40008
    assert await wire.code("aibot_send_msg", {"chatid": GROUP, "chat_type": 2, **MARKDOWN}) == 0
    assert (
        await wire.code("aibot_send_msg", {"chatid": GROUP, "chat_type": 1, **MARKDOWN}) == 846607
    )
    assert len(heard(simulator, "lilei", ALONE)) == 1


async def test_a_file_is_uploaded_in_pieces(wire):
    begin = {"type": "file", "filename": "清单.pdf", "total_size": 10, "total_chunks": 2}
    assert await wire.code("aibot_upload_media_init", {**begin, "type": "poster"}) == 846697
    assert await wire.code("aibot_upload_media_init", {**begin, "total_chunks": 101}) == 846612
    upload = (await wire.asks("aibot_upload_media_init", begin))["body"]

    async def chunk(nth: int, content: bytes) -> int:
        piece = {"chunk_index": nth, "base64_data": base64.b64encode(content).decode()}
        return await wire.code("aibot_upload_media_chunk", {**upload, **piece})

    assert [await chunk(0, b"01234"), await chunk(2, b"56789")] == [0, 846612]
    assert await chunk(1, b"0" * (512 * 1024 + 1)) == 846613
    assert await wire.code("aibot_upload_media_finish", upload) == 846616
    assert await wire.code("aibot_upload_media_finish", {"upload_id": "x"}) == 846611
    assert await chunk(1, b"56789") == 0
    kept = await wire.asks("aibot_upload_media_finish", upload)
    assert kept["body"]["type"] == "file"


async def test_faults_reach_the_connection_too(simulator, wire):
    simulator.faults.add("busy", path="ping")
    assert await wire.code("ping") == 45009
    request = await asked(simulator, wire)
    simulator.faults.add("dropped", path=RESPOND)
    assert await wire.code(RESPOND, MARKDOWN, request) == 0
    assert heard(simulator, "lilei", GROUP) == []
    simulator.faults.down = True
    await wire._socket.send_json({"cmd": "ping", "headers": {"req_id": "p"}})
    assert await wire.is_closed()


async def test_an_unknown_command_is_refused(wire):
    assert await wire.code("aibot_dance", {}) == 40058
