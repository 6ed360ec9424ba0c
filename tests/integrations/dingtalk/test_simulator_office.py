"""Todos, calendar, check-ins, attendance, files and what became of messages, as documented."""

from datetime import datetime, timedelta, timezone

import httpx
import pytest

from integrations.dingtalk.simulator.accounts import union_id
from tests.integrations.dingtalk.conftest import GROUP, TEMPLATE
from tests.integrations.host_contract import drawn, heard_by

HEADER = "x-acs-dingtalk-access-token"
LI_LEI = union_id("lilei", "")
TODO = {
    "sourceId": "waiqin-visit-42",
    "subject": "拜访 华联",
    "creatorId": LI_LEI,
    "executorIds": [LI_LEI],
    "detailUrl": {"appUrl": "https://waiqin.example/", "pcUrl": "https://waiqin.example/"},
}
MEETING = {
    "summary": "周会",
    "start": {"dateTime": "2026-03-10T10:00:00+08:00", "timeZone": "Asia/Shanghai"},
    "end": {"dateTime": "2026-03-10T11:00:00+08:00", "timeZone": "Asia/Shanghai"},
    "attendees": [{"id": union_id("wang", "")}],
}
TODOS = f"/v1.0/todo/users/{LI_LEI}/tasks"
EVENTS = f"/v1.0/calendar/users/{LI_LEI}/calendars/primary/events"


