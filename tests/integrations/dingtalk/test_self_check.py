"""What `waiqin host check dingtalk` says about DingTalk's own settings."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from field_ops.connections.check import check
from integrations.dingtalk import connect
from tests.integrations.dingtalk.conftest import BASE_URL, TEMPLATE
from tests.integrations.host_contract import heard_by

HOME = "http://waiqin.test"
STREAM = {"stream": "true", "card_template_id": TEMPLATE}


@pytest.fixture
async def look(simulator, door, credentials, base_urls):
    """Connects with changed settings and gives what is found, by part; asks our door as well."""
    ours = Starlette(routes=[Mount("/hosts/dingtalk/main", app=door.app)])
    apps: dict[str, ASGIApp] = {"dingtalk.test": simulator.app, "waiqin.test": ours}

    class Network(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return await httpx.ASGITransport(apps[request.url.host]).handle_async_request(request)

    async with httpx.AsyncClient(transport=Network()) as http:
        door.reader = connect(credentials, http, base_urls).callbacks

        async def found(**changed: str):
            urls = dict.fromkeys(base_urls, BASE_URL.removesuffix("/dingtalk"))
            host = connect({**credentials, **changed}, http, urls)
            findings = await check(host, HOME, door.now(), "main")
            return {finding.part: finding for finding in findings}

        yield found


async def test_a_good_connection_has_nothing_to_mend_but_https(look, door):
    findings = await look()
    assert [part for part, finding in findings.items() if not finding.ok] == ["address"]
    assert {"robot", "cards", "callback", "robot address"} <= findings.keys()
    assert [type(event).__name__ for event in door.events] == ["Unsupported"]


async def test_a_good_connection_by_stream_has_nothing_to_mend(look, simulator):
    findings = await look(**STREAM)
    assert [part for part, finding in findings.items() if not finding.ok] == ["address"]
    assert {"robot", "cards", "stream"} <= findings.keys()
    assert heard_by(simulator, "lilei") == []


@pytest.mark.parametrize(
    ("changed", "part", "zh"),
    [
        ({"client_secret": "wrong"}, "departments", "Client Secret 不对"),
        ({"robot_code": "dingother"}, "robot", "RobotCode"),
        ({"robot_code": ""}, "robot", "工作通知"),
        ({"callback_token": "", "callback_aes_key": ""}, "callback", "stream 设为 1"),
        ({"callback_token": "another"}, "callback", "收不到回调"),
        ({**STREAM, "card_template_id": "other.schema"}, "cards", "卡片平台"),
        ({"card_template_id": "other.schema"}, "cards", "卡片平台"),
        ({"stream": "true"}, "cards", "没有设置卡片模板"),
    ],
)
async def test_a_wrong_or_missing_setting_is_named(look, changed, part, zh):
    assert zh in (await look(**changed))[part].says.zh


async def test_an_address_that_is_not_in_the_list_is_told(look, simulator):
    simulator.gate.guard.trusted_ips = ["203.0.113.7"]
    says = (await look())["departments"].says
    assert "127.0.0.1" in says.zh
    assert "服务器出口IP" in says.en


@pytest.mark.parametrize(
    ("path", "scope", "part"),
    [
        ("/auth/scopes", "qyapi_base", "departments"),
        ("/topapi/v2/user/list", "qyapi_get_department_member", "members"),
        ("/v1.0/robot/", "qyapi_robot_sendmsg", "robot"),
        ("/v1.0/card/", "Card.Instance.Write", "cards"),
    ],
)
async def test_a_permission_that_is_missing_is_named(look, simulator, path, scope, part):
    simulator.gate.guard.missing[path] = scope
    finding = (await look(**STREAM))[part]
    assert not finding.ok
    assert scope in finding.says.zh


async def test_a_template_that_is_not_published_is_told(look, simulator):
    simulator.switches.card_templates[TEMPLATE] = False
    assert "未发布" in (await look(**STREAM))["cards"].says.zh


async def test_a_callback_address_that_does_not_answer_is_told(look, door):
    door.statuses = [502, 502]
    findings = await look()
    assert "HTTP 502" in findings["callback"].says.zh
    assert not findings["robot address"].ok


async def test_a_month_that_is_used_up_is_told(look, simulator):
    simulator.gate.guard.left = 0
    findings = await look(**STREAM)
    assert "次数已用完" in findings["app"].says.zh
