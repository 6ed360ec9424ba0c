"""That the pretend DingTalk's Stream mode is as documented, asked without our adapter."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from integrations.dingtalk.simulator.pushes import CARD, ROBOT
from tests.integrations.dingtalk.serving import until

EVERYTHING = [
    {"type": "EVENT", "topic": "*"},
    {"type": "CALLBACK", "topic": ROBOT},
    {"type": "CALLBACK", "topic": CARD},
]
OPEN = "/v1.0/gateway/connections/open"
JSON = {"Accept": "application/json"}


@pytest.fixture
async def web(live) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(live.base_url) as session:
        yield session


def credentials(live, **changed):
    app = live.company.app
    return {
        "clientId": app.client_id,
        "clientSecret": app.secret,
        "subscriptions": EVERYTHING,
        **changed,
    }


async def address(web, live, **changed) -> str:
    async with web.post(OPEN, json=credentials(live, **changed), headers=JSON) as answer:
        opened = await answer.json()
    return f"{opened['endpoint']}?ticket={opened['ticket']}"


async def ack(line, frame, code=200, data="{}"):
    headers = {"messageId": frame["headers"]["messageId"], "contentType": "application/json"}
    await line.send_json({"code": code, "message": "OK", "headers": headers, "data": data})


async def test_an_address_and_a_ticket_are_given_to_the_app_alone(web, live):
    async with web.post(OPEN, json=credentials(live), headers=JSON) as answer:
        opened = await answer.json()
    assert opened["endpoint"] == live.base_url.replace("http", "ws") + "/connect"
    assert URL.build(query={"ticket": opened["ticket"]}).raw_query_string.endswith(opened["ticket"])
    wrong = credentials(live, clientSecret="wrong")
    async with web.post(OPEN, json=wrong, headers=JSON) as answer:
        refused = await answer.json()
    assert (answer.status, refused["code"], refused["message"]) == (401, "authFailed", "鉴权失败")
    assert {"requestid", "code", "message"} == refused.keys()


async def test_who_does_not_ask_for_json_gets_xml(web, live):
    async with web.post(OPEN, json=credentials(live), headers={"Accept": "*/*"}) as answer:
        assert answer.content_type == "application/xml"
        assert "<ticket>" in await answer.text()


async def test_a_ticket_is_good_once_and_for_ninety_seconds(web, live, clock):
    once = await address(web, live)
    async with web.ws_connect(once):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await web.ws_connect(once)
    late = await address(web, live)
    clock.ahead_s += 91
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await web.ws_connect(late)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await web.ws_connect(live.base_url + "/connect?ticket=made-up")


async def test_every_header_of_a_frame_is_a_string_and_data_is_one_too(web, live):
    async with web.ws_connect(await address(web, live)) as line:
        pushed = asyncio.create_task(live.member_changed("lilei"))
        frame = await line.receive_json()
        await ack(line, frame, data='{"status":"SUCCESS"}')
        assert await pushed == 200
    assert (frame["specVersion"], frame["type"], frame["headers"]["topic"]) == ("1.0", "EVENT", "*")
    assert all(isinstance(value, str) for value in frame["headers"].values())
    assert frame["headers"].keys() >= {
        "messageId", "contentType", "time", "eventType", "eventId", "eventCorpId",
        "eventBornTime", "eventUnifiedAppId",
    }  # fmt: skip
    assert json.loads(frame["data"])["userId"] == ["lilei"]


async def test_an_event_comes_again_until_it_is_acknowledged(web, live):
    live.switches.event_ack_within_s = 0.05
    async with web.ws_connect(await address(web, live)) as line:
        pushed = asyncio.create_task(live.member_changed("lilei"))
        unanswered = await line.receive_json()
        asked_later = await line.receive_json()
        await ack(line, asked_later, data='{"status":"LATER"}')
        acknowledged = await line.receive_json()
        await ack(line, acknowledged)  # no status at all, as DingTalk's Python package does it
        assert await pushed == 200
    frames = (unanswered, asked_later, acknowledged)
    assert len({frame["headers"]["eventId"] for frame in frames}) == 1
    assert len({frame["headers"]["messageId"] for frame in frames}) == 3
    assert live.failed_events == []


async def test_an_event_that_nobody_acknowledges_is_kept(web, live):
    async with web.ws_connect(await address(web, live)) as line:
        pushed = asyncio.create_task(live.member_changed("lilei"))
        for _ in range(3):
            await ack(line, await line.receive_json(), code=500)
        await pushed
    await live.member_left("lilei")  # nobody is connected at all
    kinds = [event["EventType"] for event in live.failed_events]
    assert kinds == ["user_modify_org", "user_leave_org"]


async def test_a_line_hears_only_what_it_subscribed_to(web, live):
    only_events = await address(web, live, subscriptions=EVERYTHING[:1])
    async with web.ws_connect(only_events):
        await until(lambda: live.lines.open)
        assert await live.say("lilei", "帮助") == 0


async def test_nothing_comes_between_the_announcement_and_the_end(web, live):
    live.switches.silence_before_close_s = 0.2
    async with web.ws_connect(await address(web, live)) as line:
        await until(lambda: live.lines.open)
        ending = asyncio.create_task(live.lines.announce_end(live.lines.open[0]))
        frame = await line.receive_json()
        assert (frame["type"], frame["headers"]["topic"]) == ("SYSTEM", "disconnect")
        assert json.loads(frame["data"]) == {"reason": "connection is expired"}
        assert await live.say("lilei", "没有人听") == 0
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
        await ending


async def test_each_push_goes_to_one_of_the_lines(web, live):
    first = await web.ws_connect(await address(web, live))
    second = await web.ws_connect(await address(web, live))
    heard = {first: 0, second: 0}

    async def answer(line):
        async for message in line:
            heard[line] += 1
            await ack(line, json.loads(message.data))

    listening = [asyncio.create_task(answer(line)) for line in heard]
    await until(lambda: len(live.lines.open) == 2)
    assert [await live.say("lilei", f"{n}") for n in range(40)] == [200] * 40
    assert sum(heard.values()) == 40
    assert min(heard.values()) > 0
    for line in heard:
        await line.close()
    await asyncio.gather(*listening)
