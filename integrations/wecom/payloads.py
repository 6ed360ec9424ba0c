"""Our messages as WeCom's: a notice is text, an article markdown, a card a template card.

The smart bot writes markdown and template cards only. Lengths and list limits are those of the
pages 90236 and 101031.
"""

import hashlib
import re
from dataclasses import replace
from typing import Any

from field_ops.host.messages import Article, Button, Card, Message, Notice, clipped
from field_ops.texts import Text

TEXT_BYTES = 2048
BOT_TEXT_BYTES = 20_480
WIDTHLESS, MARK_BITS = "\u200b\u200c", 20
KEY_BYTES = 1024
MOST_FIELDS, MOST_BUTTONS, MOST_JUMPS = 6, 6, 3
# The page only advises lengths (36, 160, 5, 30, 10 and 18 characters) and leaves the cut to the
# phone. These keep a card on one screen without cutting an address or a shop's name too early.
TITLE_BYTES, SENTENCE_BYTES, NAME_BYTES, VALUE_BYTES, BUTTON_BYTES = 120, 480, 30, 180, 60

PRIMARY, SECONDARY = 1, 2
PAGE = Text("页面", "Page")
FACT = Text("{name}：{value}", "{name}: {value}")
LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
ESCAPED_MARK = re.compile(r"\\([\\`*_\[\]<>#|~])")


def rendered(message: Message, once: str) -> dict[str, Any]:
    """`msgtype` and its object for `message/send`."""
    match message:
        case Notice():
            return _text(message.text)
        case Article():
            return _markdown(_article(message), TEXT_BYTES)
        case Card():
            if (drawn := template_card(message)) is not None:
                return _card(drawn, once)
            return _text(_as_lines(message))


def marked(said: dict[str, Any], once: str) -> dict[str, Any]:
    """The same message with `once` in it, which nobody sees.

    WeCom drops equal content (`enable_duplicate_check`) and does not say whether it looks at the
    receivers. So words end in characters without a width, made from `once`: only a retry is equal,
    and the same words for somebody else, or once more, arrive. A card has its `task_id` for that.
    """
    kind = said["msgtype"]
    if kind not in ("text", "markdown"):
        return said
    number = int.from_bytes(hashlib.sha256(once.encode()).digest()[:4])
    mark = "".join(WIDTHLESS[number >> bit & 1] for bit in range(MARK_BITS))
    content = clipped(said[kind]["content"], TEXT_BYTES - len(mark.encode()))
    return {**said, kind: {"content": content + mark}}


def rendered_for_bot(message: Message, once: str) -> dict[str, Any]:
    """`msgtype` and its object for what the smart bot says: markdown or a template card."""
    match message:
        case Notice():
            return _markdown(_harmless(message.text), BOT_TEXT_BYTES)
        case Article():
            return _markdown(_article(message), BOT_TEXT_BYTES)
        case Card():
            if (drawn := template_card_of_bot(message)) is not None:
                return _card(drawn, once)
            return _markdown(_harmless(_as_lines(message)), BOT_TEXT_BYTES)


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


def template_card_of_bot(card: Card) -> dict[str, Any] | None:
    """The same for the smart bot, whose buttons cannot open a page: where others call back, those
    that open one become lines with a link."""
    buttons = _distinct((*card.choices, *card.buttons))
    links = [button for button in buttons if button.url]
    if not links or len(links) == len(buttons):
        return template_card(card)
    says = tuple(button for button in buttons if button.says)
    drawn = template_card(replace(card, choices=(), buttons=says, url=card.url or links[0].url))
    assert drawn is not None
    name = PAGE.say(card.language)
    rows = [
        {"type": 1, "keyname": name, "value": clipped(link.text, VALUE_BYTES), "url": link.url}
        for link in links[:MOST_JUMPS]
    ]
    facts = drawn.get("horizontal_content_list", [])[: MOST_FIELDS - len(rows)]
    return {**drawn, "horizontal_content_list": [*facts, *rows]}


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


def _card(drawn: dict[str, Any], once: str) -> dict[str, Any]:
    return {"msgtype": "template_card", "template_card": {**drawn, "task_id": once}}


def _markdown(content: str, most_bytes: int) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": clipped(content, most_bytes)}}


def _article(article: Article) -> str:
    title = f"**{_unmarked(article.title)}**\n" if article.title else ""
    return ESCAPED_MARK.sub(lambda m: _wide(m[1]), title + article.markdown)


def _harmless(text: str) -> str:
    """A text that is shown as markdown and must look like itself."""
    return text.translate(WIDE) or "　"


def _text(text: str) -> dict[str, Any]:
    # WeCom turns <a href=…> in a text into a link; what people are called must stay what it is.
    content = clipped(LINK.sub("＜", text), TEXT_BYTES)
    return {"msgtype": "text", "text": {"content": content}}


def _as_lines(card: Card) -> str:
    facts = [FACT.say(card.language, name=f.name, value=f.value) for f in card.fields]
    return "\n".join(line for line in (card.title, *facts, card.text) if line) or "　"


def _unmarked(title: str) -> str:
    return " ".join(title.translate(WIDE).split())


def _wide(mark: str) -> str:
    """The full-width twin of a mark: WeCom's markdown knows no backslash that could hide it."""
    return chr(ord(mark) + 0xFEE0)


WIDE = str.maketrans({mark: _wide(mark) for mark in "\\`*_[]<>#|~"})
