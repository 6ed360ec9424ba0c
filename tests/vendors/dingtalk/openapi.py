"""DingTalk's own Python SDK of its new-style API, asked one thing after the other.

Says on standard output what was answered, a JSON a line.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from alibabacloud_dingtalk.calendar_1_0 import models as calendar
from alibabacloud_dingtalk.calendar_1_0.client import Client as CalendarClient
from alibabacloud_dingtalk.card_1_0 import models as card
from alibabacloud_dingtalk.card_1_0.client import Client as CardClient
from alibabacloud_dingtalk.contact_1_0 import models as contact
from alibabacloud_dingtalk.contact_1_0.client import Client as ContactClient
from alibabacloud_dingtalk.oauth2_1_0 import models as oauth2
from alibabacloud_dingtalk.oauth2_1_0.client import Client as OauthClient
from alibabacloud_dingtalk.robot_1_0 import models as robot
from alibabacloud_dingtalk.robot_1_0.client import Client as RobotClient
from alibabacloud_dingtalk.todo_1_0 import models as todo
from alibabacloud_dingtalk.todo_1_0.client import Client as TodoClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from Tea.exceptions import TeaException

ENDPOINT, CLIENT_ID, SECRET, CORP_ID, ROBOT, TEMPLATE, UNION_ID = sys.argv[1:]
CONFIG = Config(protocol="http", endpoint=ENDPOINT.removeprefix("http://"))
ONCE = RuntimeOptions(autoretry=False)


def tell(what: str, ask: Callable[[], Any]) -> Any:
    try:
        answer = ask().body.to_map()
    except TeaException as refused:
        answer = {"code": refused.code, "message": refused.message}
    print(json.dumps({"what": what, "answer": answer}), flush=True)
    return answer


def with_token(headers: Any, token: str) -> Any:
    headers.x_acs_dingtalk_access_token = token
    return headers


def main() -> None:
    oauth, contacts = OauthClient(CONFIG), ContactClient(CONFIG)
    robots, cards, todos = RobotClient(CONFIG), CardClient(CONFIG), TodoClient(CONFIG)
    asked = oauth2.GetAccessTokenRequest(app_key=CLIENT_ID, app_secret=SECRET)
    token = tell("token", lambda: oauth.get_access_token(asked))["accessToken"]
    wrong = oauth2.GetAccessTokenRequest(app_key=CLIENT_ID, app_secret="wrong")
    tell("wrong secret", lambda: oauth.get_access_token(wrong))
    unified = oauth2.GetTokenRequest(CLIENT_ID, SECRET, "client_credentials")
    tell("unified token", lambda: oauth.get_token(CORP_ID, unified))

    departments = contact.SearchDepartmentRequest(query_word="销售", offset=0, size=10)
    headers = with_token(contact.SearchDepartmentHeaders(), token)
    tell(
        "departments",
        lambda: contacts.search_department_with_options(departments, headers, ONCE),
    )
    users = contact.SearchUserRequest(query_word="李雷", offset=0, size=10)
    users_headers = with_token(contact.SearchUserHeaders(), token)
    tell("users", lambda: contacts.search_user_with_options(users, users_headers, ONCE))
    user_headers = with_token(contact.GetUserHeaders(), token)
    tell("user", lambda: contacts.get_user_with_options(UNION_ID, user_headers, ONCE))

    words = json.dumps({"content": "早上好"})
    message = robot.BatchSendOTORequest(
        robot_code=ROBOT, user_ids=["lilei", "nobody"], msg_key="sampleText", msg_param=words
    )
    robot_headers = with_token(robot.BatchSendOTOHeaders(), token)
    send = robots.batch_send_otowith_options
    key = tell("message", lambda: send(message, robot_headers, ONCE))["processQueryKey"]
    bad = with_token(robot.BatchSendOTOHeaders(), "not a token")
    tell("bad token", lambda: send(message, bad, ONCE))
    recall = robot.BatchRecallOTORequest(robot_code=ROBOT, process_query_keys=[key])
    recall_headers = with_token(robot.BatchRecallOTOHeaders(), token)
    tell("recall", lambda: robots.batch_recall_otowith_options(recall, recall_headers, ONCE))

    ding = robot.RobotSendDingRequest(
        robot_code=ROBOT,
        remind_type=1,
        receiver_user_id_list=["lilei", "nobody"],
        content="三天没有交接",
    )
    ding_headers = with_token(robot.RobotSendDingHeaders(), token)
    sent = tell("ding", lambda: robots.robot_send_ding_with_options(ding, ding_headers, ONCE))
    taken_back = robot.RobotRecallDingRequest(robot_code=ROBOT, open_ding_id=sent["openDingId"])
    back_headers = with_token(robot.RobotRecallDingHeaders(), token)
    recall_ding = robots.robot_recall_ding_with_options
    tell("ding recall", lambda: recall_ding(taken_back, back_headers, ONCE))

    made = card.CreateAndDeliverRequest(
        card_template_id=TEMPLATE,
        out_track_id="from-the-sdk",
        callback_type="STREAM",
        card_data=card.CreateAndDeliverRequestCardData({"title": "华联", "body": "三家"}),
        open_space_id="dtv1.card//IM_ROBOT.lilei",
        im_robot_open_space_model=card.CreateAndDeliverRequestImRobotOpenSpaceModel(),
        im_robot_open_deliver_model=card.CreateAndDeliverRequestImRobotOpenDeliverModel(
            robot_code=ROBOT, space_type="IM_ROBOT"
        ),
    )
    card_headers = with_token(card.CreateAndDeliverHeaders(), token)
    tell("card", lambda: cards.create_and_deliver_with_options(made, card_headers, ONCE))
    update = card.UpdateCardRequest(
        out_track_id="from-the-sdk",
        card_data=card.UpdateCardRequestCardData({"body": "四家"}),
        card_update_options=card.UpdateCardRequestCardUpdateOptions(update_card_data_by_key=True),
    )
    update_headers = with_token(card.UpdateCardHeaders(), token)
    tell("update", lambda: cards.update_card_with_options(update, update_headers, ONCE))

    task = todo.CreateTodoTaskRequest(
        operator_id=UNION_ID,
        source_id="visit-42",
        subject="拜访 华联",
        creator_id=UNION_ID,
        executor_ids=[UNION_ID],
        detail_url=todo.CreateTodoTaskRequestDetailUrl("https://a.example/", "https://a.example/"),
    )
    todo_headers = with_token(todo.CreateTodoTaskHeaders(), token)
    for what in ("todo", "same todo"):
        tell(
            what,
            lambda: todos.create_todo_task_with_options(UNION_ID, task, todo_headers, ONCE),
        )
    keep_calendar(CalendarClient(CONFIG), token)


def keep_calendar(calendars: Any, token: str) -> None:
    """One event by two equal questions, read and deleted."""
    ten, eleven = ("2026-03-11T10:00:00+08:00", "2026-03-11T11:00:00+08:00")
    event = calendar.CreateEventRequest(
        summary="拜访 华联",
        start=calendar.CreateEventRequestStart(date_time=ten, time_zone="Asia/Shanghai"),
        end=calendar.CreateEventRequestEnd(date_time=eleven, time_zone="Asia/Shanghai"),
        extra={"noPushNotification": "true"},
        reminders=[],
    )
    headers = with_token(calendar.CreateEventHeaders(x_client_token="visit-42"), token)
    make = calendars.create_event_with_options
    for what in ("event", "same event"):
        made = tell(what, lambda: make(UNION_ID, "primary", event, headers, ONCE))
    asked = calendar.ListEventsRequest(time_min=ten, time_max=eleven, max_results=10)
    reading = with_token(calendar.ListEventsHeaders(), token)
    tell(
        "events",
        lambda: calendars.list_events_with_options(UNION_ID, "primary", asked, reading, ONCE),
    )
    deleting = with_token(calendar.DeleteEventHeaders(), token)
    for _ in range(2):
        delete_event(calendars, made["id"], deleting)


def delete_event(calendars: Any, event_id: str, headers: Any) -> None:
    """Deleting has an answer without a body, so its status is told."""
    request = calendar.DeleteEventRequest()
    try:
        delete = calendars.delete_event_with_options
        answer = delete(UNION_ID, "primary", event_id, request, headers, ONCE)
        told = {"status": answer.status_code}
    except TeaException as refused:
        told = {"code": refused.code, "message": refused.message}
    print(json.dumps({"what": "deleted", "answer": told}), flush=True)


main()
