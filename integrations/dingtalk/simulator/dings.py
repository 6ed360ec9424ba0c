"""DING: what a robot says so that nobody misses it ("发送DING消息", "撤回已经发送的DING消息")."""

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.routing import Route

from .backstage import Backstage
from .drawing import draw_text
from .gate import Call, NewNo, mandatory

IN_APP, SMS, CALL = 1, 2, 3
MOST_RECEIVERS = {IN_APP: 200, SMS: 20, CALL: 20}
PER_MINUTE = 6_000


@dataclass(slots=True)
class Ding:
    """One that was sent. `lines` are what its receivers see."""

    id: str
    user_ids: list[str]
    content: str
    lines: list[int]
    recalled: bool = False


class Dings:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._lately: deque[float] = deque()
        self.sent: list[Ding] = []

    def routes(self) -> list[Route]:
        new = self._backstage.gate.new
        return [
            new("/v1.0/robot/ding/send", self._send),
            new("/v1.0/robot/ding/recall", self._recall),
        ]

    def _send(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "remindType", "receiverUserIdList", "content")
        self._check_robot(call)
        kind, user_ids = call.body["remindType"], call.body["receiverUserIdList"]
        if kind not in MOST_RECEIVERS or not isinstance(user_ids, list):
            raise NewNo(400, "invalidParameter.param.invalid", "参数不合法 remindType")
        if not user_ids or not str(call.body["content"]).strip():
            raise NewNo(400, "miss.staffId", "miss.staffId receiverUserIdList")
        if len(user_ids) > MOST_RECEIVERS[kind]:
            raise NewNo(400, "ding.receivercount.limit", "ding receiver count limit")
        self._check_pace()
        known = [str(user_id) for user_id in user_ids if self._backstage.person(str(user_id))]
        if not known:
            raise NewNo(400, "miss.staffId", f"miss.staffId {user_ids}")
        self._pay(len(known))
        unknown = [str(user_id) for user_id in user_ids if str(user_id) not in known]
        ding = Ding(secrets.token_hex(12), known, str(call.body["content"]), [])
        if not call.dropped:
            ding.lines = self._deliver(ding, call)
            self.sent.append(ding)
        failed = {"failedList": {"invalid staffId": unknown}} if unknown else {}
        return {"openDingId": ding.id, **failed}

    def _deliver(self, ding: Ding, call: Call) -> list[int]:
        drawn = draw_text(f"DING：{ding.content}")
        return [
            line.id
            for line in self._backstage.deliver(ding.user_ids, drawn, call.body, handle=ding.id)
        ]

    def _recall(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "openDingId")
        self._check_robot(call)
        ding = next((one for one in self.sent if one.id == call.body["openDingId"]), None)
        if ding is None:
            raise NewNo(400, "recall.ding.exception", "recall.ding.exception")
        ding.recalled = True
        for line_id in ding.lines:
            line = self._backstage.world.line(line_id)
            line.done, line.text, line.buttons = "已撤回", "", []
            self._backstage.world.touch(line)
        return {"openDingId": ding.id}

    def _check_robot(self, call: Call) -> None:
        if call.body["robotCode"] != self._backstage.company.app.robot_code:
            raise NewNo(400, "invalid.chatbotId", f"invalid.chatbotId {call.body['robotCode']}")

    def _check_pace(self) -> None:
        now = self._backstage.clock()
        while self._lately and self._lately[0] <= now - 60:
            self._lately.popleft()
        if len(self._lately) >= PER_MINUTE:
            raise NewNo(400, "toomuch.msg", "send too fast")
        self._lately.append(now)

    def _pay(self, receivers: int) -> None:
        left = self._backstage.switches.dings_left
        if left is None:
            return
        if left < receivers:
            raise NewNo(400, "ding.serverquota.insufficient", "ding server quota insufficient")
        self._backstage.switches.dings_left = left - receivers
