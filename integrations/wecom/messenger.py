"""Our messages as WeCom's: a notice is text, an article markdown, a card a template card.

Lengths and list limits are those of the page 90236.
"""

import re
from typing import Any

from field_ops.host.errors import HostRefused
from field_ops.host.messages import Article, Button, Card, Message, Notice, clipped
from field_ops.host.platform import Receipt, Recipient

from .client import WecomClient

TEXT_BYTES = 2048
KEY_BYTES = 1024
MOST_FIELDS, MOST_BUTTONS, MOST_JUMPS = 6, 6, 3
# The page only advises lengths (36, 160, 5, 30, 10 and 18 characters) and leaves the cut to the
# phone. These keep a card on one screen without cutting an address or a shop's name too early.
TITLE_BYTES, SENTENCE_BYTES, NAME_BYTES, VALUE_BYTES, BUTTON_BYTES = 120, 480, 30, 180, 60

ALREADY_SENT = "42014"  # the task_id was used before; ours are made from `once`
PRIMARY, SECONDARY = 1, 2
LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
ESCAPED_MARK = re.compile(r"\\([\\`*_\[\]<>#|~])")


class WecomMessenger:
    def __init__(self, client: WecomClient, agent_id: int) -> None:
        self._client = client
        self._agent_id = agent_id

    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        body = {
            "touser": _member(to),
            "agentid": self._agent_id,
            **rendered(message, once),
            "enable_duplicate_check": int(_repeats_are_mistakes(to, message)),
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

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        change: dict[str, Any]
        if (drawn := template_card(card)) is not None:
            change = {"enable_id_trans": 0, "template_card": drawn}
        else:
            text = card.title or card.text or "已处理"
            change = {"button": {"replace_name": clipped(text, BUTTON_BYTES)}}
        body = {"atall": 1, "agentid": self._agent_id, "response_code": revise_with, **change}
        await self._client.post("message/update_template_card", body)


def rendered(message: Message, once: str) -> dict[str, Any]:
    """`msgtype` and its object for `message/send`."""
    match message:
        case Notice():
            return _text(message.text)
        case Article():
            title = f"**{_unmarked(message.title)}**\n" if message.title else ""
            content = ESCAPED_MARK.sub(lambda m: _wide(m[1]), title + message.markdown)
            return {"msgtype": "markdown", "markdown": {"content": clipped(content, TEXT_BYTES)}}
        case Card():
            if (drawn := template_card(message)) is not None:
                card = {**drawn, "task_id": once}
                return {"msgtype": "template_card", "template_card": card}
            return _text(_as_lines(message))


def template_card(card: Card) -> dict[str, Any] | None:
    """The card as WeCom draws it, or None when it leads nowhere: WeCom refuses a card without
    buttons and without an address to open."""
    buttons = _distinct((*card.choices, *card.buttons))
    if any(button.says for button in buttons):
        drawn = {
            **_facts(card, "button_interaction"),
            "button_list": [_button(b, first=b is buttons[0]) for b in buttons[:MOST_BUTTONS]],
        }
        if card.url:
            drawn["card_action"] = {"type": 1, "url": card.url}
        return drawn
    address = card.url or next((button.url for button in buttons), "")
    if not address:
        return None
    drawn = {**_facts(card, "text_notice"), "card_action": {"type": 1, "url": address}}
    if buttons:
        drawn["jump_list"] = [
            {"type": 1, "title": clipped(button.text, BUTTON_BYTES), "url": button.url}
            for button in buttons[:MOST_JUMPS]
        ]
    return drawn


def _facts(card: Card, card_type: str) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "card_type": card_type,
        "main_title": {"title": clipped(card.title or card.text or "　", TITLE_BYTES)},
    }
    if card.text and card.title:
        drawn["sub_title_text"] = clipped(card.text, SENTENCE_BYTES)
    if card.fields:
        drawn["horizontal_content_list"] = [
            {
                "keyname": clipped(field.name or "　", NAME_BYTES),
                "value": clipped(field.value, VALUE_BYTES),
            }
            for field in card.fields[:MOST_FIELDS]
        ]
    return drawn


def _button(button: Button, *, first: bool) -> dict[str, Any]:
    drawn = {
        "text": clipped(button.text or button.says, BUTTON_BYTES),
        "style": PRIMARY if first else SECONDARY,
    }
    if button.says:
        return {**drawn, "type": 0, "key": clipped(button.says, KEY_BYTES)}
    return {**drawn, "type": 1, "url": button.url}


def _distinct(buttons: tuple[Button, ...]) -> list[Button]:
    """Each sentence and each address once: WeCom refuses a card with two equal keys."""
    found: dict[tuple[str, str], Button] = {}
    for button in buttons:
        found.setdefault((button.says, button.url), button)
    return list(found.values())


def _text(text: str) -> dict[str, Any]:
    # WeCom turns <a href=…> in a text into a link; what people are called must stay what it is.
    content = clipped(LINK.sub("＜", text), TEXT_BYTES)
    return {"msgtype": "text", "text": {"content": content}}


def _as_lines(card: Card) -> str:
    facts = [f"{field.name}：{field.value}" for field in card.fields]
    return "\n".join(line for line in (card.title, *facts, card.text) if line) or "　"


def _unmarked(title: str) -> str:
    return " ".join(title.translate({ord(mark): _wide(mark) for mark in "\\`*_[]<>#|~"}).split())


def _wide(mark: str) -> str:
    """The full-width twin of a mark: WeCom's markdown knows no backslash that could hide it."""
    return chr(ord(mark) + 0xFEE0)


def _repeats_are_mistakes(to: Recipient, message: Message) -> bool:
    """Whether WeCom may drop this as a repeat of the same content in the last half hour.

    A card carries its own `task_id`, so only a retry can equal it. An answer in words is often the
    same twice (「没有找到」) and must arrive twice.
    """
    return isinstance(message, Card) or to.conversation is None


def _member(to: Recipient) -> str:
    member = to.host_user_id or (to.conversation.id if to.conversation else "")
    # `@all` and `a|b` would reach people whom nobody meant.
    if not member or "|" in member or member.startswith("@"):
        raise HostRefused("no single member to send to", code="touser")
    return member