class Api:
    """The two servers, asked with a good token."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http, self.token = http, token

    async def new(self, method: str, path: str, body=None, **query) -> httpx.Response:
        headers = {HEADER: self.token, **query.pop("headers", {})}
        return await self.http.request(method, path, json=body, params=query, headers=headers)

    async def old(self, path: str, body=None, **query):
        method = "GET" if body is None else "POST"
        params = {"access_token": self.token, **query}
        return (await self.http.request(method, path, json=body, params=params)).json()


@pytest.fixture
async def api(http: httpx.AsyncClient, simulator) -> Api:
    app = simulator.company.app
    query = {"appkey": app.client_id, "appsecret": app.secret}
    return Api(http, (await http.get("/gettoken", params=query)).json()["access_token"])


async def test_a_todo_is_made_once_per_source(api, simulator):
    made = (await api.new("POST", TODOS, TODO, operatorId=LI_LEI)).json()
    again = await api.new("POST", TODOS, TODO)
    assert (made["sourceId"], made["done"]) == ("waiqin-visit-42", False)
    assert (again.status_code, again.json()["message"]) == (400, "task exist")
    assert len(simulator.agenda.todos) == 1


async def test_a_todo_is_found_done_and_deleted(api):
    task = (await api.new("POST", TODOS, TODO)).json()["id"]
    query = f"/v1.0/todo/users/{LI_LEI}/org/tasks/query"
    assert [t["taskId"] for t in (await api.new("POST", query, {})).json()["todoCards"]] == [task]
    marks = {"executorStatusList": [{"id": LI_LEI, "isDone": True}]}
    await api.new("PUT", f"{TODOS}/{task}/executorStatus", marks)
    assert (await api.new("POST", query, {})).json()["todoCards"] == []
    assert (await api.new("POST", query, {"isDone": True})).json()["todoCards"][0]["isDone"]
    assert (await api.new("DELETE", f"{TODOS}/{task}")).json() == {"result": True}
    assert (await api.new("DELETE", f"{TODOS}/{task}")).json()["message"] == "task not exist"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"detailUrl": None}, "detailUrl is required"),
        ({"executorIds": ["lilei"]}, "unionId错误"),  # a user id where a union id belongs
    ],
)
async def test_a_todo_is_checked(api, change, message):
    answer = await api.new("POST", TODOS, {**TODO, **change})
    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_a_repeated_meeting_is_one_meeting(api, simulator):
    headers = {"x-client-token": "one-and-the-same"}
    first = (await api.new("POST", EVENTS, MEETING, headers=headers)).json()
    again = (await api.new("POST", EVENTS, MEETING, headers=headers)).json()
    other = (await api.new("POST", EVENTS, MEETING)).json()
    assert first["id"] == again["id"] != other["id"]
    assert first["attendees"][0]["responseStatus"] == "needsAction"
    assert len((await api.new("GET", EVENTS)).json()["events"]) == 2
    await api.new("DELETE", f"{EVENTS}/{other['id']}")
    assert list(simulator.agenda.events) == [first["id"]]


async def test_an_all_day_meeting_needs_dates(api):
    answer = await api.new("POST", EVENTS, {**MEETING, "isAllDay": True})
    assert answer.json()["code"] == "invalidParameter.start"


async def test_a_hundred_meetings_a_day(api):
    for _ in range(100):
        assert (await api.new("POST", EVENTS, MEETING)).status_code == 200
    assert (await api.new("POST", EVENTS, MEETING)).json()["code"] == "flowLimit"


async def test_check_ins_are_those_of_the_company(api, simulator):
    end = int(simulator.world.clock() * 1000)
    asked = {"userid_list": "lilei", "start_time": end - 9 * 86_400_000, "end_time": end}
    result = (await api.old("/topapi/checkin/record/get", {**asked, "cursor": 0, "size": 4}))[
        "result"
    ]
    assert len(result["page_list"]) == 4
    assert isinstance(result["page_list"][0]["latitude"], str)
    rest = (await api.old("/topapi/checkin/record/get", {**asked, "cursor": 4}))["result"]
    assert "next_cursor" not in rest
    assert result["next_cursor"] == 4
    query = {"department_id": 1, "start_time": asked["start_time"], "end_time": end}
    data = (await api.old("/checkin/record", **query))["data"]
    assert {record["userId"] for record in data} == {"lilei", "hanmeimei"}
    assert isinstance(data[0]["latitude"], float)


@pytest.mark.parametrize("users", ["", ",".join("abcdefghijk")])
async def test_a_question_for_check_ins_is_checked(api, users):
    answer = await api.old(
        "/topapi/checkin/record/get", {"userid_list": users, "start_time": 0, "end_time": 1}
    )
    assert answer["errcode"] == 40035


async def test_attendance_is_asked_a_week_at_a_time(api, simulator):
    china = timezone(timedelta(hours=8))
    today = datetime.fromtimestamp(simulator.world.clock(), china).replace(hour=0, minute=0)

    def day(back: int) -> str:
        return (today - timedelta(days=back)).strftime("%Y-%m-%d 00:00:00")

    shifts = {"workDateFrom": day(8), "workDateTo": day(1), "userIdList": ["lilei", "wang"]}
    listed = await api.old("/attendance/list", {**shifts, "offset": 0, "limit": 3})
    assert (len(listed["recordresult"]), listed["hasMore"]) == (3, True)
    punches = {"checkDateFrom": day(8), "checkDateTo": day(1), "userIds": ["lilei"]}
    found = (await api.old("/attendance/listRecord", punches))["recordresult"]
    assert {punch["checkType"] for punch in found} == {"OnDuty", "OffDuty"}
    assert found == (await api.old("/attendance/listRecord", punches))["recordresult"]
    long = {**punches, "checkDateFrom": day(9)}
    assert (await api.old("/attendance/listRecord", long))["errcode"] == 41041


@pytest.mark.parametrize(
    ("kind", "name", "content", "errcode"),
    [
        ("image", "a.png", b"x", 0),
        ("image", "a.exe", b"x", 40005),
        ("image", "a.png", b"", 40006),
        ("voice", "a.mp3", b"x" * (2 * 1024 * 1024 + 1), 40006),
        ("picture", "a.png", b"x", 40004),
    ],
)
async def test_an_upload_is_checked(api, simulator, kind, name, content, errcode):
    answer = await api.http.post(
        "/media/upload",
        params={"access_token": api.token, "type": kind},
        files={"media": (name, content, "application/octet-stream")},
    )
    assert answer.json()["errcode"] == errcode
    assert (answer.json().get("media_id") in simulator.media.uploaded) == (errcode == 0)


async def test_a_file_for_the_robot_is_lent_for_a_while(api, simulator, clock):
    code = simulator.media.sent_to_robot(b"an order")
    body = {"downloadCode": code, "robotCode": simulator.company.app.robot_code}
    url = (await api.new("POST", "/v1.0/robot/messageFiles/download", body)).json()["downloadUrl"]
    assert (await api.http.get(url)).content == b"an order"
    clock.ahead_s = 601
    assert (await api.http.get(url)).status_code == 403
    wrong = await api.new(
        "POST", "/v1.0/robot/messageFiles/download", {**body, "downloadCode": "x"}
    )
    assert wrong.json()["code"] == "invalidParameter.robotCode.downloadCode"


async def send(api, simulator, **where) -> str:
    path = "groupMessages/send" if "openConversationId" in where else "oToMessages/batchSend"
    body = {
        "robotCode": simulator.company.app.robot_code,
        "msgKey": "sampleText",
        "msgParam": '{"content":"早"}',
        **where,
    }
    return (await api.new("POST", f"/v1.0/robot/{path}", body)).json()["processQueryKey"]


async def test_a_robot_message_is_read_and_recalled(api, simulator, clock, host, door):
    door.reader = host.callbacks
    robot = simulator.company.app.robot_code
    key = await send(api, simulator, userIds=["lilei", "wang"])
    await simulator.read(heard_by(simulator, "lilei")[0].id)
    status = {"robotCode": robot, "processQueryKey": key}
    asked = (await api.new("GET", "/v1.0/robot/oToMessages/readStatus", **status)).json()
    states = {each["userId"]: each["readStatus"] for each in asked["messageReadInfoList"]}
    assert states == {"lilei": "READ", "wang": "UNREAD"}
    recall = {"robotCode": robot, "processQueryKeys": [key, "unknown"]}
    answer = (await api.new("POST", "/v1.0/robot/otoMessages/batchRecall", recall)).json()
    assert (answer["successResult"], list(answer["failedResult"])) == ([key], ["unknown"])
    assert heard_by(simulator, "wang")[0].done == "已撤回"
    clock.ahead_s = 25 * 3600
    api.token = (await api.http.get("/gettoken", params=_app(simulator))).json()["access_token"]
    late = (await api.new("POST", "/v1.0/robot/otoMessages/batchRecall", recall)).json()
    assert late["successResult"] == []


async def test_a_group_message_is_read_by_some(api, simulator):
    key = await send(api, simulator, openConversationId=GROUP)
    await simulator.read(heard_by(simulator, "wang")[0].id)
    body = {
        "robotCode": simulator.company.app.robot_code,
        "openConversationId": GROUP,
        "processQueryKey": key,
    }
    asked = (await api.new("POST", "/v1.0/robot/groupMessages/query", body)).json()
    assert asked["readUserIds"] == ["wang"]


async def test_a_work_notice_tells_who_read_it_and_is_recalled(api, simulator, host, door):
    door.reader = host.callbacks
    agent = simulator.company.app.agent_id
    under = "/topapi/message/corpconversation"
    notice = {"msgtype": "text", "text": {"content": "写日报"}}
    sent = await api.old(
        f"{under}/asyncsend_v2",
        {"agent_id": agent, "userid_list": "lilei,wang,nobody", "msg": notice},
    )
    await simulator.read(heard_by(simulator, "wang")[0].id)
    asked = {"agent_id": agent, "task_id": sent["task_id"]}
    result = (await api.old(f"{under}/getsendresult", asked))["send_result"]
    assert (result["read_user_id_list"], result["unread_user_id_list"]) == (["wang"], ["lilei"])
    assert result["invalid_user_id_list"] == ["nobody"]
    recall = {"agent_id": agent, "msg_task_id": sent["task_id"]}
    assert (await api.old(f"{under}/recall", recall))["errcode"] == 0
    assert heard_by(simulator, "lilei")[0].done == "已撤回"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"outTrackId": ""}, "param.outTrackIdEmpty"),
        ({"outTrackId": "x" * 65}, "param.outTrackIdInvalid"),
        ({"cardTemplateId": ""}, "param.cardTemplateIdEmpty"),
        ({"cardTemplateId": "x.schema"}, "param.templateNotExist"),
        ({"openSpaceId": ""}, "param.openSpaceIdEmpty"),
        ({"openSpaceId": "IM_ROBOT.lilei"}, "param.openSpaceIdInvalid"),
        ({"imRobotOpenDeliverModel": None}, "param.openDeliverModelEmpty"),
        ({"imRobotOpenDeliverModel": {"robotCode": "x"}}, "param.openDeliverModelError"),
    ],
)
async def test_a_card_is_checked(api, simulator, change, code):
    body = {**a_card(simulator), **change}
    answer = await api.new("POST", "/v1.0/card/instances/createAndDeliver", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_card_loses_what_an_update_does_not_name(api, simulator):
    await api.new("POST", "/v1.0/card/instances/createAndDeliver", a_card(simulator))
    update = {"outTrackId": "c-1", "cardData": {"cardParamMap": {"body": "新的"}}}
    by_key = {"cardUpdateOptions": {"updateCardDataByKey": True}}
    await api.new("PUT", "/v1.0/card/instances", {**update, **by_key})
    (line,) = heard_by(simulator, "lilei")
    assert (line.title, line.text) == ("华联", "新的")
    await api.new("PUT", "/v1.0/card/instances", update)
    assert (line.title, line.text) == ("", "新的")
    empty = await api.new("PUT", "/v1.0/card/instances", {"outTrackId": "c-1"})
    assert empty.json()["code"] == "param.cardDataAndPrivateDataBothEmpty"


async def test_a_card_grows_while_it_is_written(api, simulator):
    await api.new("POST", "/v1.0/card/instances/createAndDeliver", a_card(simulator))
    for content in ("第一段", "，第二段"):
        await api.new(
            "PUT", "/v1.0/card/streaming", {"outTrackId": "c-1", "key": "body", "content": content}
        )
    assert drawn(heard_by(simulator, "lilei")[0]).endswith("人民路第一段，第二段")


async def test_a_card_for_somebody_unknown_is_a_success_that_says_no(api, simulator):
    body = {**a_card(simulator), "openSpaceId": "dtv1.card//im_robot.nobody"}
    answer = await api.new("POST", "/v1.0/card/instances/createAndDeliver", body)
    (result,) = answer.json()["result"]["deliverResults"]
    assert (answer.status_code, result["success"]) == (200, False)
    again = await api.new("POST", "/v1.0/card/instances", body)
    assert again.json()["code"] == "param.cardAlreadyExist"


async def test_a_press_is_posted_to_the_registered_address(api, simulator, host, door):
    door.reader = host.callbacks
    register = {
        "callbackRouteKey": "waiqin",
        "callbackUrl": simulator.company.app.robot_url,
        "apiSecret": simulator.company.app.callback_token,
    }
    await api.new("POST", "/v1.0/card/callbacks/register", register)
    body = {**a_card(simulator), "callbackType": "HTTP", "callbackRouteKey": "waiqin"}
    await api.new("POST", "/v1.0/card/instances/createAndDeliver", body)
    (line,) = heard_by(simulator, "lilei")
    assert await simulator.press(line.id, "查 华联", "lilei") == 200
    assert [(event.says, event.card_id) for event in door.events] == [("查 华联", "c-1")]


def a_card(simulator):
    values = {
        "title": "华联",
        "body": "**地址**：人民路",
        "button1": "看",
        "button1_says": "查 华联",
    }
    return {
        "cardTemplateId": TEMPLATE,
        "outTrackId": "c-1",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": values},
        "openSpaceId": "dtv1.card//IM_ROBOT.lilei",
        "imRobotOpenDeliverModel": {"robotCode": simulator.company.app.robot_code},
    }


def _app(simulator) -> dict[str, str]:
    app = simulator.company.app
    return {"appkey": app.client_id, "appsecret": app.secret}
