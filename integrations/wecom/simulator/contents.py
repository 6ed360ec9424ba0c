"""Kinds of messages: what WeCom refuses of each, and what a phone draws of it (page 90236)."""

from collections.abc import Callable, Mapping
from typing import Any

from . import cards
from .answers import Failed

Wire = Mapping[str, Any]
MEDIA = ("image", "voice", "video", "file")
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff"))  # a phone draws nothing for these
HasMedia = Callable[[object, str], bool]
"""Whether that media id lives and is of that kind."""


def check(body: Wire, *, has_callback: bool, has_media: HasMedia) -> None:
    """Raise `Failed` for a message that the app may not send."""
    kind = body.get("msgtype")
    content = body.get(str(kind)) or {}
    if not isinstance(content, dict):
        raise Failed(40058)
    match kind:
        case "text" | "markdown":
            check_text(content, 2048)
        case "textcard":
            if not content.get("title") or not content.get("description"):
                raise Failed(40058)
            if len(content["title"]) > 128 or len(content["description"]) > 512:
                raise Failed(45002)
            cards.check_url(content.get("url"))
        case "news" | "mpnews":
            _check_articles(kind, content, has_media)
        case "miniprogram_notice":
            _check_miniprogram(content)
        case "template_card":
            cards.check(content, has_callback=has_callback)
        case "image" | "voice" | "video" | "file":
            if not has_media(content.get("media_id"), kind):
                raise Failed(40007)
        case _:
            raise Failed(40008)


def check_text(content: Wire, most_bytes: int) -> None:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise Failed(44004)
    if len(text.encode()) > most_bytes:
        raise Failed(45002)


def _check_articles(kind: str, content: Wire, has_media: HasMedia) -> None:
    articles = content.get("articles") or []
    if not articles:
        raise Failed(44004)
    if len(articles) > 8:
        raise Failed(45008)
    for article in articles:
        if not article.get("title"):
            raise Failed(41016)
        if len(article["title"].encode()) > 128:
            raise Failed(45002)
        if kind == "news":
            cards.check_url(article.get("url"))
        elif not has_media(article.get("thumb_media_id"), "image"):
            raise Failed(40007)


def _check_miniprogram(content: Wire) -> None:
    rows = content.get("content_item") or []
    if not content.get("appid") or not 4 <= len(content.get("title", "")) <= 12:
        raise Failed(40058)
    if len(rows) > 10 or any(len(r["key"]) > 10 or len(r["value"]) > 30 for r in rows):
        raise Failed(40058)


def drawn(body: Wire) -> dict[str, Any]:
    """The parts of a line on the phone, for a message that was taken."""
    kind = str(body["msgtype"])
    content = body[kind]
    match kind:
        case "template_card":
            return {"kind": "card", **cards.drawn(content)}
        case "textcard":
            button = {"text": content.get("btntxt", "详情"), "url": content["url"], "key": ""}
            return {
                "kind": "card",
                "title": content["title"],
                "text": content["description"],
                "buttons": [button],
                "url": content["url"],
            }
        case "news" | "mpnews":
            first = content["articles"][0]
            buttons = [
                {
                    "text": a["title"],
                    "url": a.get("url") or a.get("content_source_url") or "",
                    "key": "",
                }
                for a in content["articles"]
            ]
            text = first.get("description") or first.get("digest") or ""
            return {"kind": "card", "title": first["title"], "text": text, "buttons": buttons}
        case "miniprogram_notice":
            rows = [(row["key"], row["value"]) for row in content.get("content_item") or []]
            text = content.get("description", "")
            return {"kind": "card", "title": content["title"], "text": text, "fields": rows}
        case "image" | "voice" | "video" | "file":
            return {"kind": "text", "text": f"[{kind}]"}
        case _:
            return {"kind": kind, "text": content["content"].translate(UNSEEN)}
