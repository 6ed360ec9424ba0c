"""WeCom's callbacks: the check of the address (GET) and the pushes (POST, encrypted XML).

What comes to the door `robot` is the smart bot's, and has a reader of its own. The shapes are those
of the pages 90238 to 90240, 90930 and 90970 of the developer documentation.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from field_ops.host.errors import CallbackNotAuthentic, CallbackUnreadable
from field_ops.host.events import (
    AppOpened,
    CardPressed,
    Conversation,
    DepartmentsChanged,
    ExternalContactChanged,
    HostEvent,
    MembersChanged,
    MembersLeft,
    TextReceived,
    Unsupported,
)
from field_ops.host.platform import Callback, CallbackAnswer, RawCallback

from .bot_callbacks import BotCallbacks
from .crypto import CallbackCrypto, message_in, sealed_part

# WeCom names no window. Its three tries come within seconds and may reuse the first timestamp.
REPLAY_WINDOW_S = 3600


class WecomCallbacks:
    """The port's `CallbackReader`: `crypto` opens what the app is sent, `bot` reads the bot's."""

    def __init__(self, crypto: CallbackCrypto, bot: BotCallbacks) -> None:
        self._crypto = crypto
        self._bot = bot

    def read(self, raw: RawCallback, now: datetime) -> Callback:
        _refuse_old(raw.query.get("timestamp", ""), now)
        if raw.door == "robot":
            return self._bot.read(raw, now)
        if raw.method == "GET":
            # The answer is the plain text exactly: no quotes, no newline, within a second.
            echo = self._open(raw, raw.query.get("echostr", ""))
            return Callback((), CallbackAnswer(echo.encode()))
        plain = self._open(raw, sealed_part(raw.body))
        # An empty 200 tells WeCom that we have it; anything slower than 5 s is pushed again.
        return Callback((_event(plain),), CallbackAnswer())

    def _open(self, raw: RawCallback, encrypted: str) -> str:
        signature = raw.query.get("msg_signature", "")
        nonce = raw.query.get("nonce", "")
        return self._crypto.open(signature, raw.query["timestamp"], nonce, encrypted)


def _refuse_old(timestamp: str, now: datetime) -> None:
    if not _is_moment(timestamp):
        raise CallbackNotAuthentic("timestamp")
    if abs(now.timestamp() - int(timestamp)) > REPLAY_WINDOW_S:
        raise CallbackNotAuthentic("too old or from the future")


def _is_moment(seconds: str) -> bool:
    return seconds.isascii() and seconds.isdigit() and len(seconds) <= 11


@dataclass(frozen=True, slots=True)
class Push:
    """One decrypted push: what every event needs, and the rest by name."""

    event_id: str
    happened_at: datetime
    sender: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        return _text(self.fields, name)

    def id(self, name: str) -> str:
        if not (value := self.text(name)):
            raise CallbackUnreadable(f"no {name}")
        return value

    @property
    def conversation(self) -> Conversation:
        # An app talks to one member at a time; groups belong to WeCom's smart bot.
        return Conversation(kind="single", id=self.sender)


def _event(plain: str) -> HostEvent:
    fields = message_in(plain)
    created, sender = _text(fields, "CreateTime"), _text(fields, "FromUserName")
    if not _is_moment(created) or not sender:
        raise CallbackUnreadable("nobody said it, or at no time")
    push = Push(
        event_id=_event_id(plain, _text(fields, "MsgId")),
        happened_at=datetime.fromtimestamp(int(created), UTC),
        sender=sender,
        fields=fields,
    )
    kind = push.text("MsgType").lower()
    if kind != "event":
        return MESSAGES.get(kind, _unsupported)(push, kind)
    kind = push.text("Event").lower()
    if kind in ("change_contact", "change_external_contact"):
        kind += "/" + push.text("ChangeType").lower()
    return EVENTS.get(kind, _unsupported)(push, kind)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise CallbackUnreadable(f"{name} is not a text")
    return value


def _event_id(plain: str, message_id: str) -> str:
    """The message's id, or a digest of the event: sender and second would not tell two contacts
    events apart, because all of them come from `sys`."""
    if message_id.isdigit() and len(message_id) <= 20:
        return f"msg-{message_id}"
    return hashlib.sha256(plain.encode()).hexdigest()


def _text_received(push: Push, kind: str) -> HostEvent:
    return TextReceived(
        event_id=push.event_id,
        happened_at=push.happened_at,
        host_user_id=push.sender,
        text=push.text("Content").strip(),
        conversation=push.conversation,
    )


def _menu_pressed(push: Push, kind: str) -> HostEvent:
    """The key of a menu entry is the sentence that it stands for."""
    return TextReceived(
        event_id=push.event_id,
        happened_at=push.happened_at,
        host_user_id=push.sender,
        text=push.text("EventKey").strip(),
        conversation=push.conversation,
    )


def _card_pressed(push: Push, kind: str) -> HostEvent:
    return CardPressed(
        event_id=push.event_id,
        happened_at=push.happened_at,
        host_user_id=push.sender,
        says=push.text("EventKey"),
        card_id=push.text("TaskId"),
        revise_with=push.text("ResponseCode"),
        conversation=push.conversation,
    )


def _app_opened(push: Push, kind: str) -> HostEvent:
    return AppOpened(event_id=push.event_id, happened_at=push.happened_at, host_user_id=push.sender)


def _member_seen(push: Push, kind: str) -> HostEvent:
    return MembersChanged(
        event_id=push.event_id, happened_at=push.happened_at, host_user_ids=(push.sender,)
    )


def _member_out_of_sight(push: Push, kind: str) -> HostEvent:
    return MembersLeft(
        event_id=push.event_id, happened_at=push.happened_at, host_user_ids=(push.sender,)
    )


def _member_changed(push: Push, kind: str) -> HostEvent:
    # With a new userid both are named: the old one is gone, the new one is to be read.
    ids = tuple(i for i in (push.id("UserID"), push.text("NewUserID")) if i)
    return MembersChanged(event_id=push.event_id, happened_at=push.happened_at, host_user_ids=ids)


def _member_left(push: Push, kind: str) -> HostEvent:
    return MembersLeft(
        event_id=push.event_id,
        happened_at=push.happened_at,
        host_user_ids=(push.id("UserID"),),
    )


def _department_changed(push: Push, kind: str) -> HostEvent:
    return DepartmentsChanged(
        event_id=push.event_id,
        happened_at=push.happened_at,
        host_department_ids=(push.id("Id"),),
    )


def _external_contact(change: str) -> "Reading":
    """What became of a pair; what else the event tells (a code for a greeting, for example) is for
    others."""

    def changed(push: Push, kind: str) -> HostEvent:
        return ExternalContactChanged(
            event_id=push.event_id,
            happened_at=push.happened_at,
            host_user_id=push.id("UserID"),
            external_id=push.id("ExternalUserID"),
            change=change,
        )

    return changed


def _unsupported(push: Push, kind: str) -> HostEvent:
    return Unsupported(event_id=push.event_id, happened_at=push.happened_at, kind=kind[:64])


Reading = Callable[[Push, str], HostEvent]

MESSAGES: dict[str, Reading] = {"text": _text_received}

EVENTS: dict[str, Reading] = {
    "click": _menu_pressed,
    "template_card_event": _card_pressed,
    "template_card_menu_event": _card_pressed,  # the menu in the card's corner
    "enter_agent": _app_opened,
    "subscribe": _member_seen,
    "unsubscribe": _member_out_of_sight,
    "change_contact/create_user": _member_changed,
    "change_contact/update_user": _member_changed,
    "change_contact/delete_user": _member_left,
    "change_contact/create_party": _department_changed,
    "change_contact/update_party": _department_changed,
    "change_contact/delete_party": _department_changed,
    "change_external_contact/add_external_contact": _external_contact("added"),
    # He added the member, who has not agreed yet.
    "change_external_contact/add_half_external_contact": _external_contact("added"),
    "change_external_contact/edit_external_contact": _external_contact("changed"),
    "change_external_contact/del_external_contact": _external_contact("removed"),
    "change_external_contact/del_follow_user": _external_contact("left"),
}
