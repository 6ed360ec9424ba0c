"""The port's `Calendar` by DingTalk's calendar ("创建日程"): the member's own, without a sound.

The path says userId, and what stands there is the union id.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from field_ops.host.agenda import Entry
from field_ops.host.errors import (
    DailyLimitReached,
    EntryGone,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
)
from field_ops.host.services import Colleague
from field_ops.texts import Text

from . import lenient
from .client import DingtalkClient

WANTS = Text(
    "钉钉要求在「权限管理」里开通 Calendar.Event.Write 和 Calendar.Event.Read；"
    "每次写入都计入每月调用次数。",
    "DingTalk wants Calendar.Event.Write and Calendar.Event.Read granted in its developer console; "
    "every change counts as one of the month's calls.",
)
MADE_A_DAY_EACH = 100
USED_UP = "flowLimit"
NOT_FOUND = "eventNotFound"
NO_SUCH = "waiqin-looks-only"
LONGEST_TITLE, LONGEST_TEXT = 2_048, 5_000
MOST_AT_ONCE = 100
LOOKED_THROUGH = timedelta(days=30)  # each way, for an entry whose day has changed since
CHINA = timedelta(hours=8)  # whose midnight begins a new day of the limits
# Waiqin reminds by itself, and quietly at night; a second reminder would only be noise.
QUIET = {"noPushNotification": "true", "noChatNotification": "true"}


class DingtalkCalendar:
    """`now` tells how long it is until tomorrow."""

    wants = WANTS
    made_a_day: int | None = None
    made_a_day_each: int | None = MADE_A_DAY_EACH

    def __init__(self, client: DingtalkClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def open_book(self, title: str) -> str:
        return ""

    async def make(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        try:
            made = await self._client.api(_events(whose), _event(entry), changes=True, once=key)
        except HostRefused as refused:
            if refused.code == USED_UP:
                left_s = seconds_of_the_day_left(self._now())
                raise DailyLimitReached(
                    refused.reason, code=refused.code, retry_after_s=left_s
                ) from refused
            raise
        if event_id := lenient.text(made, "id"):
            return event_id
        raise HostUnavailable("an answer without the id of the event", maybe_done=True)

    async def find(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        begins = entry.closes - LOOKED_THROUGH
        asked = {
            "timeMin": begins.isoformat(),
            "timeMax": (entry.closes + LOOKED_THROUGH).isoformat(),
            "maxResults": str(MOST_AT_ONCE),
        }
        while True:
            page = await self._client.api(f"{_events(whose)}?{urlencode(asked)}", method="GET")
            for event in lenient.mappings(page, "events"):
                is_there = lenient.text(event, "status") != "cancelled"
                if is_there and entry.url in lenient.text(event, "description"):
                    return lenient.text(event, "id")
            asked["nextToken"] = lenient.text(page, "nextToken")
            if not asked["nextToken"]:
                return ""

    async def change(self, whose: Colleague, entry_id: str, entry: Entry, book: str) -> None:
        path = f"{_events(whose)}/{quote(entry_id, safe='')}"
        body = {"id": entry_id, **_event(entry)}
        try:
            await self._client.api(path, body, method="PUT", changes=True)
        except HostRefused as refused:
            raise _gone(refused) from refused

    async def take_away(self, whose: Colleague, entry_id: str) -> None:
        path = f"{_events(whose)}/{quote(entry_id, safe='')}"
        try:
            await self._client.api(path, method="DELETE", changes=True)
        except HostRefused as refused:
            if not isinstance(_gone(refused), EntryGone):
                raise

    async def look(self, somebody: Colleague) -> None:
        # Nothing stands there; whether we might have changed it is looked at first.
        path = f"{_events(somebody)}/{NO_SUCH}"
        try:
            await self._client.api(path, {"summary": "check"}, method="PUT", changes=True)
        except PermissionMissing:
            raise
        except HostRefused:
            return


def seconds_of_the_day_left(now: datetime) -> float:
    """Until midnight in China, where DingTalk's days begin."""
    local = now.timestamp() + CHINA.total_seconds()
    return 86_400 - local % 86_400


def known_by_union_id(whose: Colleague) -> str:
    """Raises `HostRefused` for somebody whose union id we were never told."""
    if not whose.union_id:
        raise HostRefused("the member has no union id", code="unionId")
    return quote(whose.union_id, safe="")


def _events(whose: Colleague) -> str:
    return f"v1.0/calendar/users/{known_by_union_id(whose)}/calendars/primary/events"


def _event(entry: Entry) -> dict[str, Any]:
    text = "\n".join(part for part in (entry.text[: LONGEST_TEXT // 2], entry.url) if part)
    return {
        "summary": entry.title[:LONGEST_TITLE],
        "description": text,
        **_times(entry),
        **({"location": {"displayName": entry.place}} if entry.place else {}),
        "reminders": [],  # absent would mean 15 minutes before
        "extra": QUIET,
    }


def _times(entry: Entry) -> dict[str, Any]:
    if entry.begins is None or entry.ends is None:
        # "end" is the day after the last one.
        after = entry.day + timedelta(days=1)
        dates = {"start": {"date": str(entry.day)}, "end": {"date": str(after)}}
        return {"isAllDay": True, **dates}
    return {"isAllDay": False, "start": _moment(entry.begins), "end": _moment(entry.ends)}


def _moment(at: datetime) -> dict[str, str]:
    return {"dateTime": at.isoformat(timespec="seconds"), "timeZone": str(at.tzinfo)}


def _gone(refused: HostRefused) -> HostRefused:
    if refused.code == NOT_FOUND:
        return EntryGone(refused.reason, code=refused.code)
    return refused
