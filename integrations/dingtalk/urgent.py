"""DING in the app as the service `urgent` ("发送DING消息"). SMS and calls cost money: not used.

A DING is a right of the paid editions, bought in packages. What is over is refused, and the message
that was sent beside it stands alone.
"""

from collections.abc import Sequence

from field_ops.host.errors import HostRefused
from field_ops.host.messages import clipped
from field_ops.host.services import Colleague
from field_ops.texts import Text

from . import lenient
from .client import DingtalkClient

IN_APP = 1
MOST_RECEIVERS = 200
LONGEST_BYTES = 1_500  # the page gives no figure; what rings must be short anyway
# Asked about a DING that was never sent: the permission and the robot are looked at first.
NEVER_SENT = "never-sent"
NO_SUCH_DING = ("recall.ding.exception", "send.ding.exception", "invalidParameter.param.invalid")
WANTS = Text(
    "需要钉钉专业版或专属版的 DING 权益，并在开发者后台「权限管理」里开通 DING 发送权限"
    "（Premium.Ding.Write）。",
    "Needs a paid edition of DingTalk with DINGs left; in the developer console, grant "
    "Premium.Ding.Write.",
)


class DingtalkUrgent:
    """The port's `Urgent`. DingTalk has no duplicate check for DINGs, so `once` is not told it."""

    wants = WANTS

    def __init__(self, client: DingtalkClient, robot_code: str) -> None:
        self._client = client
        self._robot_code = robot_code

    async def look(self, somebody: Colleague) -> None:
        body = {"robotCode": self._robot_code, "openDingId": NEVER_SENT}
        try:
            await self._client.api("v1.0/robot/ding/recall", body, changes=True)
        except HostRefused as refused:
            if refused.code not in NO_SUCH_DING:
                raise

    async def remind(self, host_user_ids: Sequence[str], text: str, *, once: str) -> str:
        if not 0 < len(host_user_ids) <= MOST_RECEIVERS:
            raise HostRefused("a DING has 1 to 200 receivers", code="ding.receivercount.limit")
        answer = await self._client.api(
            "v1.0/robot/ding/send",
            {
                "robotCode": self._robot_code,
                "remindType": IN_APP,
                "receiverUserIdList": list(host_user_ids),
                "content": clipped(text, LONGEST_BYTES),
            },
            changes=True,
        )
        failed = lenient.mapping(answer, "failedList")
        missed = {user_id for why in failed for user_id in lenient.texts(failed, why)}
        if missed >= set(host_user_ids):
            raise HostRefused(f"reached nobody: {', '.join(map(str, failed))}", code="failedList")
        return lenient.text(answer, "openDingId")
