"""DingTalk's own packages against the pretend DingTalk: whoever they agree with speaks as it does.

`dingtalk-stream` for Python and for Node are its Stream SDKs, `alibabacloud_dingtalk` is its SDK of
the new-style API.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.dingtalk.simulator.accounts import union_id
from integrations.dingtalk.simulator.lines import EVENT
from integrations.dingtalk.simulator.pushes import ROBOT
from tests.integrations.dingtalk.conftest import GROUP, TEMPLATE
from tests.integrations.dingtalk.serving import until
from tests.integrations.dingtalk.vendors import Program, running
from tests.integrations.host_contract import HOSTILE_NAME, heard_by

IN_EITHER_LANGUAGE = pytest.mark.parametrize("package", ["python", "node"])


@asynccontextmanager
async def an_app(package: str, live: DingtalkSimulator) -> AsyncIterator[Program]:
    """An app of the vendor's package, connected by Stream."""
    app = live.company.app
    keys = (app.client_id, app.secret)
    if package == "node":
        starting = running("stream.mjs", live.base_url, *keys)
    else:
        starting = running("stream_app.py", *keys, DINGTALK_OPENAPI_ENDPOINT=live.base_url)
    async with starting as program:
        await until(lambda: live.lines.subscribed(EVENT, "*"))
        yield program


@IN_EITHER_LANGUAGE
async def test_it_hears_what_is_said_and_answers(live, package):
    async with an_app(package, live) as app:
        assert (await app.tells("token"))["token"]
        assert await live.say("lilei", HOSTILE_NAME) == 200
        said = (await app.tells("message"))["said"]
        assert said["text"]["content"] == HOSTILE_NAME.strip()
        assert (said["senderStaffId"], said["conversationType"]) == ("lilei", "1")
        assert await live.say("lilei", "三家", GROUP) == 200
        assert (await app.tells("message"))["said"]["conversationTitle"] == "华东销售群"
    first, *_ = heard_by(live, "lilei")
    assert first.text == f"收到：{HOSTILE_NAME.strip()}"
    assert "收到： 三家" in [line.text for line in heard_by(live, "wang")]


@IN_EITHER_LANGUAGE
async def test_it_hears_what_changes_in_the_company(live, package):
    async with an_app(package, live) as app:
        assert await live.member_changed("lilei") == 200
        told = await app.tells("event")
        assert told["headers"]["eventType"] == "user_modify_org"
        assert told["data"]["userId"] == ["lilei"]
        if package == "node":  # that one asked to hear it later, and did
            again = await app.tells("event")
            assert again["headers"]["eventId"] == told["headers"]["eventId"]
        assert live.failed_events == []


@IN_EITHER_LANGUAGE
async def test_a_press_changes_the_card(live, package):
    async with an_app(package, live) as app, running("openapi.py", *openapi(live)) as sdk:
        await sdk.tells("update")
        (line,) = [line for line in heard_by(live, "lilei") if line.kind == "card"]
        live.change_card("from-the-sdk", {"button1": "确认", "button1_says": "确认 华联"})
        assert await live.press(line.id, "确认 华联", "lilei") == 200
        told = await app.tells("press")
        assert told["press"]["outTrackId"] == "from-the-sdk"
        assert told["content"]["cardPrivateData"]["params"] == {"says": "确认 华联"}
        assert line.text == "已确认"


@IN_EITHER_LANGUAGE
async def test_it_answers_pings_and_comes_back_after_the_end_of_a_line(live, package):
    live.switches.ping_every_s = 0.05
    live.switches.silence_before_close_s = 0.1
    async with an_app(package, live) as app:
        (line,) = live.lines.subscribed(EVENT, "*")
        await until(lambda: line.pings >= 2)
        await live.lines.announce_end(line)
        await until(lambda: live.lines.subscribed("CALLBACK", ROBOT))
        assert live.lines.tickets == 2
        assert await live.say("lilei", "还在吗") == 200
        assert (await app.tells("message"))["said"]["text"]["content"] == "还在吗"


async def test_the_openapi_sdk_gets_what_it_asks_for(live):
    async with running("openapi.py", *openapi(live)) as sdk:
        await sdk.tells("deleted")
        again = await sdk.tells("deleted")
    answers = {told["what"]: told["answer"] for told in sdk.told}
    assert answers["token"]["expireIn"] == 7200
    assert answers["unified token"]["access_token"] == answers["token"]["accessToken"]
    assert answers["wrong secret"]["code"] == "invalidClientIdOrSecret"
    assert answers["wrong secret"]["message"].startswith("code: 400, 无效的clientId")
    assert answers["bad token"]["code"] == "InvalidAuthentication"
    assert answers["departments"] == {"hasMore": False, "list": [2, 5], "totalCount": 2}
    assert answers["users"]["list"] == ["lilei"]
    assert answers["user"]["nick"] == "李雷"
    assert answers["message"]["invalidStaffIdList"] == ["nobody"]
    assert answers["recall"]["successResult"] == [answers["message"]["processQueryKey"]]
    assert answers["ding"]["failedList"] == {"invalid staffId": ["nobody"]}
    assert answers["ding recall"] == {"openDingId": answers["ding"]["openDingId"]}
    assert [(ding.user_ids, ding.recalled) for ding in live.dings.sent] == [(["lilei"], True)]
    assert answers["card"]["result"]["deliverResults"][0]["success"]
    assert answers["update"] == {"result": True, "success": True}
    assert (answers["todo"]["subject"], answers["todo"]["done"]) == ("拜访 华联", False)
    assert answers["same todo"]["message"].startswith("code: 400, task exist")
    assert answers["event"]["id"] == answers["same event"]["id"]
    assert [event["summary"] for event in answers["events"]["events"]] == ["拜访 华联"]
    assert (again["answer"]["code"], live.agenda.events) == ("eventNotFound", {})
    (card,) = [line for line in heard_by(live, "lilei") if line.kind == "card"]
    assert (card.title, card.text) == ("华联", "四家")


def openapi(live: DingtalkSimulator) -> tuple[str, ...]:
    app = live.company.app
    return (
        live.base_url,
        app.client_id,
        app.secret,
        live.company.corp_id,
        app.robot_code,
        TEMPLATE,
        union_id("lilei", ""),
    )
