"""Which of DingTalk's ways a message takes, and what comes back.

An answer goes through the conversation's own reply address while that lives: it costs no quota.
Else the robot sends by itself, to the member or into the group: a card as an interactive card where
there is a template, anything else as a robot message. Without a robot code there remains the work
notice, a message of the app itself.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from field_ops.host.errors import HostBusy, HostRefused
from field_ops.host.events import Conversation
from field_ops.host.messages import Card, Message
from field_ops.host.platform import Receipt, Recipient
from field_ops.logs import log

from . import lenient, payloads
from .cards import DingtalkCards, is_about_the_card
from .client import DingtalkClient, SessionOver

# The address lives about 90 minutes. The clocks of two companies differ, so stop a little earlier.
REPLY_MARGIN = timedelta(minutes=5)
FLOW_CONTROL_S = 60.0


class DingtalkMessenger:
    """The port's `Messenger`. `now` decides only whether a reply address is still worth trying."""

    def __init__(
        self,
        client: DingtalkClient,
        *,
        robot_code: str,
        agent_id: str,
        cards: DingtalkCards | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._robot_code = robot_code
        self._agent_id = agent_id
        self._cards = cards
        self._now = now

    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        if to.conversation and self._can_answer(to.conversation):
            try:
                await self._client.reply(to.conversation.reply_to, payloads.answer(message))
                return Receipt()
            except SessionOver:
                pass
        if to.conversation and to.conversation.kind == "group":
            return await self._by_card(to, message, once) or await self._into_group(
                to.conversation.id, message
            )
        if not to.host_user_id:
            raise HostRefused("a message for nobody")
        if receipt := await self._by_card(to, message, once):
            return receipt
        if self._robot_code:
            return await self._by_robot(to.host_user_id, message)
        return await self._as_work_notice(to.host_user_id, message, once)

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        if self._cards is None or not revise_with:
            raise HostRefused("cards sent as ActionCard cannot be revised")
        await self._cards.revise(revise_with, card)

    def _can_answer(self, conversation: Conversation) -> bool:
        until = conversation.reply_until
        return self._client.is_session(conversation.reply_to) and (
            until is None or self._now() < until - REPLY_MARGIN
        )

    async def _by_card(self, to: Recipient, message: Message, once: str) -> Receipt | None:
        """None when there is no template for it, or none that works: then it takes another way."""
        if self._cards is None or not isinstance(message, Card):
            return None
        try:
            if to.conversation and to.conversation.kind == "group":
                return await self._cards.into_group(to.conversation.id, message, once)
            return await self._cards.to_member(to.host_user_id, message, once)
        except HostRefused as refused:
            if not is_about_the_card(refused):
                raise
            log.warning("dingtalk.card_refused", message=once, reason=str(refused))
            return None

    async def _by_robot(self, host_user_id: str, message: Message) -> Receipt:
        key, parameters = payloads.robot_message(message)
        answer = await self._client.api(
            "v1.0/robot/oToMessages/batchSend",
            {
                "robotCode": self._robot_code,
                "userIds": [host_user_id],
                "msgKey": key,
                "msgParam": parameters,
            },
            changes=True,
        )
        # A partial failure is HTTP 200 with the names in one of two lists.
        if host_user_id in lenient.texts(answer, "invalidStaffIdList"):
            raise HostRefused("not a member of the company", code="invalidStaffIdList")
        if host_user_id in lenient.texts(answer, "flowControlledStaffIdList"):
            raise HostBusy(
                "too many messages to this member",
                code="flowControlledStaffIdList",
                retry_after_s=FLOW_CONTROL_S,
            )
        return Receipt(host_message_id=lenient.text(answer, "processQueryKey"))

    async def _into_group(self, conversation_id: str, message: Message) -> Receipt:
        if not self._robot_code:
            raise HostRefused("only a robot with a robot code can write into a group")
        key, parameters = payloads.robot_message(message)
        answer = await self._client.api(
            "v1.0/robot/groupMessages/send",
            {
                "robotCode": self._robot_code,
                "openConversationId": conversation_id,
                "msgKey": key,
                "msgParam": parameters,
            },
            changes=True,
        )
        return Receipt(host_message_id=lenient.text(answer, "processQueryKey"))

    async def _as_work_notice(self, host_user_id: str, message: Message, once: str) -> Receipt:
        answer = await self._client.oapi(
            "topapi/message/corpconversation/asyncsend_v2",
            {
                "agent_id": int(self._agent_id),
                "userid_list": host_user_id,
                "to_all_user": False,
                "msg": payloads.work_notice(message, once),
            },
            changes=True,
        )
        return Receipt(host_message_id=lenient.text(answer, "task_id"))
