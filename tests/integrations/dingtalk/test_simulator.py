"""That the pretend DingTalk behaves as the documentation says, asked without our adapter."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from integrations.dingtalk.simulator.seal import Envelope
from tests.integrations.host_contract import heard_by

HEADER = "x-acs-dingtalk-access-token"


@pytest.fixture(autouse=True)
def _an_open_door(host, door):
    door.reader = host.callbacks


@pytest.fixture
async def token(http: httpx.AsyncClient, simulator) -> str:
    app = simulator.company.app
    query = {"appkey": app.client_id, "appsecret": app.secret}
    return (await http.get("/gettoken", params=query)).json()["access_token"]


async def oapi(http, token, path, **body):
    return (await http.post(path, params={"access_token": token}, json=body)).json()


async def test_all_three_calls_give_the_same_token(http, simulator, token, clock):
    app = simulator.company.app
    clock.ahead_s = 3600
    new = await http.post(
        "/v1.0/oauth2/accessToken", json={"appKey": app.client_id, "appSecret": app.secret}
    )
    unified = await http.post(
        f"/v1.0/oauth2/{simulator.company.corp_id}/token",
        json={
            "client_id": app.client_id,
            "client_secret": app.secret,
            "grant_type": "client_credentials",
        },
    )
    assert new.json() == {"accessToken": token, "expireIn": 7200}
    assert unified.json() == {"access_token": token, "expires_in": 7200}


async def test_asking_again_prolongs_a_token(http, simulator, token, clock):
    app = simulator.company.app
    clock.ahead_s = 7000
    await http.get("/gettoken", params={"appkey": app.client_id, "appsecret": app.secret})
    clock.ahead_s = 10_000
    assert (await oapi(http, token, "/topapi/v2/user/get", userid="lilei"))["errcode"] == 0
    clock.ahead_s = 15_000
    assert (await oapi(http, token, "/topapi/v2/user/get", userid="lilei"))["sub_code"] == "40014"


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/gettoken", {}, {"errcode": 40035, "errmsg": "缺少参数 corpid or appkey"}),
        (
            "/gettoken",
            {"appkey": "a", "appsecret": "b"},
            {"errcode": 40096, "errmsg": "不合法的appKey或appSecret"},
        ),
        ("/v1.0/nowhere", {}, {"errcode": 404, "errmsg": "请求的URI地址不存在"}),
        ("/get_jsapi_ticket", {"access_token": "x"}, {"errcode": 40014}),
    ],
)
async def test_old_errors_are_http_200(http, path, query, expected):
    answer = await http.get(path, params=query)
    assert answer.status_code == 200
    assert expected.items() <= answer.json().items()


async def test_a_token_in_the_wrong_place_is_not_found(http, token):
    in_header = await http.post("/topapi/v2/user/get", headers={HEADER: token}, json={})
    in_query = await http.post(
        "/v1.0/robot/oToMessages/batchSend", params={"access_token": token}, json={}
    )
    assert (in_header.json()["errcode"], in_header.json()["sub_code"]) == (88, "40000")
    assert in_query.status_code == 400
    assert in_query.json()["code"] == "AuthenticationFailed.MissingParameter"
    assert "requestid" in in_query.json()


async def test_an_old_call_takes_a_form_as_well(http, simulator, token):
    form = {
        "agent_id": "123456",
        "userid_list": "lilei,nobody",
        "msg": json.dumps({"msgtype": "text", "text": {"content": "早"}}),
    }
    path = "/topapi/message/corpconversation/asyncsend_v2"
    sent = (await http.post(path, params={"access_token": token}, data=form)).json()
    result = await oapi(
        http,
        token,
        "/topapi/message/corpconversation/getsendresult",
        agent_id=123456,
        task_id=sent["task_id"],
    )
    assert [line.text for line in heard_by(simulator, "lilei")] == ["早"]
    assert result["send_result"]["invalid_user_id_list"] == ["nobody"]


async def test_the_same_notice_twice_a_day_is_silently_dropped(http, simulator, token, clock):
    path = "/topapi/message/corpconversation"
    notice = {
        "agent_id": 123456,
        "userid_list": "lilei",
        "msg": {"msgtype": "text", "text": {"content": "写日报"}},
    }
    await oapi(http, token, f"{path}/asyncsend_v2", **notice)
    again = await oapi(http, token, f"{path}/asyncsend_v2", **notice)
    result = await oapi(
        http, token, f"{path}/getsendresult", agent_id=123456, task_id=again["task_id"]
    )
    assert again["errcode"] == 0
    assert result["send_result"]["forbidden_list"] == [
        {"code": "143106", "count": 1, "userid": "lilei"}
    ]
    assert len(heard_by(simulator, "lilei")) == 1


ROBOT = {
    "robotCode": "dingsandboxappkey01",
    "userIds": ["lilei"],
    "msgKey": "sampleText",
    "msgParam": '{"content":"早"}',
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userIds": None}, "MissinguserIds"),
        ({"userIds": []}, "invalidParameter.userIds.empty"),
        ({"userIds": ["u"] * 21}, "invalidParameter.userIds.overMax"),
        ({"robotCode": "dingother"}, "invalidParameter.robotCode.notExsit"),
        ({"msgKey": "sampleSong"}, "invalidParameter.msgKey.invalid"),
        ({"msgParam": {"content": "早"}}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": "早"}, "invalidParameter.msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "早" * 6000})}, "invalidParameter.msgParam.tooLong"),
        ({"msgParam": "{}"}, "miss.param.content"),
    ],
)
async def test_a_robot_message_is_checked(http, token, change, code):
    answer = await http.post(
        "/v1.0/robot/oToMessages/batchSend", headers={HEADER: token}, json={**ROBOT, **change}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_partial_failure_is_a_success_with_two_lists(http, simulator, token):
    simulator.switches.flow_controlled.add("wang")
    answer = await http.post(
        "/v1.0/robot/oToMessages/batchSend",
        headers={HEADER: token},
        json={**ROBOT, "userIds": ["lilei", "wang", "nobody"]},
    )
    lists = answer.json()
    assert lists["invalidStaffIdList"] == ["nobody"]
    assert lists["flowControlledStaffIdList"] == ["wang"]
    assert len(simulator.world.heard) == 1


async def test_a_dropped_message_is_said_to_be_sent(http, simulator, token):
    simulator.faults.add("dropped", "batchSend")
    answer = await http.post(
        "/v1.0/robot/oToMessages/batchSend", headers={HEADER: token}, json=ROBOT
    )
    assert answer.json()["processQueryKey"]
    assert heard_by(simulator, "lilei") == []


async def test_a_sign_in_code_ends_after_five_minutes(http, simulator, token, clock):
    code = simulator.sign_in_code("lilei")
    clock.ahead_s = 301
    answer = await oapi(http, token, "/topapi/v2/user/getuserinfo", code=code)
    assert answer["errcode"] == 40078


async def test_orders_are_whole_numbers_above_what_javascript_holds(http, token):
    answer = await http.post(
        "/topapi/v2/user/get", params={"access_token": token}, json={"userid": "lilei"}
    )
    assert b'"order":179997318850453160' in answer.content


async def test_an_event_that_is_not_acknowledged_is_tried_three_times_and_kept(simulator, door):
    door.statuses = [500, 500, 500]
    assert await simulator.member_changed("lilei") == 500
    assert len(door.raw) == 3
    assert [event["EventType"] for event in simulator.failed_events] == ["user_modify_org"]


async def test_an_answer_without_the_sealed_success_does_not_acknowledge(simulator, door):
    door.statuses = [200, 200, 200]
    await simulator.department_changed(5)
    assert len(simulator.failed_events) == 1


async def test_the_adapter_acknowledges_what_is_pushed(simulator):
    assert await simulator.check_url() == 200
    assert simulator.failed_events == []


async def test_an_event_carries_both_names_of_its_signature(simulator, door):
    door.statuses = [500] * 3
    await simulator.member_changed("lilei")
    raw = door.raw[0]
    app = simulator.company.app
    envelope = Envelope(app.callback_token, app.callback_aes_key, app.client_id)
    event = json.loads(envelope.unclose(json.loads(raw.body)["encrypt"]))
    assert raw.query["signature"] == raw.query["msg_signature"]
    assert (event["CorpId"], event["userId"]) == (simulator.company.corp_id, ["lilei"])


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({}, 0),
        ({"agentId": "1"}, 52019),
        ({"corpId": "dingother"}, 52011),
        ({"url": "https://elsewhere.example/h5/"}, 52014),
        ({"nonceStr": "n2"}, 52013),
    ],
)
async def test_a_page_signature_is_judged(http, host, clock, change, errcode):
    url = "https://waiqin.example/h5/"
    page = await host.page_signer.sign(url, datetime.fromtimestamp(clock(), UTC))
    answer = await http.get(
        "/sandbox/verify-signature", params={"url": url, **page.config, **change}
    )
    assert answer.json()["errcode"] == errcode


async def test_a_sentence_that_stands_as_a_link_in_the_text_can_be_pressed(http, simulator, token):
    link = "[查 华联](dtmd://dingtalkclient/sendMessage?content=%E6%9F%A5%20%E5%8D%8E%E8%81%94)"
    body = {
        **ROBOT,
        "msgKey": "sampleMarkdown",
        "msgParam": json.dumps({"title": "哪一家？", "text": f"### 哪一家？\n{link}"}),
    }
    await http.post("/v1.0/robot/oToMessages/batchSend", headers={HEADER: token}, json=body)
    (line,) = heard_by(simulator, "lilei")
    assert line.buttons == [{"text": "查 华联", "url": "", "key": "查 华联"}]


async def test_a_button_that_is_not_there_cannot_be_pressed(http, simulator, token):
    await http.post("/v1.0/robot/oToMessages/batchSend", headers={HEADER: token}, json=ROBOT)
    (line,) = heard_by(simulator, "lilei")
    with pytest.raises(LookupError):
        await simulator.press(line.id, "", "lilei")
