"""What we can say to people, in our words. Each host's messenger turns it into its own JSON.

`language` (`zh` or `en`) is that of the words, so that what a host's messenger adds to them is said
in the same one. Whoever posts a message sets it.

A button either opens a page (`url`) or says a sentence (`says`): pressing it is the same as
typing that sentence to the bot. So every card works on a host whose cards cannot call back, and a
stale button is as harmless as an old sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """A plain sentence or two. Shown as text, never interpreted."""

    text: str
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Article:
    """A titled text in the small Markdown that both hosts draw: bold, quote, list, link.

    Names of people and customers must go through `plain()` before they are put into `markdown`.
    """

    title: str
    markdown: str
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Button:
    """`text` is what is shown; exactly one of `url` (open this page) and `says` is set."""

    text: str
    url: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A title, at most six short facts, a sentence, and at most four buttons (primary first).

    `url` is where a press on the card itself leads. `choices` are offered when a sentence fits
    several things (at most five); they are buttons too, shown as a list.
    """

    title: str
    fields: tuple[Field, ...] = ()
    text: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[Button, ...] = ()
    url: str = ""
    language: str = "zh"


Message = Notice | Article | Card

Wording = Callable[[str], Message]
"""A message that is not worded yet: given the language of its reader, it is."""


def to_payload(message: Message) -> dict[str, Any]:
    """The message as JSON-ready data, for the outbox."""
    language = message.language
    match message:
        case Notice(text):
            return {"kind": "notice", "language": language, "text": text}
        case Article(title, markdown):
            return {"kind": "article", "language": language, "title": title, "markdown": markdown}
        case Card():
            return {
                "kind": "card",
                "language": language,
                "title": message.title,
                "fields": [[f.name, f.value] for f in message.fields],
                "text": message.text,
                "buttons": [[b.text, b.url, b.says] for b in message.buttons],
                "choices": [[b.text, b.url, b.says] for b in message.choices],
                "url": message.url,
            }


def from_payload(payload: dict[str, Any]) -> Message:
    """The message back from `to_payload`."""
    language = payload.get("language", "zh")  # one that was queued before it was kept has none
    match payload["kind"]:
        case "notice":
            return Notice(payload["text"], language)
        case "article":
            return Article(payload["title"], payload["markdown"], language)
        case _:
            return Card(
                title=payload["title"],
                fields=tuple(Field(*pair) for pair in payload["fields"]),
                text=payload["text"],
                buttons=tuple(Button(*three) for three in payload["buttons"]),
                choices=tuple(Button(*three) for three in payload["choices"]),
                url=payload["url"],
                language=language,
            )


MARKDOWN_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]<>#|~"})


def plain(text: str) -> str:
    """`text` with every mark of Markdown made harmless, for use inside `Article.markdown`."""
    return " ".join(text.split()).translate(MARKDOWN_MARKS)


def clipped(text: str, limit_bytes: int) -> str:
    """`text` cut to `limit_bytes` of UTF-8 without breaking a character, with … at the cut."""
    raw = text.encode()
    if len(raw) <= limit_bytes:
        return text
    return raw[: max(limit_bytes - 3, 0)].decode(errors="ignore") + "…"
