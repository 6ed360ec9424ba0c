"""What a phone shows of a DingTalk message: its Markdown drawn, its links turned into buttons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

FACT = re.compile(r"^\*\*(?P<name>.+?)\*\*\s*[：:]\s*(?P<value>.*)$")
LINK = re.compile(r"(?<!\\)\[(?P<label>(?:\\.|[^\]\\])+)\]\((?P<url>[^\s)]+)\)")
MARK = re.compile(r"\\([\\`*_\[\]<>#|~{}()+\-.!])|\*\*|(?<!\\)`")

Button = dict[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    kind: str
    title: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    url: str = ""


def draw_text(text: str) -> Drawn:
    return Drawn("text", "", text)


def draw_markdown(kind: str, title: str, markdown: str, links: list[tuple[str, str]]) -> Drawn:
    """`links` are the buttons of a card: what stands on them and where they lead."""
    lines: list[str] = []
    fields: list[tuple[str, str]] = []
    for line in markdown.splitlines():
        if fact := FACT.match(line.strip()):
            fields.append((unmarked(fact["name"]), unmarked(fact["value"])))
            continue
        links = links + [(unmarked(link["label"]), link["url"]) for link in LINK.finditer(line)]
        shown = unmarked(LINK.sub(lambda link: link["label"], line)).strip().lstrip("#> ")
        if shown and not (
            title and not lines and not fields and shown.startswith(title.rstrip("…"))
        ):
            lines.append(shown)
    return Drawn(
        kind=kind,
        title=title,
        text="\n".join(lines),
        fields=tuple(fields),
        buttons=tuple(button(text, url) for text, url in links),
        url=next((url for _, url in links if not said_by(url)), ""),
    )


def button(text: str, url: str) -> Button:
    """A link on a phone. One that says a sentence has that sentence as its key."""
    sentence = said_by(url)
    return {"text": text, "url": "" if sentence else url, "key": sentence}


def said_by(url: str) -> str:
    """The sentence that the client's own `sendMessage` link says, or "" for any other link."""
    parts = urlsplit(url)
    if (parts.scheme, parts.netloc, parts.path) != ("dtmd", "dingtalkclient", "/sendMessage"):
        return ""
    return next(iter(parse_qs(parts.query, keep_blank_values=True).get("content", [])), "")


def card_links(card: Mapping[str, Any], single: tuple[str, str]) -> list[tuple[str, str]]:
    """The one button of a card that has only one, under the names that this shape uses."""
    text, url = (str(card.get(name, "")) for name in single)
    return [(text, url)] if text and url else []


def unmarked(markdown: str) -> str:
    return MARK.sub(lambda mark: mark[1] or "", markdown).strip()
