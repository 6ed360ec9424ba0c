"""How the smart bot answers in the conversation where it was asked.

By callback each question brings an address that is good for one answer; by long connection it
brings the id of its frame, and afterwards the bot may write into the conversation by itself.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from field_ops.host.errors import HostBusy, HostRefused, HostUnavailable
from field_ops.host.events import Conversation
from field_ops.host.messages import Card, Message
from field_ops.host.platform import Receipt

from .client import WecomClient
from .long_connection import FRAME, REPLY_LIFE, WecomLongConnection
from .payloads import rendered_for_bot, template_card_of_bot

# The clocks of two companies differ, so an answer stops a little before the end.
MARGIN = timedelta(minutes=1)
# Another process may hold the connection; when nobody has held it for so long, the app answers.
HOLDER_MAY_TAKE = timedelta(minutes=5)
LOOK_AGAIN_S = 2
REMEMBERED = 10_000

NEVER_WROTE_TO_BOT = "846607"
FRAME_OVER = {"846604", "846605", "846606", "846608"}
SINGLE, GROUP = 1, 2


class BotAnswers:
    """`now` decides only whether an address is still worth trying."""

    def __init__(
        self,
        client: WecomClient,
        connection: WecomLongConnection | None,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._connection = connection
        self._now = now
        self._used = UsedOnce()

    async def answer(self, talk: Conversation, message: Message, once: str) -> Receipt | None:
        """Say it there. None when the bot cannot (any more): then the app may.

        Raises `HostBusy` while another process holds the connection, and what `send` raises.
        """
        if not talk.reply_to:
            return None
        if talk.reply_to.startswith(FRAME):
            return await self._by_connection(talk, message, once)
        return await self._by_address(talk, message, once)

    async def revise(self, frame: str, card: Card, once: str) -> None:
        """Change the card whose press came in this frame, within five seconds of it.

        Raises `HostBusy` while another process holds the connection, `HostRefused` afterwards.
        """
        drawn = template_card_of_bot(card)
        if self._connection is None or drawn is None:
            raise HostRefused("the bot cannot change this card")
        said = {
            "response_type": "update_template_card",
            "template_card": {**drawn, "task_id": once},
        }
        await self._connection.ask("aibot_respond_update_msg", said, frame.removeprefix(FRAME))

    async def _by_address(self, talk: Conversation, message: Message, once: str) -> Receipt | None:
        address = talk.reply_to
        if self._is_over(talk) or self._used.by_another(address, once):
            return None
        try:
            await self._client.post_to(address, rendered_for_bot(message, once))
        except HostUnavailable as failure:
            if failure.maybe_done:
                self._used.note(address, once)
            raise
        except HostRefused:
            # After a lost answer this is how WeCom says that the first try has arrived.
            return Receipt() if self._used.by(address, once) else None
        self._used.note(address, once)
        return Receipt()

    async def _by_connection(
        self, talk: Conversation, message: Message, once: str
    ) -> Receipt | None:
        connection = self._connection
        if connection is None:
            return None
        if not connection.is_up():
            asked_at = (talk.reply_until or self._now()) - REPLY_LIFE
            if self._now() - asked_at > HOLDER_MAY_TAKE:
                return None
            raise HostBusy("the bot is connected elsewhere", retry_after_s=LOOK_AGAIN_S)
        said = rendered_for_bot(message, once)
        is_open = not (self._is_over(talk) or self._used.by_another(talk.reply_to, once))
        if is_open and await self._to_frame(connection, talk.reply_to, said, once):
            return Receipt()
        return await self._unasked(connection, talk, said)

    async def _to_frame(
        self, connection: WecomLongConnection, reply_to: str, said: dict[str, Any], once: str
    ) -> bool:
        """Whether the answer to this frame has arrived, now or by an earlier try."""
        request = reply_to.removeprefix(FRAME)
        try:
            await connection.ask("aibot_respond_msg", _streamed(said, once), request)
        except HostUnavailable as failure:
            if failure.maybe_done:
                self._used.note(reply_to, once)
            raise
        except HostRefused as refusal:
            if refusal.code in FRAME_OVER:
                return self._used.by(reply_to, once)
            raise
        self._used.note(reply_to, once)
        return True

    async def _unasked(
        self, connection: WecomLongConnection, talk: Conversation, said: dict[str, Any]
    ) -> Receipt | None:
        kind = GROUP if talk.kind == "group" else SINGLE
        try:
            await connection.ask("aibot_send_msg", {"chatid": talk.id, "chat_type": kind, **said})
        except HostRefused as refusal:
            if refusal.code == NEVER_WROTE_TO_BOT:
                return None
            raise
        return Receipt()

    def _is_over(self, talk: Conversation) -> bool:
        return talk.reply_until is not None and self._now() > talk.reply_until - MARGIN


class UsedOnce:
    """Which message used up an address or a frame, or may have. Forgets the oldest."""

    def __init__(self) -> None:
        self._by: OrderedDict[str, str] = OrderedDict()

    def note(self, way: str, once: str) -> None:
        self._by[way] = once
        if len(self._by) > REMEMBERED:
            self._by.popitem(last=False)

    def by(self, way: str, once: str) -> bool:
        return self._by.get(way) == once

    def by_another(self, way: str, once: str) -> bool:
        return self._by.get(way, once) != once


def _streamed(said: dict[str, Any], once: str) -> dict[str, Any]:
    """Words answer a frame as a stream of one piece, whose id makes a second try the same one."""
    if said["msgtype"] != "markdown":
        return said
    content = said["markdown"]["content"]
    return {"msgtype": "stream", "stream": {"id": once, "finish": True, "content": content}}
