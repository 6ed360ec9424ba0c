"""What DingTalk posts to us, read into our events.

Two doors: `callback` takes the encrypted event subscription ("事件订阅", HTTP push), `robot` takes
what people say to the robot ("接收消息") and card callbacks ("事件回调卡片").
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from field_ops.host.errors import CallbackNotAuthentic, CallbackUnreadable
from field_ops.host.events import (
    DepartmentsChanged,
    HostEvent,
    MembersChanged,
    MembersLeft,
    Unsupported,
)
from field_ops.host.platform import Callback, CallbackAnswer, RawCallback

from . import lenient
from .card_presses import card_event
from .crypto import CallbackCipher, card_sign, robot_sign
from .robot_messages import robot_event

MAX_BODY_BYTES = 256 * 1024
REPLAY_WINDOW = timedelta(hours=1)  # "接收消息": reject what is more than an hour away
JSON = "application/json; charset=utf-8"


class DingtalkCallbacks:
    """The port's `CallbackReader`.

    `cipher` is None while no callback token and key are set; events are then refused.
    `card_secret` is the `apiSecret` with which the card callback address is registered.
    """

    def __init__(
        self,
        *,
        corp_id: str,
        client_secret: str,
        card_secret: str,
        cipher: CallbackCipher | None,
        make_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._corp_id = corp_id
        self._client_secret = client_secret
        self._card_secret = card_secret
        self._cipher = cipher
        self._make_nonce = make_nonce

    def read(self, raw: RawCallback, now: datetime) -> Callback:
        if len(raw.body) > MAX_BODY_BYTES:
            raise CallbackUnreadable("larger than any DingTalk callback")
        if raw.door == "callback":
            return self._organisation(raw, now)
        if "x-ddpaas-signature" in raw.headers:
            return self._card(raw, now)
        return self._robot(raw, now)

    def _organisation(self, raw: RawCallback, now: datetime) -> Callback:
        if self._cipher is None:
            raise CallbackNotAuthentic("no callback token and key are set for this connection")
        timestamp = raw.query.get("timestamp", "")
        nonce = raw.query.get("nonce", "")
        # The prose of the documentation says `signature`, its sample reads `msg_signature`; live
        # requests carry the same value under both names.
        signature = raw.query.get("msg_signature") or raw.query.get("signature", "")
        encrypted = lenient.text(_json(raw.body), "encrypt")
        message, owner_key = self._cipher.open(signature, timestamp, nonce, encrypted)
        _refuse_replay(timestamp, now)
        values = _json(message)
        if lenient.text(values, "CorpId", "corpId") not in ("", self._corp_id):
            raise CallbackNotAuthentic("an event of another company")
        answer = self._success(self._cipher, owner_key, now)
        return Callback(organisation_events(values, message, now), answer)

    def _success(self, cipher: CallbackCipher, owner_key: str, now: datetime) -> CallbackAnswer:
        timestamp, nonce = str(int(now.timestamp())), self._make_nonce()
        encrypted = cipher.seal("success", owner_key)
        answer = {
            "msg_signature": cipher.sign(timestamp, nonce, encrypted),
            "timeStamp": timestamp,
            "nonce": nonce,
            "encrypt": encrypted,
        }
        return CallbackAnswer(orjson.dumps(answer), JSON)

    def _robot(self, raw: RawCallback, now: datetime) -> Callback:
        timestamp = raw.headers.get("timestamp", "")
        _check(robot_sign(self._client_secret, timestamp), raw.headers.get("sign", ""))
        _refuse_replay(timestamp, now)
        event = robot_event(_json(raw.body), self._corp_id, now)
        return Callback((event,), CallbackAnswer(b'{"msgtype":"empty"}', JSON))

    def _card(self, raw: RawCallback, now: datetime) -> Callback:
        timestamp = raw.headers.get("x-ddpaas-signature-timestamp", "")
        if not self._card_secret:
            raise CallbackNotAuthentic("no secret is set for card callbacks")
        _check(card_sign(self._card_secret, timestamp), raw.headers["x-ddpaas-signature"])
        _refuse_replay(timestamp, now)
        event = card_event(_json(raw.body), timestamp, now)
        return Callback((event,), CallbackAnswer(b"{}", JSON))


ORGANISATION_EVENTS: dict[str, Callable[[str, datetime, Mapping[str, Any]], HostEvent]] = {
    **dict.fromkeys(
        ("user_add_org", "user_modify_org", "user_active_org"),
        lambda event_id, at, values: MembersChanged(
            event_id=event_id, happened_at=at, host_user_ids=_user_ids(values)
        ),
    ),
    "user_leave_org": lambda event_id, at, values: MembersLeft(
        event_id=event_id, happened_at=at, host_user_ids=_user_ids(values)
    ),
    **dict.fromkeys(
        ("org_dept_create", "org_dept_modify", "org_dept_remove"),
        lambda event_id, at, values: DepartmentsChanged(
            event_id=event_id,
            happened_at=at,
            host_department_ids=lenient.texts(values, "deptId", "DeptId", "deptid"),
        ),
    ),
}


def organisation_events(
    values: Mapping[str, Any], message: str, now: datetime
) -> tuple[HostEvent, ...]:
    """The events in one decrypted message: none for the check of the address, else one."""
    kind = lenient.text(values, "EventType", "eventType")
    if not kind:
        raise CallbackUnreadable("an event without a type")
    if kind == "check_url":
        return ()
    # Retries repeat the message unchanged, so where an older form has no id its digest is one.
    event_id = lenient.text(values, "eventId", "EventId", "BizId") or _digest(message)
    happened_at = _moment(values, "EventTime", "timeStamp", "TimeStamp") or now
    if make := ORGANISATION_EVENTS.get(kind):
        return (make(f"event:{event_id}", happened_at, values),)
    return (Unsupported(event_id=f"event:{event_id}", happened_at=happened_at, kind=kind),)


def _check(expected: str, given: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise CallbackNotAuthentic("the signature does not match")


def _refuse_replay(timestamp: str, now: datetime) -> None:
    sent_at = lenient.moment(timestamp)
    if sent_at is None or abs(now - sent_at) > REPLAY_WINDOW:
        raise CallbackNotAuthentic("too old, or from the future")


def _json(raw: bytes | str) -> Mapping[str, Any]:
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as failure:
        raise CallbackUnreadable("not JSON") from failure
    if not isinstance(values, dict):
        raise CallbackUnreadable("not a JSON object")
    return values


def _moment(values: Mapping[str, Any], *names: str) -> datetime | None:
    found = lenient.text(values, *names)
    return lenient.moment(found) if found else None


def _user_ids(values: Mapping[str, Any]) -> tuple[str, ...]:
    return lenient.texts(values, "userId", "UserId", "userid")


def _digest(message: str) -> str:
    return hashlib.sha256(message.encode()).hexdigest()[:32]
