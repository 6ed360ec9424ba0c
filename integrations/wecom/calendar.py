"""The port's `Calendar` by WeCom's schedules (page 93648), in one calendar of the app (93647).

A schedule has no duplicate check, so what a lost answer may have left is looked for in the
calendar. The member takes part; he gets no reminder, because Waiqin reminds by itself.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from field_ops.host.agenda import Entry
from field_ops.host.errors import (
    BookGone,
    CredentialsRejected,
    DailyLimitReached,
    EntryGone,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)
from field_ops.host.services import Colleague
from field_ops.texts import Text

from .client import WecomClient

WANTS = Text(
    "企业微信要求在「应用管理 → 日程 → 可调用接口的应用」里加上这个应用。",
    "WeCom wants this app in the list of those that may call the schedule API.",
)
NOT_LISTED = frozenset({"48002", "90472"})
CALENDAR_WRONG = frozenset({"90457", "90466"})  # not there (any more), or another app's
# What a schedule that is not there is answered with is not documented: one of these.
MAY_BE_GONE = frozenset({"40058", *map(str, range(90456, 90501))}) - NOT_LISTED - CALENDAR_WRONG
TOO_OFTEN = "45009"
MADE_A_DAY = 10_000
MOST_AT_ONCE = 1_000
NO_SUCH = "waiqin-looks-only"
COLOUR = "#2F7CF6"
LONGEST_TITLE, LONGEST_PLACE, LONGEST_TEXT = 128, 128, 1_000
CANCELLED, DECLINED = 1, 4
CHINA_S, DAY_S = 8 * 3600, 86_400


class WecomCalendar:
    """`now` tells how long it is until tomorrow."""

    wants = WANTS
    made_a_day: int | None = MADE_A_DAY
    made_a_day_each: int | None = None

    def __init__(self, client: WecomClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def open_book(self, title: str) -> str:
        calendar = {"summary": title[:LONGEST_TITLE], "color": COLOUR, "set_as_default": 0}
        answer = await self._post("calendar/add", {"calendar": calendar})
        if cal_id := str(answer.get("cal_id") or ""):
            return cal_id
        raise HostUnavailable("an answer without cal_id", maybe_done=True)

    async def make(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        answer = await self._post("schedule/add", {"schedule": _schedule(whose, entry, book)})
        if schedule_id := str(answer.get("schedule_id") or ""):
            return schedule_id
        raise HostUnavailable("an answer without schedule_id", maybe_done=True)

    async def find(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        offset = 0
        while True:
            asked = {"cal_id": book, "offset": offset, "limit": MOST_AT_ONCE}
            page = _mappings(await self._post("schedule/get_by_calendar", asked))
            for schedule in page:
                his = whose.host_user_id.casefold() in _attendees(schedule)
                if his and _is_there(schedule) and entry.url in str(schedule.get("description")):
                    return str(schedule.get("schedule_id") or "")
            if len(page) < MOST_AT_ONCE:
                return ""
            offset += MOST_AT_ONCE

    async def change(self, whose: Colleague, entry_id: str, entry: Entry, book: str) -> None:
        # An update would wake a schedule that somebody cancelled, and ask again who declined.
        schedule = await self._one(entry_id)
        answered = _attendees(schedule).get(whose.host_user_id.casefold())
        if not _is_there(schedule) or answered == DECLINED:
            raise EntryGone("the member does not want this schedule", code="declined")
        changed = {"schedule_id": entry_id, **_schedule(whose, entry, book)}
        await self._post("schedule/update", {"schedule": changed})

    async def take_away(self, whose: Colleague, entry_id: str) -> None:
        try:
            await self._post("schedule/del", {"schedule_id": entry_id})
        except HostRefused as refused:
            if refused.code not in MAY_BE_GONE:
                raise
            # The same codes mean other things too; so we look.
            try:
                if _is_there(await self._one(entry_id)):
                    raise refused from None
            except EntryGone:
                return

    async def look(self, somebody: Colleague) -> None:
        try:
            await self._post("schedule/get", {"schedule_id_list": [NO_SUCH]})
        except PermissionMissing:
            raise
        except HostRefused:
            return

    async def _one(self, schedule_id: str) -> Mapping[str, Any]:
        """Raises `EntryGone` when WeCom does not show it."""
        try:
            answer = await self._post("schedule/get", {"schedule_id_list": [schedule_id]})
        except HostRefused as refused:
            if refused.code in MAY_BE_GONE:
                raise EntryGone(refused.reason, code=refused.code) from refused
            raise
        found = [one for one in _mappings(answer) if one.get("schedule_id") == schedule_id]
        if not found:
            raise EntryGone("there is no such schedule", code="schedule_id")
        return found[0]

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return await self._client.post(f"oa/{path}", body)
        except SendError as failure:
            raise self._in_our_words(failure) from failure

    def _in_our_words(self, failure: SendError) -> SendError:
        match failure:
            # 48002 of another API says that the settings are wrong; here it is a permission.
            case CredentialsRejected() | HostRefused() if failure.code in NOT_LISTED:
                return PermissionMissing(failure.reason, code=failure.code)
            case HostRefused() if failure.code in CALENDAR_WRONG:
                return BookGone(failure.reason, code=failure.code)
            # The limits by the minute and by the day have one code; only the text, which WeCom may
            # change, tells them apart. If it does not, it is asked again a minute later.
            case HostBusy() if failure.code == TOO_OFTEN and "day" in failure.reason:
                left_s = DAY_S - (self._now().timestamp() + CHINA_S) % DAY_S
                return DailyLimitReached(failure.reason, code=failure.code, retry_after_s=left_s)
            case _:
                return failure


def _schedule(whose: Colleague, entry: Entry, book: str) -> dict[str, Any]:
    begins, ends = entry.begins, entry.ends
    is_whole_day = begins is None or ends is None
    if begins is None or ends is None:
        begins, ends = entry.closes.replace(hour=0, minute=0, second=0), entry.closes
    text = entry.text[: LONGEST_TEXT - len(entry.url) - 1]
    return {
        "start_time": int(begins.timestamp()),
        "end_time": int(ends.timestamp()),
        "is_whole_day": int(is_whole_day),
        "attendees": [{"userid": whose.host_user_id}],
        "summary": entry.title[:LONGEST_TITLE],
        "description": "\n".join(part for part in (text, entry.url) if part),
        "location": entry.place[:LONGEST_PLACE],
        "reminders": {"is_remind": 0, "is_repeat": 0},
        "cal_id": book,
    }


def _mappings(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = answer.get("schedule_list")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _is_there(schedule: Mapping[str, Any]) -> bool:
    # A cancelled schedule is still told; its status says so.
    return schedule.get("status") != CANCELLED


def _attendees(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Who takes part, and what he answered. Userids are not case-sensitive."""
    listed = schedule.get("attendees")
    people = listed if isinstance(listed, list) else []
    return {
        str(one.get("userid", "")).casefold(): one.get("response_status")
        for one in people
        if isinstance(one, dict)
    }
