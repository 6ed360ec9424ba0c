"""Taking a message of the app back ("撤回应用消息"). WeCom tells nobody what became of one."""

from field_ops.host.deliveries import Delivered
from field_ops.host.platform import Recipient

from .client import WecomClient


class WecomDelivery:
    """The port's `Delivery`."""

    tells = False

    def __init__(self, client: WecomClient) -> None:
        self._client = client

    async def look(self, to: Recipient, host_message_id: str) -> Delivered | None:
        return None

    async def recall(self, to: Recipient, host_message_id: str) -> None:
        await self._client.post("message/recall", {"msgid": host_message_id})
