"""What the app's robot sends: by itself, into a group, or as an answer in a conversation."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from .backstage import Backstage
from .bad_days import NOT_FOR_SESSIONS
from .drawing import Drawn, card_links, draw_markdown, draw_text
from .gate import Call, NewNo, OldNo, mandatory

MOST_USERS = 20
PARAM_BYTES = 15_000
SESSION_LIFE_S = 5400
BUTTONS_OF = {f"sampleActionCard{n}": ("actionTitle", "actionURL", n) for n in range(2, 6)} | {
    "sampleActionCard6": ("buttonTitle", "buttonUrl", 2)
}


class Robots:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def routes(self) -> list[Route]:
        gate = self._backstage.gate
        return [
            gate.new("/v1.0/robot/oToMessages/batchSend", self._to_members),
            gate.new("/v1.0/robot/groupMessages/send", self._into_group),
            gate.old(
                "/robot/sendBySession",
                self._answer,
                needs_token=False,
                immune=NOT_FOR_SESSIONS,
            ),
        ]

    def session(self, user_id: str, conversation_id: str) -> tuple[str, int]:
        """The reply address of a conversation, and until when it lives (milliseconds)."""
        whose = json.dumps([user_id, conversation_id])
        session = self._backstage.purse.lend("session", whose, SESSION_LIFE_S)
        url = f"{self._backstage.base_url}/robot/sendBySession?session={session}"
        return url, self._backstage.now_ms + SESSION_LIFE_S * 1000

    def _to_members(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "userIds", "msgKey", "msgParam")
        self._check_robot(call)
        user_ids = call.body["userIds"]
        if not isinstance(user_ids, list) or not user_ids:
            raise NewNo(400, "invalidParameter.userIds.empty", "userIds不能为空")
        if len(user_ids) > MOST_USERS:
            raise NewNo(400, "invalidParameter.userIds.overMax", "userIds个数超过最大限制100")
        drawn = _drawn(call)
        known = [user_id for user_id in user_ids if self._backstage.person(str(user_id))]
        held = [user_id for user_id in known if user_id in self._backstage.switches.flow_controlled]
        key = secrets.token_urlsafe(18)
        if not call.dropped:
            reached = [user_id for user_id in known if user_id not in held]
            self._backstage.deliver(reached, drawn, call.body, handle=key)
        return {
            "processQueryKey": key,
            "invalidStaffIdList": [user_id for user_id in user_ids if user_id not in known],
            "flowControlledStaffIdList": held,
        }

    def _into_group(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "openConversationId", "msgKey", "msgParam")
        self._check_robot(call)
        group = call.body["openConversationId"]
        if group not in self._backstage.company.groups:
            raise NewNo(400, "invalid.openConversationId", "无效的openConversationId")
        drawn = _drawn(call)
        key = secrets.token_urlsafe(18)
        if not call.dropped:
            self._backstage.deliver(
                self._backstage.everybody(), drawn, call.body, handle=key, conversation_id=group
            )
        return {"processQueryKey": key}

    def _check_robot(self, call: Call) -> None:
        if call.body["robotCode"] != self._backstage.company.app.robot_code:
            raise NewNo(400, "invalidParameter.robotCode.notExsit", "robot 不存在")

    def _answer(self, call: Call) -> dict[str, Any]:
        purse = self._backstage.purse
        lent = purse.find(call.query.get("session", ""), "session")
        if lent is None or not purse.is_alive(lent):
            raise OldNo(300001, "session 不存在")
        drawn = draw_answer(call.body)
        user_id, group = json.loads(lent.whose)
        if drawn and not call.dropped:
            heard_by = self._backstage.everybody() if group else [user_id]
            self._backstage.deliver(heard_by, drawn, call.body, conversation_id=group)
        return {}


def _drawn(call: Call) -> Drawn:
    raw = call.body["msgParam"]
    # A JSON string inside the JSON: an object in its place is what everybody tries first.
    if not isinstance(raw, str):
        raise NewNo(400, "invalidParameter.msgParam.invalid", "msgParam不是JSON字符串")
    if len(raw.encode()) > PARAM_BYTES:
        raise NewNo(400, "invalidParameter.msgParam.tooLong", "msgParam超长")
    try:
        values = json.loads(raw)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise NewNo(400, "invalidParameter.msgParam.invalid", "msgParam不是JSON字符串")
    return _draw_robot_message(str(call.body["msgKey"]), values)


def _draw_robot_message(key: str, values: Mapping[str, Any]) -> Drawn:
    match key:
        case "sampleText":
            return draw_text(_needed(values, "content"))
        case "sampleMarkdown":
            return draw_markdown("markdown", _needed(values, "title"), _needed(values, "text"), [])
        case "sampleLink":
            links = [(_needed(values, "title"), _needed(values, "messageUrl"))]
            return draw_markdown("card", _needed(values, "title"), _needed(values, "text"), links)
        case "sampleActionCard":
            links = [(_needed(values, "singleTitle"), _needed(values, "singleURL"))]
        case _ if key in BUTTONS_OF:
            title, url, count = BUTTONS_OF[key]
            links = [
                (_needed(values, f"{title}{n}"), _needed(values, f"{url}{n}"))
                for n in range(1, count + 1)
            ]
        case "sampleImageMsg" | "sampleAudio" | "sampleFile" | "sampleVideo":
            return draw_text(f"[{key}]")
        case _:
            raise NewNo(400, "invalidParameter.msgKey.invalid", "无效的msgKey")
    return draw_markdown("card", _needed(values, "title"), _needed(values, "text"), links)


def _needed(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise NewNo(400, f"miss.param.{name}", f"缺少参数 {name}")
    return value


def draw_answer(body: Mapping[str, Any]) -> Drawn | None:
    """A message in the shape of the reply address; None for the empty one."""
    kind = body.get("msgtype")
    inner = body.get(str(kind))
    if kind == "empty":
        return None
    if kind not in ("text", "markdown", "actionCard", "link") or not isinstance(inner, dict):
        raise OldNo(400402, "缺少参数 msgtype")
    if kind == "text":
        return draw_text(_given(inner, "content"))
    title, text = _given(inner, "title"), _given(inner, "text")
    if kind == "markdown":
        return draw_markdown("markdown", title, text, [])
    if kind == "link":
        return draw_markdown("card", title, text, [(title, _given(inner, "messageUrl"))])
    links = card_links(inner, ("singleTitle", "singleURL")) or [
        (_given(each, "title"), _given(each, "actionURL")) for each in inner.get("btns") or []
    ]
    if not links:
        raise OldNo(400402, "缺少参数 btns")
    return draw_markdown("card", title, text, links)


def _given(values: Any, name: str) -> str:
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, str) or not value:
        raise OldNo(400402, f"缺少参数 {name}")
    return value


def opaque(value: str) -> str:
    """An id that only DingTalk can read."""
    digest = base64.b64encode(hashlib.sha256(value.encode()).digest()).decode()
    return f"$:LWCP_v1:${digest}"


def conversation_id_of(corp_id: str, user_id: str) -> str:
    """The one-to-one chat of this member with the robot."""
    digest = hashlib.sha256(f"{corp_id}/{user_id}".encode()).digest()[:16]
    return "cid" + base64.b64encode(digest).decode()
