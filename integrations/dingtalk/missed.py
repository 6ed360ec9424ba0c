"""Events that DingTalk could not push ("获取推送失败的事件列表")."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import HostEvent
from field_ops.logs import log

from . import lenient
from .callbacks import organisation_events
from .client import DingtalkClient

# Most kinds have their fields under their own name, some under another one, some beside it.
INNER_NAMES = ("bpmsCallBackData", "roleLabelChange")


class DingtalkMissed:
    """The port's `MissedEvents`."""

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def fetch(self) -> Sequence[HostEvent]:
        answer = await self._client.oapi("call_back/get_call_back_failed_result")
        events: list[HostEvent] = []
        for entry in lenient.mappings(answer, "failed_list"):
            try:
                events += missed_events(entry)
            except CallbackUnreadable as failure:
                log.error("dingtalk.missed_event_unreadable", reason=str(failure))
        return events


def missed_events(entry: Mapping[str, Any]) -> tuple[HostEvent, ...]:
    """The event in one entry of the list. Its id is that of the push, where the entry names it."""
    kind = lenient.text(entry, "call_back_tag")
    inner = next(filter(None, (lenient.mapping(entry, n) for n in (kind, *INNER_NAMES))), entry)
    happened_at = lenient.moment(entry.get("event_time")) or datetime.now(UTC)
    values = {**inner, "EventType": kind, "EventTime": int(happened_at.timestamp() * 1000)}
    if event_id := lenient.text(entry, "eventId") or lenient.text(inner, "eventId"):
        values["eventId"] = event_id
    message = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()
    return organisation_events(values, message, happened_at)
