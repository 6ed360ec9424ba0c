"""What became of a message, and taking it back.

Robot messages and cards: "批量查询人与机器人会话机器人消息是否已读" and "批量撤回…"; work notices:
"获取工作通知消息的发送结果" and "撤回工作通知消息". DingTalk says `ok` to a notice that it drops;
only its result tells.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from field_ops.host.deliveries import Delivered
from field_ops.host.errors import HostRefused
from field_ops.host.platform import Recipient

from . import lenient
from .client import DingtalkClient

NOTICES = "topapi/message/corpconversation"
UNDONE = {"RECALLED": "recalled", "PROCESSING": "on_its_way"}


class DingtalkDelivery:
    """The port's `Delivery`. A work notice has a number for an id, everything else a key."""

    tells = True

    def __init__(self, client: DingtalkClient, *, robot_code: str, agent_id: str) -> None:
        self._client = client
        self._robot_code = robot_code
        self._agent_id = int(agent_id)

    async def look(self, to: Recipient, host_message_id: str) -> Delivered | None:
        if host_message_id.isdecimal():
            return await self._look_at_notice(to, host_message_id)
        if _group_of(to):  # a group has many readers, and none of them is whom it was for
            return None
        asked = urlencode({"robotCode": self._robot_code, "processQueryKey": host_message_id})
        path = f"v1.0/robot/oToMessages/readStatus?{asked}"
        answer = await self._client.api(path, method="GET")
        if state := UNDONE.get(lenient.text(answer, "sendStatus")):
            return Delivered(state)
        readers = lenient.mappings(answer, "messageReadInfoList")
        read = any(lenient.text(one, "readStatus") == "READ" for one in readers)
        return Delivered("read" if read else "delivered")

    async def recall(self, to: Recipient, host_message_id: str) -> None:
        if host_message_id.isdecimal():
            notice = {"agent_id": self._agent_id, "msg_task_id": int(host_message_id)}
            await self._client.oapi(f"{NOTICES}/recall", notice, changes=True)
            return
        body: dict[str, Any] = {
            "robotCode": self._robot_code,
            "processQueryKeys": [host_message_id],
        }
        path = "v1.0/robot/otoMessages/batchRecall"  # the small t is DingTalk's
        if group := _group_of(to):
            path = "v1.0/robot/groupMessages/recall"
            body["openConversationId"] = group
        answer = await self._client.api(path, body, changes=True)
        if reason := lenient.text(lenient.mapping(answer, "failedResult"), host_message_id):
            raise HostRefused(reason, code="recall")

    async def _look_at_notice(self, to: Recipient, task_id: str) -> Delivered:
        body = {"agent_id": self._agent_id, "task_id": int(task_id)}
        answer = await self._client.oapi(f"{NOTICES}/getsendresult", body)
        result = lenient.mapping(answer, "send_result")
        for forbidden in lenient.mappings(result, "forbidden_list"):
            return Delivered("dropped", lenient.text(forbidden, "code"))
        for part in ("invalid_user_id_list", "forbidden_user_id_list", "failed_user_id_list"):
            if to.host_user_id in lenient.texts(result, part):
                return Delivered("dropped", part.removesuffix("_user_id_list"))
        return _as_read(result, to.host_user_id)


def _as_read(result: Mapping[str, Any], user_id: str) -> Delivered:
    if user_id in lenient.texts(result, "read_user_id_list"):
        return Delivered("read")
    arrived = user_id in lenient.texts(result, "unread_user_id_list")
    return Delivered("delivered" if arrived else "on_its_way")


def _group_of(to: Recipient) -> str:
    talk = to.conversation
    return talk.id if talk is not None and talk.kind == "group" else ""
