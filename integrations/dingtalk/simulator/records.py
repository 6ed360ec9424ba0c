"""Check-ins and attendance ("签到", "考勤"): what people punched, and what is made of the company.

Every work day each member punches in and out, and whoever leads nobody checks in at two places. The
same question has the same answer, because everything is drawn from the day and the person. Nothing
can be written here by the API.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from starlette.routing import Route

from integrations.sandbox.company import SOME_PLACES
from integrations.sandbox.punches import OFFICE, OUTSIDE, Punch, shifted
from integrations.sandbox.world import Person, people_under

from .backstage import HOST, Backstage
from .gate import Call, OldNo, whole

CHINA = timezone(timedelta(hours=8))
DAY_MS = 86_400_000
MOST_CHECK_IN_USERS, MOST_ATTENDANCE_USERS = 10, 50
MOST_PER_PAGE = 100


class Records:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def routes(self) -> list[Route]:
        old = self._backstage.gate.old
        return [
            old("/topapi/checkin/record/get", self._check_ins_of_users),
            old("/checkin/record", self._check_ins_of_department, method="GET"),
            old("/attendance/list", self._shifts),
            old("/attendance/listRecord", self._punches),
        ]

    def _check_ins_of_users(self, call: Call) -> dict[str, Any]:
        user_ids = str(call.body.get("userid_list", "")).split(",")
        begin, end = whole(call, "start_time"), whole(call, "end_time")
        if not 0 < len(user_ids) <= MOST_CHECK_IN_USERS or not user_ids[0]:
            raise OldNo(40035, "不合法的参数 userid_list")
        if end - begin > (10 if len(user_ids) == 1 else 1) * DAY_MS:
            raise OldNo(40035, "查询时间范围过长")
        cursor = whole(call, "cursor", 0)
        size = min(whole(call, "size", MOST_PER_PAGE), MOST_PER_PAGE)
        found = [
            {
                "checkin_time": at,
                "userid": person.user_id,
                "place": place.name,
                "detail_place": f"上海市{place.name}",
                # Strings in this call, numbers in the samples of the other one.
                "longitude": str(place.lng),
                "latitude": str(place.lat),
                "remark": "到店拜访",
                "visit_user": place.name,
            }
            for person in self._people(user_ids)
            for at, place in self._visits(person, begin, end)
        ]
        found += [
            self._signed_in(punch)
            for person in self._people(user_ids)
            for punch in self._made(person, begin, end)
            if punch.kind == OUTSIDE and not punch.marks
        ]
        page: dict[str, Any] = {"page_list": found[cursor : cursor + size]}
        if cursor + size < len(found):
            page["next_cursor"] = cursor + size
        return {"result": page}

    def _check_ins_of_department(self, call: Call) -> dict[str, Any]:
        begin, end = (int(call.query.get(name, 0)) for name in ("start_time", "end_time"))
        if end - begin > 45 * DAY_MS:
            raise OldNo(40035, "查询时间范围过长")
        offset = int(call.query.get("offset", 0))
        size = min(int(call.query.get("size", MOST_PER_PAGE)), MOST_PER_PAGE)
        department = int(call.query.get("department_id", 1))
        found = [
            {
                "name": person.name,
                "userId": person.user_id,
                "timestamp": at,
                "place": place.name,
                "detailPlace": f"上海市{place.name}",
                "remark": "到店拜访",
                "latitude": place.lat,
                "longitude": place.lng,
            }
            for person in people_under(self._backstage.company, department)
            if person.active
            for at, place in self._visits(person, begin, end)
        ]
        for person in people_under(self._backstage.company, department):
            for punch in self._made(person, begin, end):
                if punch.kind == OUTSIDE and not punch.marks:
                    found.append({"name": person.name, **self._of_department(punch)})
        backwards = call.query.get("order") == "desc"
        found.sort(key=lambda record: str(record["timestamp"]), reverse=backwards)
        return {"data": found[offset : offset + size]}

    def _shifts(self, call: Call) -> dict[str, Any]:
        user_ids, begin, end = _asked(call, "userIdList", "workDateFrom", "workDateTo")
        offset, limit = whole(call, "offset", 0), min(whole(call, "limit", 50), 50)
        found = [
            {
                "userId": person.user_id,
                "workDate": _midnight(at),
                "checkType": kind,
                "timeResult": "Normal",
                "locationResult": "Normal",
                "baseCheckTime": planned,
                "userCheckTime": at,
                "sourceType": "USER",
                "recordId": _number(person, at),
                "groupId": 1,
            }
            for person in self._people(user_ids)
            for kind, planned, at in self._days(person, begin, end)
        ]
        more = len(found) > offset + limit
        return {"recordresult": found[offset : offset + limit], "hasMore": more}

    def _punches(self, call: Call) -> dict[str, Any]:
        user_ids, begin, end = _asked(call, "userIds", "checkDateFrom", "checkDateTo")
        found = []
        for person in self._people(user_ids):
            for kind, planned, at in self._days(person, begin, end):
                # Now and then somebody is caught with a made-up position.
                is_caught = random.Random(f"{person.user_id} {at}").random() < 0.02  # noqa: S311
                place = SOME_PLACES[at % len(SOME_PLACES)]
                punch = {
                    "userId": person.user_id,
                    "checkType": kind,
                    "workDate": _midnight(at),
                    "planCheckTime": planned,
                    "userCheckTime": at,
                    "userLongitude": place.lng,
                    "userLatitude": place.lat,
                    "userAddress": f"上海市{place.name}",
                    "locationMethod": "MAP",
                    "sourceType": "USER",
                    "isLegal": "N" if is_caught else "Y",
                    "id": _number(person, at),
                }
                found.append({**punch, "invalidRecordType": "Security"} if is_caught else punch)
            # With a mark it was punched by 考勤; without one, outside the office, by 签到.
            found += [
                self._punched(made)
                for made in self._made(person, begin, end)
                if made.kind == OFFICE or made.marks
            ]
        return {"recordresult": found}

    def _signed_in(self, punch: Punch) -> dict[str, Any]:
        lat, lng = self._position(punch)
        return {
            "checkin_time": int(punch.at * 1000),
            "userid": punch.user_id,
            "place": punch.place,
            "detail_place": punch.place,
            "longitude": str(lng),
            "latitude": str(lat),
            "remark": "",
            "visit_user": "",
        }

    def _of_department(self, punch: Punch) -> dict[str, Any]:
        lat, lng = self._position(punch)
        return {
            "userId": punch.user_id,
            "timestamp": int(punch.at * 1000),
            "place": punch.place,
            "detailPlace": punch.place,
            "remark": "",
            "latitude": lat,
            "longitude": lng,
        }

    def _punched(self, punch: Punch) -> dict[str, Any]:
        lat, lng = self._position(punch)
        at = int(punch.at * 1000)
        return {
            "userId": punch.user_id,
            "checkType": "OnDuty",
            "workDate": _midnight(at),
            "planCheckTime": at,
            "userCheckTime": at,
            "userLongitude": lng,
            "userLatitude": lat,
            "userAddress": punch.place,
            "timeResult": "Late" if "time" in punch.marks else "Normal",
            "locationResult": "Outside" if punch.kind == OUTSIDE else "Normal",
            "locationMethod": "MAP",
            "sourceType": "USER",
            # "N" also says that he was late, or outside.
            "isLegal": "N" if punch.marks or punch.kind == OUTSIDE else "Y",
            "id": punch.id,
            **({"invalidRecordType": "Security"} if "security" in punch.marks else {}),
            **({"invalidRecordType": "Other"} if "device" in punch.marks else {}),
        }

    def _position(self, punch: Punch) -> tuple[float, float]:
        if self._backstage.switches.records_in_wgs84:
            return punch.lat, punch.lng
        return shifted(punch.lat, punch.lng)

    def _made(self, person: Person, begin: int, end: int) -> list[Punch]:
        made = self._backstage.world.punches.of(HOST, person.user_id, self._backstage.clock())
        return [punch for punch in made if begin <= punch.at * 1000 <= end]

    def _people(self, user_ids: list[str]) -> Iterator[Person]:
        for user_id in user_ids:
            person = self._backstage.person(user_id)
            if person is not None:
                yield person

    def _visits(self, person: Person, begin: int, end: int) -> Iterator[tuple[int, Any]]:
        for midnight in self._work_days(begin, end) if not person.leads else ():
            dice = random.Random(f"{person.user_id} {midnight}")  # noqa: S311
            for hour, place in zip((10, 15), dice.sample(SOME_PLACES, 2), strict=True):
                at = midnight + (hour * 60 + dice.randrange(60)) * 60_000
                if begin <= at < end and at <= self._backstage.now_ms:
                    yield at, place

    def _days(self, person: Person, begin: int, end: int) -> Iterator[tuple[str, int, int]]:
        for midnight in self._work_days(begin, end):
            dice = random.Random(f"{person.user_id} {midnight}")  # noqa: S311
            for kind, hour, late in (("OnDuty", 9, -1), ("OffDuty", 18, 1)):
                planned = midnight + hour * 3_600_000
                at = planned + late * dice.randrange(20) * 60_000
                if begin <= at < end and at <= self._backstage.now_ms:
                    yield kind, planned, at

    def _work_days(self, begin: int, end: int) -> Iterator[int]:
        return _work_days(begin, end) if self._backstage.switches.makes_up_records else iter(())


def _asked(call: Call, users: str, begin: str, end: str) -> tuple[list[str], int, int]:
    user_ids = call.body.get(users)
    if not isinstance(user_ids, list) or not 0 < len(user_ids) <= MOST_ATTENDANCE_USERS:
        raise OldNo(40035, f"不合法的参数 {users}")
    first, last = (_china_ms(str(call.body.get(name, ""))) for name in (begin, end))
    if not 0 <= last - first <= 7 * DAY_MS:
        raise OldNo(41041, "查询时间跨度不能超过7天")
    return [str(user_id) for user_id in user_ids], first, last


def _china_ms(text: str) -> int:
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError as failure:
        raise OldNo(40035, "不合法的时间格式") from failure
    return int(local.timestamp() * 1000)


def _work_days(begin: int, end: int) -> Iterator[int]:
    midnight = _midnight(begin)
    while midnight < end:
        if datetime.fromtimestamp(midnight / 1000, UTC).astimezone(CHINA).weekday() < 5:
            yield midnight
        midnight += DAY_MS


def _midnight(at_ms: int) -> int:
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _number(person: Person, at: int) -> int:
    return random.Random(f"{person.user_id} {at}").randrange(10**11)  # noqa: S311
