"""考勤 and 签到 as the service `attendance`: "获取打卡详情", and "获取多个用户的签到记录".

Punches (考勤) carry DingTalk's own suspicion of a made-up position; sign-ins (签到) are what people
in the field use. Both are asked, and both are calls that the standard edition counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from field_ops.host.attendance import OFFICE, OUTSIDE, AttendanceRecord
from field_ops.host.services import Colleague
from field_ops.texts import Text

from . import lenient
from .client import DingtalkClient

CHINA = timezone(timedelta(hours=8))  # DingTalk's wall clock, wherever the company is
MOST_PUNCHING, LONGEST_PUNCHES = 50, timedelta(days=7)
MOST_SIGNING_IN, LONGEST_SIGN_INS = 10, timedelta(days=1)
PAGE = 100
# Neither page says in which datum the coordinates are.
DATUM = ""
WANTS = Text(
    "在开发者后台「权限管理」里开通考勤数据读取（qyapi_get_attendance_data）和签到读取"
    "（qyapi_checkin_read）；每次读取都计入每月的 API 调用次数。",
    "In the developer console, grant qyapi_get_attendance_data and qyapi_checkin_read; each "
    "reading counts as API calls of the month.",
)


class DingtalkAttendance:
    """The port's `AttendanceRecords`."""

    wants = WANTS

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def look(self, somebody: Colleague) -> None:
        now = datetime.now(UTC)
        await self._punches([somebody.host_user_id], now - timedelta(hours=1), now)
        await self._sign_ins([somebody.host_user_id], now - timedelta(hours=1), now)

    async def records(
        self, host_user_ids: Sequence[str], since: datetime, until: datetime
    ) -> list[AttendanceRecord]:
        found: list[AttendanceRecord] = []
        for begin, end in _spans(since, until, LONGEST_PUNCHES):
            for some in _split(host_user_ids, MOST_PUNCHING):
                found += await self._punches(some, begin, end)
        for begin, end in _spans(since, until, LONGEST_SIGN_INS):
            for some in _split(host_user_ids, MOST_SIGNING_IN):
                found += await self._sign_ins(some, begin, end)
        return found

    async def _punches(
        self, user_ids: Sequence[str], begin: datetime, end: datetime
    ) -> list[AttendanceRecord]:
        body = {
            "userIds": list(user_ids),
            "checkDateFrom": _wall_clock(begin),
            "checkDateTo": _wall_clock(end),
            "isI18n": False,
        }
        answer = await self._client.oapi("attendance/listRecord", body)
        listed = lenient.mappings(answer, "recordresult")
        return [read for one in listed if (read := _punch(one))]

    async def _sign_ins(
        self, user_ids: Sequence[str], begin: datetime, end: datetime
    ) -> list[AttendanceRecord]:
        body: dict[str, Any] = {
            "userid_list": ",".join(user_ids),
            "start_time": _milliseconds(begin),
            "end_time": _milliseconds(end),
            "size": PAGE,
        }
        found: list[AttendanceRecord] = []
        cursor = 0
        while True:
            answer = await self._client.oapi(
                "topapi/checkin/record/get", {**body, "cursor": cursor}
            )
            result = lenient.mapping(answer, "result")
            listed = lenient.mappings(result, "page_list")
            found += [read for one in listed if (read := _sign_in(one))]
            further = lenient.whole(result, "next_cursor") if result.get("next_cursor") else 0
            if further <= cursor:  # null or absent at the end; one that stands still would not end
                return found
            cursor = further


def _punch(one: Mapping[str, Any]) -> AttendanceRecord | None:
    user_id, at = lenient.text(one, "userId"), lenient.moment(one.get("userCheckTime"))
    if not user_id or at is None:
        return None
    # The company's own corrections (BOSS, APPROVE, SYSTEM) say nothing about where somebody was.
    if lenient.text(one, "sourceType") in ("BOSS", "APPROVE", "SYSTEM"):
        return None
    is_outside = lenient.text(one, "locationResult") == "Outside"
    number = lenient.text(one, "id") or f"{user_id}/{_milliseconds(at)}"
    return AttendanceRecord(
        key=f"punch/{number}",
        host_user_id=user_id,
        happened_at=at,
        kind=OUTSIDE if is_outside else OFFICE,
        place=lenient.text(one, "userAddress"),
        **_position(one, "userLatitude", "userLongitude"),
        abnormal=frozenset(_marks(one)),
    )


def _marks(one: Mapping[str, Any]) -> Iterator[str]:
    """What is held against a punch. `isLegal` is no mark: it is "N" for who is late, too."""
    why = lenient.text(one, "invalidRecordType")
    if why:
        yield "security" if why == "Security" else "other"
    if lenient.text(one, "timeResult") not in ("", "Normal", "NotSigned"):
        yield "time"


def _sign_in(one: Mapping[str, Any]) -> AttendanceRecord | None:
    user_id, at = lenient.text(one, "userid"), lenient.moment(one.get("checkin_time"))
    if not user_id or at is None:
        return None
    return AttendanceRecord(
        # DingTalk gives sign-ins no id; nobody signs in twice within a millisecond.
        key=f"sign-in/{user_id}/{_milliseconds(at)}",
        host_user_id=user_id,
        happened_at=at,
        kind=OUTSIDE,
        place=lenient.text(one, "place", "detail_place"),
        **_position(one, "latitude", "longitude"),
    )


def _position(one: Mapping[str, Any], lat: str, lng: str) -> dict[str, Any]:
    """Numbers in one API, strings in the other, and sometimes not there."""
    try:
        here = float(lenient.text(one, lat)), float(lenient.text(one, lng))
    except ValueError:
        return {}
    is_on_earth = abs(here[0]) <= 90 and abs(here[1]) <= 180 and here != (0, 0)
    return {"lat": here[0], "lng": here[1], "datum": DATUM} if is_on_earth else {}


def _spans(
    since: datetime, until: datetime, longest: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        yield since, min(since + longest, until)
        since += longest


def _split(user_ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    for first in range(0, len(user_ids), most):
        yield user_ids[first : first + most]


def _wall_clock(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
