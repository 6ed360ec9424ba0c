"""What became of a robot's message: recalled within a day, read or not ("撤回", "查询已读状态")."""

from typing import Any

from starlette.routing import Route

from integrations.sandbox.world import Heard

from .backstage import Backstage
from .gate import Call, NewNo, mandatory

RECALL_WITHIN_S = 24 * 3600
MOST_KEYS = 20
RECALLED = "已撤回"


class Afterwards:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def routes(self) -> list[Route]:
        new, under = self._backstage.gate.new, "/v1.0/robot"
        return [
            # The small t is DingTalk's.
            new(f"{under}/otoMessages/batchRecall", self._recall),
            new(f"{under}/groupMessages/recall", self._recall),
            new(f"{under}/oToMessages/readStatus", self._read_by_members, method="GET"),
            new(f"{under}/groupMessages/query", self._read_in_group),
        ]

    def _recall(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "processQueryKeys")
        self._check_robot(call.body["robotCode"])
        keys = [str(key) for key in call.body["processQueryKeys"]]
        if not 0 < len(keys) <= MOST_KEYS:
            raise NewNo(400, "invalidParameter.processQueryKeys", "processQueryKeys个数错误")
        recalled: list[str] = []
        failed: dict[str, str] = {}
        for key in keys:
            lines = self._lines(key)
            if not lines:
                failed[key] = "processQueryKey不存在"
            elif lines[0].at < self._backstage.clock() - RECALL_WITHIN_S:
                failed[key] = "消息已超过24小时"
            else:
                recalled.append(key)
                for line in lines if not call.dropped else ():
                    line.done, line.text, line.buttons = RECALLED, "", []
                    self._backstage.world.touch(line)
        return {"successResult": recalled, "failedResult": failed}

    def _read_by_members(self, call: Call) -> dict[str, Any]:
        self._check_robot(call.query.get("robotCode"))
        lines = self._known(call.query.get("processQueryKey", ""))
        return {
            "sendStatus": _status(lines),
            "messageReadInfoList": [
                {
                    "name": self._backstage.company.people[line.user_id].name,
                    "userId": line.user_id,
                    "readStatus": "READ" if line.id in self._backstage.read else "UNREAD",
                }
                for line in lines
            ],
        }

    def _read_in_group(self, call: Call) -> dict[str, Any]:
        mandatory(call, "robotCode", "openConversationId", "processQueryKey")
        self._check_robot(call.body["robotCode"])
        lines = self._known(str(call.body["processQueryKey"]))
        read = [line.user_id for line in lines if line.id in self._backstage.read]
        return {"sendStatus": _status(lines), "readUserIds": read, "hasMore": False}

    def _check_robot(self, robot_code: object) -> None:
        if robot_code != self._backstage.company.app.robot_code:
            raise NewNo(400, "invalidParameter.robotCode.notExsit", "robot 不存在")

    def _known(self, key: str) -> list[Heard]:
        lines = self._lines(key)
        if not lines:
            raise NewNo(400, "robot.processQueryKey.expired", "processQueryKey已过期")
        return lines

    def _lines(self, key: str) -> list[Heard]:
        return [line for line in self._backstage.world.heard if key and line.handle == key]


def _status(lines: list[Heard]) -> str:
    return "RECALLED" if lines[0].done == RECALLED else "SUCCESS"
