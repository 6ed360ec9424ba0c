"""The frames of Stream mode, and what is answered to each ("Stream 模式 协议描述",
opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol).

A frame carries what HTTP would have brought, in other places: an event's envelope stands in its
headers, and `data` is JSON inside a string. The events that come out are equal, ids included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import HostEvent, Unsupported

from . import lenient
from .callbacks import organisation_events
from .card_presses import card_event
from .robot_messages import robot_event

SYSTEM, EVENT, CALLBACK = "SYSTEM", "EVENT", "CALLBACK"
PING, DISCONNECT = "ping", "disconnect"
ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
SUBSCRIPTIONS = (
    {"type": EVENT, "topic": "*"},
    {"type": CALLBACK, "topic": ROBOT},
    {"type": CALLBACK, "topic": CARD},
)
NO_RESPONSE = '{"response":null}'


@dataclass(frozen=True, slots=True)
class Frame:
    """`data` is the text inside the frame, not decoded yet."""

    kind: str
    topic: str
    message_id: str
    headers: Mapping[str, Any]
    data: str

    @property
    def is_for_us(self) -> bool:
        return self.kind == EVENT or (self.kind == CALLBACK and self.topic in (ROBOT, CARD))


def read_frame(raw: str) -> Frame:
    """One text frame. Raises `CallbackUnreadable` for anything that is not a frame."""
    values = _object(raw)
    headers = lenient.mapping(values, "headers")
    data = values.get("data")
    return Frame(
        kind=lenient.text(values, "type"),
        topic=lenient.text(headers, "topic"),
        message_id=lenient.text(headers, "messageId"),
        headers=headers,
        data=data if isinstance(data, str) else orjson.dumps(data).decode(),
    )


def events_in(frame: Frame, corp_id: str, now: datetime) -> tuple[HostEvent, ...]:
    """What a frame that is for us tells. Raises `CallbackUnreadable`."""
    values = _object(frame.data or "{}")
    if frame.kind == EVENT:
        return _organisation(frame, values, corp_id, now)
    if frame.topic == CARD:
        return (card_event(values, lenient.text(frame.headers, "time"), now),)
    return (robot_event(values, corp_id, now),)


def _organisation(
    frame: Frame, values: Mapping[str, Any], corp_id: str, now: datetime
) -> tuple[HostEvent, ...]:
    head = frame.headers
    envelope = {
        "EventType": lenient.text(head, "eventType"),
        "EventTime": lenient.text(head, "eventBornTime", "time"),
        "eventId": lenient.text(head, "eventId"),
    }
    events = organisation_events({**values, **envelope}, frame.data, now)
    if lenient.text(head, "eventCorpId") in ("", corp_id):
        return events
    # Authentic, as all that comes over this line, so it is answered politely and counted.
    return tuple(
        Unsupported(event_id=e.event_id, happened_at=e.happened_at, kind="another_company")
        for e in events
    )


def received(frame: Frame) -> str:
    """It is in our books: never again, please."""
    if frame.kind == EVENT:
        return _ack(frame, 200, "OK", _json({"status": "SUCCESS", "message": "OK"}))
    if frame.topic == CARD:
        return _ack(frame, 200, "OK", _json({"response": {}}))
    return _ack(frame, 200, "OK", NO_RESPONSE)


def later(frame: Frame) -> str:
    """We could not write it down: once more, please."""
    if frame.kind == EVENT:
        return _ack(frame, 200, "OK", _json({"status": "LATER", "message": "not now"}))
    return _ack(frame, 500, "not now", NO_RESPONSE)


def not_understood(frame: Frame) -> str:
    return _ack(frame, 400, "bad request", NO_RESPONSE)


def not_for_us(frame: Frame) -> str:
    return _ack(frame, 404, "no handler for this topic", NO_RESPONSE)


def pong(frame: Frame) -> str:
    return _ack(frame, 200, "OK", frame.data)


def _ack(frame: Frame, code: int, message: str, data: str) -> str:
    headers = {"messageId": frame.message_id, "contentType": "application/json"}
    return _json({"code": code, "message": message, "headers": headers, "data": data})


def _object(raw: str) -> Mapping[str, Any]:
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as failure:
        raise CallbackUnreadable("not JSON") from failure
    if not isinstance(values, dict):
        raise CallbackUnreadable("not a JSON object")
    return values


def _json(values: object) -> str:
    return orjson.dumps(values).decode()
