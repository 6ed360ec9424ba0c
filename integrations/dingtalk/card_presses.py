"""A press on an interactive card ("事件回调卡片"), read into our event."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import CardPressed, HostEvent, Unsupported

from . import lenient

PRESS_WINDOW_S = 10


def card_event(values: Mapping[str, Any], timestamp: str, now: datetime) -> HostEvent:
    """The button's parameter `says` is the sentence it stands for.

    DingTalk gives a press no id, and repeats it when our answer is late. The same button pressed
    by the same person on the same card within ten seconds counts as one press.
    """
    private = _inside(_inside(values, "content"), "cardPrivateData")
    says = lenient.text(_inside(private, "params"), "says", "action").strip()
    card_id, user_id = lenient.text(values, "outTrackId"), lenient.text(values, "userId")
    pressed_at = lenient.moment(timestamp) or now
    bucket = int(pressed_at.timestamp()) // PRESS_WINDOW_S
    digest = hashlib.sha256(f"{card_id}\n{user_id}\n{says}\n{bucket}".encode())
    event_id = f"card:{digest.hexdigest()[:32]}"
    if not (says and user_id):
        return Unsupported(event_id=event_id, happened_at=pressed_at, kind="card")
    return CardPressed(
        event_id=event_id,
        happened_at=pressed_at,
        host_user_id=user_id,
        says=says,
        card_id=card_id,
        revise_with=card_id,
    )


def _inside(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, or a string with the JSON of one: both occur."""
    value = values.get(name)
    if isinstance(value, str) and value:
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as failure:
            raise CallbackUnreadable(f"{name} is not JSON") from failure
    return value if isinstance(value, Mapping) else {}
