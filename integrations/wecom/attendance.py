"""打卡 as the service `attendance` (page 90262): what members punched, thirty days at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from field_ops.host.attendance import OFFICE, OUTSIDE, AttendanceRecord
from field_ops.host.errors import CredentialsRejected, PermissionMissing
from field_ops.host.services import Colleague
from field_ops.texts import Text

from .client import WecomClient

EVERY_KIND = 3
MOST_USERS = 100
LONGEST = timedelta(days=30)
OUTSIDE_KIND = "外出打卡"
NOT_PUNCHED = "未打卡"  # a shift without a punch, which is no record of anybody being anywhere
ABNORMAL = {
    "时间异常": "time",
    "地点异常": "location",
    "wifi异常": "wifi",
    "非常用设备": "device",
}
# The app is not among 打卡 → 可调用接口的应用. Everything else that it may do goes on.
NOT_LISTED = ("48002", "60011", "301002")
WANTS = Text(
    "在管理后台「应用管理 → 打卡」里，把应用加入「可调用接口的应用」。",
    "In the admin console, under the attendance app: add this app to those that may call its API.",
)


class WecomAttendance:
    """The port's `AttendanceRecords`."""

    wants = WANTS

    def __init__(self, client: WecomClient) -> None:
        self._client = client

    async def look(self, somebody: Colleague) -> None:
        now = datetime.now(UTC)
        await self._ask([somebody.host_user_id], now - timedelta(hours=1), now)

    async def records(
        self, host_user_ids: Sequence[str], since: datetime, until: datetime
    ) -> list[AttendanceRecord]:
        found: list[AttendanceRecord] = []
        for begin, end in _spans(since, until):
            for first in range(0, len(host_user_ids), MOST_USERS):
                some = host_user_ids[first : first + MOST_USERS]
                found += [read for one in await self._ask(some, begin, end) if (read := _read(one))]
        return found

    async def _ask(
        self, host_user_ids: Sequence[str], begin: datetime, end: datetime
    ) -> list[Mapping[str, Any]]:
        body = {
            "opencheckindatatype": EVERY_KIND,
            "starttime": int(begin.timestamp()),
            "endtime": int(end.timestamp()),
            "useridlist": list(host_user_ids),
        }
        try:
            answer = await self._client.post("checkin/getcheckindata", body)
        except CredentialsRejected as refused:
            if refused.code in NOT_LISTED:
                raise PermissionMissing(refused.reason, code=refused.code) from refused
            raise
        listed = answer.get("checkindata")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _spans(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        yield since, min(since + LONGEST, until)
        since += LONGEST


def _read(one: Mapping[str, Any]) -> AttendanceRecord | None:
    """One record in our words; None for what is no punch at all."""
    said = [part.strip() for part in str(one.get("exception_type") or "").split(";")]
    user_id, at = str(one.get("userid") or ""), _whole(one.get("checkin_time"))
    if NOT_PUNCHED in said or not user_id or not at:
        return None
    kind = str(one.get("checkin_type") or "")
    lat, lng = _degrees(one.get("lat")), _degrees(one.get("lng"))
    located = lat is not None and lng is not None and (lat, lng) != (0, 0)
    return AttendanceRecord(
        # WeCom gives records no id; nobody punches in one way twice within a second.
        key=f"{user_id}/{at}/{kind}",
        host_user_id=user_id,
        happened_at=datetime.fromtimestamp(at, UTC),
        kind=OUTSIDE if kind == OUTSIDE_KIND else OFFICE,
        place=str(one.get("location_title") or one.get("location_detail") or ""),
        lat=lat if located else None,
        lng=lng if located else None,
        datum="GCJ02" if located else "",
        abnormal=frozenset(ABNORMAL.get(part, "other") for part in said if part),
    )


def _degrees(value: object) -> float | None:
    """WeCom writes degrees as whole millionths."""
    return None if value is None else _whole(value) / 1_000_000


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
