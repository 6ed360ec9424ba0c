"""What the smart bot (智能机器人) is told, in our words; the same by callback and by connection.

The shapes are those of the pages 100719, 101027 and 101463 of the developer documentation.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import (
    AppOpened,
    CardPressed,
    Conversation,
    HostEvent,
    TextReceived,
    Unsupported,
)

REPLY_URL_LIFE = timedelta(hours=1)
LONGEST_KIND = 64
# The mention stays in the text. WeCom ends it with a space, which may be a four-per-em one.
MENTION_FIRST = re.compile(r"^(?:@\S+(?:\s+|$))+")
MENTION_LAST = re.compile(r"(?:^|\s+)@\S+$")


def json_object(raw: bytes | str) -> Mapping[str, Any]:
    """An opened message. Raises `CallbackUnreadable`."""
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as failure:
        raise CallbackUnreadable("not JSON") from failure
    if not isinstance(values, dict):
        raise CallbackUnreadable("not a JSON object")
    return values


def bot_event(
    body: Mapping[str, Any],
    now: datetime,
    *,
    reply_to: str = "",
    reply_until: datetime | None = None,
) -> HostEvent:
    """The event in one message or event of the bot. Raises `CallbackUnreadable`.

    `reply_to` and `reply_until` say how the conversation is answered; without them it is the
    `response_url` in the message, which is good once and for an hour.
    """
    sender = _text(_part(body, "from"), "userid")
    if not sender:
        raise CallbackUnreadable("nobody said it")
    revise_with = reply_to
    if not reply_to and (url := _text(body, "response_url")):
        reply_to, reply_until = url, now + REPLY_URL_LIFE
    said = Said(
        event_id=_event_id(body),
        happened_at=_moment(body.get("create_time")) or now,
        sender=sender,
        conversation=_conversation(body, sender, reply_to, reply_until, bool(revise_with)),
        revise_with=revise_with,
        body=body,
    )
    kind = _text(body, "msgtype").lower()
    if not kind:
        raise CallbackUnreadable("a message without its type")
    if kind != "event":
        return MESSAGES.get(kind, _unsupported)(said, kind)
    kind = _text(_part(body, "event"), "eventtype").lower()
    return EVENTS.get(kind, _unsupported)(said, kind)


@dataclass(frozen=True, slots=True)
class Said:
    """One message or event: what each of ours needs, and the whole of it."""

    event_id: str
    happened_at: datetime
    sender: str
    conversation: Conversation
    revise_with: str  # by callback a card could only change in the answer to the press itself
    body: Mapping[str, Any]


def _conversation(
    body: Mapping[str, Any],
    sender: str,
    reply_to: str,
    reply_until: datetime | None,
    by_connection: bool,
) -> Conversation:
    talk = Conversation(
        "single",
        sender,
        reply_to=reply_to,
        reply_until=reply_until,
        by_connection=by_connection,
    )
    if _text(body, "chattype") == "group":
        return replace(talk, kind="group", id=_text(body, "chatid"))
    return talk


def _event_id(body: Mapping[str, Any]) -> str:
    """The message's id. Where one is missing, equal content counts as the same event."""
    if message_id := _text(body, "msgid"):
        return f"bot-{message_id}"
    plain = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return f"bot-{hashlib.sha256(plain).hexdigest()}"


def _text_received(said: Said, kind: str) -> HostEvent:
    return _received(said, _text(_part(said.body, kind), "content"))


def _mixed_received(said: Said, kind: str) -> HostEvent:
    """Text and pictures in turn; only the words are of use here."""
    items = _part(said.body, kind).get("msg_item")
    if not isinstance(items, list):
        raise CallbackUnreadable("a mixed message without its parts")
    words = [_text(_part(item, "text"), "content") for item in items if isinstance(item, dict)]
    return _received(said, " ".join(word.strip() for word in words if word.strip()))


def _received(said: Said, text: str) -> HostEvent:
    text = text.strip()
    return TextReceived(
        event_id=said.event_id,
        happened_at=said.happened_at,
        host_user_id=said.sender,
        text=_without_mention(text) if said.conversation.kind == "group" else text,
        conversation=said.conversation,
    )


def _without_mention(text: str) -> str:
    without = MENTION_FIRST.sub("", text, count=1)
    if without == text:
        without = MENTION_LAST.sub("", text, count=1)
    return without.strip()


def _card_pressed(said: Said, kind: str) -> HostEvent:
    """The page nests the facts under the event's name; the vendor's own types have them flat."""
    event = _part(said.body, "event")
    pressed = {**event, **_part(event, kind)}
    return CardPressed(
        event_id=said.event_id,
        happened_at=said.happened_at,
        host_user_id=said.sender,
        says=_text(pressed, "event_key"),
        card_id=_text(pressed, "task_id"),
        revise_with=said.revise_with,
        conversation=said.conversation,
    )


def _chat_entered(said: Said, kind: str) -> HostEvent:
    return AppOpened(event_id=said.event_id, happened_at=said.happened_at, host_user_id=said.sender)


def _unsupported(said: Said, kind: str) -> HostEvent:
    return Unsupported(
        event_id=said.event_id, happened_at=said.happened_at, kind=f"bot/{kind}"[:LONGEST_KIND]
    )


Reading = Callable[[Said, str], HostEvent]

# Pictures, files and videos cannot be of use to a sentence, and come to "bot/image" and so on.
MESSAGES: dict[str, Reading] = {
    "text": _text_received,
    "voice": _text_received,  # WeCom has already made words of it
    "mixed": _mixed_received,
}

EVENTS: dict[str, Reading] = {
    "enter_chat": _chat_entered,
    "template_card_event": _card_pressed,
}


def _part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = values.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise CallbackUnreadable(f"{name} is not an object")
    return part


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CallbackUnreadable(f"{name} is not a text")
    return value.replace("\x00", "")  # nobody types one, and PostgreSQL keeps none


def _moment(seconds: object) -> datetime | None:
    if not isinstance(seconds, int) or not 0 < seconds < 10**11:
        return None
    return datetime.fromtimestamp(seconds, UTC)
