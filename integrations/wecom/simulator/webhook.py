"""A group's webhook (消息推送): whoever has its key may write into the group (page 91770)."""

import base64
import hashlib
import secrets
from typing import Any

from integrations.sandbox.world import Heard

from . import contents
from .answers import Failed, success
from .media import Media
from .office import HOST, Call, Office

PER_MINUTE = 20
LARGEST_IMAGE = 2 << 20


class Webhooks:
    """`keys` are made for a group by `key_for`, as a member does in the group's settings."""

    def __init__(self, office: Office, media: Media) -> None:
        self._office = office
        self._media = media
        self._groups: dict[str, str] = {}
        self._said_at: dict[str, list[float]] = {}

    def key_for(self, group: str) -> str:
        key = secrets.token_hex(16)
        self._groups[key] = group
        return key

    def send(self, call: Call) -> dict[str, Any]:
        key = self._key(call)
        now = self._office.clock()
        said = [at for at in self._said_at.get(key, ()) if at > now - 60]
        if len(said) >= PER_MINUTE:
            raise Failed(45009)
        shown = self._drawn(call.body, key)
        self._said_at[key] = [*said, now]
        if call.arrives:
            self._hear(self._groups[key], shown, call.body)
        return success()

    def upload_media(self, call: Call) -> dict[str, Any]:
        key, kind = self._key(call), call.query.get("type", "")
        if kind not in ("file", "voice"):
            raise Failed(40004)
        return self._media.keep(kind, call.files.get("media"), owner=key)

    def _key(self, call: Call) -> str:
        key = call.query.get("key", "")
        if key not in self._groups:
            raise Failed(93000)
        return key

    def _drawn(self, body: contents.Wire, key: str) -> dict[str, Any]:
        kind = str(body.get("msgtype"))
        content = body.get(kind)
        if not isinstance(content, dict):
            raise Failed(40008)
        match kind:
            case "text":
                contents.check_text(content, 2048)
            case "markdown" | "markdown_v2":
                contents.check_text(content, 4096)
                return {"kind": "markdown", "text": content["content"]}
            case "image":
                _check_image(content)
            case "template_card" if content.get("card_type") not in ("text_notice", "news_notice"):
                raise Failed(42031)
            case _:
                contents.check(
                    body,
                    has_callback=False,
                    has_media=lambda media_id, kind: self._media.has(media_id, kind, key),
                )
        return contents.drawn(body)

    def _hear(self, group: str, shown: dict[str, Any], body: contents.Wire) -> list[Heard]:
        people = [p for p in self._office.company.people.values() if p.active]
        hear = self._office.world.hear
        return [
            hear(HOST, p.user_id, conversation_id=group, wire=dict(body), **shown) for p in people
        ]


def _check_image(content: contents.Wire) -> None:
    try:
        image = base64.b64decode(str(content.get("base64", "")), validate=True)
    except ValueError as failure:
        raise Failed(40058) from failure
    digest = hashlib.md5(image, usedforsecurity=False).hexdigest()
    if not image or digest != content.get("md5"):
        raise Failed(40058)
    if len(image) > LARGEST_IMAGE:
        raise Failed(93018)
