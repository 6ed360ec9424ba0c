"""Which of WeCom's ways a message takes, and what comes back.

What was asked of the smart bot is answered where it was asked, as long as WeCom lets it; everything
else is a message of the app to the member.
"""

from dataclasses import replace
from typing import Any

from field_ops.host.errors import HostRefused
from field_ops.host.events import Conversation
from field_ops.host.messages import Article, Card, Message, Notice, clipped
from field_ops.host.platform import Receipt, Recipient
from field_ops.texts import Text

from .bot_answers import BotAnswers
from .client import WecomClient
from .long_connection import FRAME
from .payloads import BUTTON_BYTES, marked, rendered, template_card

LONGEST_CHECK_S = 14_400  # a retry may come hours after the answer that was lost
ALREADY_SENT = "42014"  # the task_id was used before; ours are made from `once`
DONE = Text("已处理", "Done")
A_GROUP = Text("群聊", "Group chat")
IN_GROUP = Text("【{group}】", "[{group}] ")


class WecomMessenger:
    """The port's `Messenger`."""

    def __init__(self, client: WecomClient, agent_id: int, bot: BotAnswers) -> None:
        self._client = client
        self._agent_id = agent_id
        self._bot = bot

    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        if to.conversation is not None:
            receipt = await self._bot.answer(to.conversation, message, once)
            if receipt is not None:
                return receipt
            message = _from_elsewhere(to.conversation, message)
        return await self._by_app(to, message, once)

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        if revise_with.startswith(FRAME):
            await self._bot.revise(revise_with, card, once)
            return
        change: dict[str, Any]
        if (drawn := template_card(card)) is not None:
            change = {"enable_id_trans": 0, "template_card": drawn}
        else:
            text = card.title or card.text or DONE.say(card.language)
            change = {"button": {"replace_name": clipped(text, BUTTON_BYTES)}}
        body = {"atall": 1, "agentid": self._agent_id, "response_code": revise_with, **change}
        await self._client.post("message/update_template_card", body)

    async def _by_app(self, to: Recipient, message: Message, once: str) -> Receipt:
        body = {
            "touser": _member(to),
            "agentid": self._agent_id,
            **marked(rendered(message, once), once),
            "enable_duplicate_check": 1,
            "duplicate_check_interval": LONGEST_CHECK_S,
        }
        try:
            answer = await self._client.post("message/send", body)
        except HostRefused as refusal:
            if refusal.code == ALREADY_SENT:
                return Receipt()
            raise
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise HostRefused("not in the app's visible range", code="invaliduser")
        return Receipt(
            host_message_id=str(answer.get("msgid") or ""),
            revise_with=str(answer.get("response_code") or ""),
        )


def _from_elsewhere(talk: Conversation, message: Message) -> Message:
    """The answer to a question of a group, in the asker's own chat: it says where he asked.

    WeCom tells the bot no group's name, so mostly it is just "the group".
    """
    if talk.kind != "group":
        return message
    where = IN_GROUP.say(message.language, group=talk.title or A_GROUP)
    match message:
        case Notice():
            return replace(message, text=where + message.text)
        case Article() | Card():
            return replace(message, title=where + message.title)


def _member(to: Recipient) -> str:
    member = to.host_user_id
    if not member and to.conversation is not None and to.conversation.kind == "single":
        member = to.conversation.id
    # `@all` and `a|b` would reach people whom nobody meant.
    if not member or "|" in member or member.startswith("@"):
        raise HostRefused("no single member to send to", code="touser")
    return member
