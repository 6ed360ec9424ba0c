"""打卡: what members punched (page 90262). It can be read, and by an app that 打卡 names only."""

from collections import deque
from typing import Any

from integrations.sandbox.punches import OFFICE, Punch, shifted

from .answers import Failed, success
from .office import HOST, Call, Office

OFFICE_KIND, OUTSIDE_KIND, EVERY_KIND = 1, 2, 3
LONGEST_S = 30 * 86_400
MOST_USERS = 100
PER_MINUTE = 600
SAID = {"time": "时间异常", "location": "地点异常", "wifi": "wifi异常", "device": "非常用设备"}


class Checkins:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._lately: deque[float] = deque()

    def getcheckindata(self, call: Call) -> dict[str, Any]:
        if not self._office.switches.checkins_are_allowed:
            raise Failed(48002)
        self._check_pace()
        kind = call.body.get("opencheckindatatype")
        if kind not in (OFFICE_KIND, OUTSIDE_KIND, EVERY_KIND):
            raise Failed(301024)
        users = call.body.get("useridlist")
        if not isinstance(users, list) or not 0 < len(users) <= MOST_USERS:
            raise Failed(301021)
        begin, end = (_moment(call, name) for name in ("starttime", "endtime"))
        if begin > end:
            raise Failed(301022)
        if end - begin > LONGEST_S:
            raise Failed(301023)
        return success(
            checkindata=[_record(punch) for punch in self._found(users, begin, end, kind)]
        )

    def _found(self, users: list[Any], begin: int, end: int, kind: int) -> list[Punch]:
        """In the order of their time; of people that the app may not see, nothing."""
        people = [person for user in users if (person := self._office.colleague(str(user)))]
        made = self._office.world.punches
        found = [
            punch
            for person in people
            for punch in made.of(HOST, person.user_id, self._office.clock())
            if begin <= int(punch.at) <= end and kind in (EVERY_KIND, _kind(punch))
        ]
        return sorted(found, key=lambda punch: punch.at)

    def _check_pace(self) -> None:
        now = self._office.clock()
        while self._lately and self._lately[0] <= now - 60:
            self._lately.popleft()
        if len(self._lately) >= PER_MINUTE:
            raise Failed(45009)
        self._lately.append(now)


def _kind(punch: Punch) -> int:
    return OFFICE_KIND if punch.kind == OFFICE else OUTSIDE_KIND


def _record(punch: Punch) -> dict[str, Any]:
    lat, lng = shifted(punch.lat, punch.lng)
    return {
        "userid": punch.user_id,
        "groupname": "外勤组",
        "checkin_type": "上班打卡" if punch.kind == OFFICE else "外出打卡",
        "exception_type": ";".join(SAID[mark] for mark in punch.marks if mark in SAID),
        "checkin_time": int(punch.at),
        "location_title": punch.place,
        "location_detail": punch.place,
        "wifiname": "",
        "notes": "",
        "wifimac": "",
        "mediaids": [],
        "lat": round(lat * 1_000_000),
        "lng": round(lng * 1_000_000),
        "deviceid": "",
        "sch_checkin_time": 0,
        "groupid": 1,
        "schedule_id": 0,
        "timeline_id": 0,
    }


def _moment(call: Call, name: str) -> int:
    value = call.body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Failed(301024)
    return value
