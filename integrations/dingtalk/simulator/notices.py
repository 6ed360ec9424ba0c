"""Work notices ("工作通知"): accepted at once, silently not delivered above a limit."""

import itertools
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from starlette.routing import Route

from integrations.sandbox.world import Heard

from .afterwards import RECALL_WITHIN_S, RECALLED
from .backstage import Backstage
from .drawing import Drawn, card_links, draw_markdown, draw_text
from .gate import Call, OldNo, whole

CHINA = timezone(timedelta(hours=8))
MOST_USERS = 100
MSG_BYTES = 2048
PER_DAY = 500
SAME_TODAY, TOO_MANY_TODAY, FORBIDDEN = "143106", "143105", "1430002"


@dataclass(slots=True)
class Task:
    """What became of one notice. `forbidden`: reason by member."""

    invalid: list[str] = field(default_factory=list)
    forbidden: dict[str, str] = field(default_factory=dict)
    delivered: list[str] = field(default_factory=list)
    lines: list[Heard] = field(default_factory=list)


class Notices:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._tasks: dict[int, Task] = {}
        self._task_ids = itertools.count(256271667526)
        self._seen: set[tuple[str, str, str]] = set()  # day, member, content
        self._sent: Counter[tuple[str, str]] = Counter()  # day, member

    def routes(self) -> list[Route]:
        old, under = self._backstage.gate.old, "/topapi/message/corpconversation"
        return [
            old(f"{under}/asyncsend_v2", self._send),
            old(f"{under}/getsendprogress", self._progress),
            old(f"{under}/getsendresult", self._result),
            old(f"{under}/recall", self._recall),
        ]

    def _send(self, call: Call) -> dict[str, Any]:
        self._check_agent(call)
        user_ids = self._recipients(call)
        message = _message(call)
        drawn = draw_notice(message)
        task_id, task = next(self._task_ids), Task()
        self._tasks[task_id] = task
        for user_id in user_ids:
            if self._backstage.person(user_id) is None:
                task.invalid.append(user_id)
            elif reason := self._held_back(user_id, message):
                task.forbidden[user_id] = reason
            else:
                task.delivered.append(user_id)
        if not call.dropped:
            task.lines = self._backstage.deliver(
                task.delivered, drawn, call.body, handle=str(task_id)
            )
        return {"task_id": task_id}

    def _held_back(self, user_id: str, message: Mapping[str, Any]) -> str:
        moment = datetime.fromtimestamp(self._backstage.clock(), UTC)
        day = moment.astimezone(CHINA).date().isoformat()
        content = (day, user_id, json.dumps(message, sort_keys=True))
        if content in self._seen:
            return SAME_TODAY
        said = json.dumps(message, ensure_ascii=False)
        if any(word in said for word in self._backstage.switches.forbidden_words):
            return FORBIDDEN
        if self._sent[day, user_id] >= PER_DAY:
            return TOO_MANY_TODAY
        self._seen.add(content)
        self._sent[day, user_id] += 1
        return ""

    def _recipients(self, call: Call) -> list[str]:
        if str(call.body.get("to_all_user", "")).lower() == "true":
            return self._backstage.everybody()
        given = call.body.get("userid_list") or ""
        if not isinstance(given, str):
            raise OldNo(40035, "不合法的参数 userid_list")
        user_ids = [user_id for user_id in given.split(",") if user_id]
        if not user_ids:
            raise OldNo(40035, "userid_list、dept_id_list、to_all_user 必须有一个不能为空")
        if len(user_ids) > MOST_USERS:
            raise OldNo(40035, "userid_list 最大用户列表长度为100")
        return user_ids

    def _progress(self, call: Call) -> dict[str, Any]:
        self._task(call)
        return {"progress": {"progress_in_percent": 100, "status": 2}}

    def _result(self, call: Call) -> dict[str, Any]:
        task = self._task(call)
        return {
            "send_result": {
                "invalid_user_id_list": task.invalid,
                "forbidden_user_id_list": list(task.forbidden),
                "failed_user_id_list": [],
                "read_user_id_list": [line.user_id for line in task.lines if self._is_read(line)],
                "unread_user_id_list": [
                    line.user_id for line in task.lines if not self._is_read(line)
                ],
                "invalid_dept_id_list": [],
                "forbidden_list": [
                    {"code": code, "count": 1, "userid": user_id}
                    for user_id, code in task.forbidden.items()
                ],
            }
        }

    def _recall(self, call: Call) -> dict[str, Any]:
        task = self._task(call, "msg_task_id")
        if any(line.at < self._backstage.clock() - RECALL_WITHIN_S for line in task.lines):
            raise OldNo(400002, "消息已超过24小时")
        for line in task.lines if not call.dropped else ():
            line.done, line.text, line.buttons = RECALLED, "", []
            self._backstage.world.touch(line)
        return {}

    def _is_read(self, line: Heard) -> bool:
        return line.id in self._backstage.read

    def _task(self, call: Call, name: str = "task_id") -> Task:
        self._check_agent(call)
        task = self._tasks.get(whole(call, name))
        if task is None:
            raise OldNo(40035, f"不合法的参数 {name}")
        return task

    def _check_agent(self, call: Call) -> None:
        if whole(call, "agent_id") != self._backstage.company.app.agent_id:
            raise OldNo(40056, "不合法的agentid")


def _message(call: Call) -> Mapping[str, Any]:
    """An object, or a JSON string of one where the body is a form."""
    message = call.body.get("msg")
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except ValueError:
            message = None
    if not isinstance(message, dict):
        raise OldNo(40035, "不合法的参数 msg")
    if len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()) > MSG_BYTES:
        raise OldNo(40035, "消息体超过2048字节")
    return message


def draw_notice(message: Mapping[str, Any]) -> Drawn:
    kind = str(message.get("msgtype", ""))
    inner = message.get(kind)
    if kind not in ("text", "markdown", "action_card", "link") or not isinstance(inner, dict):
        raise OldNo(40035, "不合法的参数 msgtype")
    if kind == "text":
        return draw_text(_given(inner, "content"))
    title = _given(inner, "title")
    if kind == "markdown":
        return draw_markdown("markdown", title, _given(inner, "text"), [])
    if kind == "link":
        links = [(title, _given(inner, "messageUrl"))]
        return draw_markdown("card", title, _given(inner, "text"), links)
    links = card_links(inner, ("single_title", "single_url")) or [
        (_given(each, "title"), _given(each, "action_url"))
        for each in inner.get("btn_json_list") or []
    ]
    if not links:
        raise OldNo(40035, "不合法的参数 btn_json_list")
    return draw_markdown("card", title, _given(inner, "markdown"), links)


def _given(values: Any, name: str) -> str:
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, str) or not value:
        raise OldNo(40035, f"不合法的参数 {name}")
    return value
