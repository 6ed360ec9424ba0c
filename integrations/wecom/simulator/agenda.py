"""Calendars and schedules of the app (pages 93647 and 93648): it sees what it made itself.

Each schedule is in the calendar of whoever takes part. A cancelled one can still be asked about.
"""

import re
import secrets
from typing import Any

from integrations.sandbox.stage import Noted

from .answers import Failed, success
from .office import Call, Office

A_DAY_S, CHINA_S = 86_400, 8 * 3600
LONGEST_SUMMARY = 128
LONGEST = {"summary": LONGEST_SUMMARY, "description": 1_000, "location": 128}
MOST_ATTENDEES, MOST_SHARES, MOST_ADMINS = 1_000, 2_000, 3
MOST_AT_ONCE, USUAL_AT_ONCE = 1_000, 500
ACTIVE, CANCELLED = 0, 1
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
UNANSWERED, DECLINED = 0, 4


class Agenda:
    """`calendars` and `schedules` by id. The figures by the day are WeCom's; a test lowers them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.calendars: dict[str, dict[str, Any]] = {}
        self.schedules: dict[str, dict[str, Any]] = {}
        self.most_a_day = 10_000
        self._made: dict[tuple[str, int], int] = {}

    def add_calendar(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        calendar = _part(call, "calendar")
        _check_calendar(calendar)
        self._count("calendar")
        cal_id = f"wc{secrets.token_hex(14)}"
        if call.arrives:
            self.calendars[cal_id] = {**calendar, "cal_id": cal_id}
        return success(cal_id=cal_id)

    def update_calendar(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        changed = _part(call, "calendar")
        calendar = self._calendar(changed.get("cal_id"))
        _check_calendar(changed)
        calendar.update(changed)
        return success(cal_id=calendar["cal_id"])

    def get_calendars(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        wanted = _ids(call, "cal_id_list")
        return success(
            calendar_list=[self.calendars[one] for one in wanted if one in self.calendars]
        )

    def delete_calendar(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        del self.calendars[self._calendar(call.body.get("cal_id"))["cal_id"]]
        return success()

    def add_schedule(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        schedule = _part(call, "schedule")
        self._check_schedule(schedule)
        self._count("schedule")
        schedule_id = secrets.token_hex(16)
        if call.arrives:
            self.schedules[schedule_id] = {
                **schedule,
                "schedule_id": schedule_id,
                "attendees": _invited(schedule, {}),
                "sequence": 0,
                "status": ACTIVE,
            }
        return success(schedule_id=schedule_id)

    def update_schedule(self, call: Call) -> dict[str, Any]:
        """What is not given is gone: the whole object is overwritten."""
        self._check_listed()
        changed = _part(call, "schedule")
        schedule = self._schedule(changed.get("schedule_id"))
        self._check_schedule(changed)
        before = {one["userid"]: one["response_status"] for one in schedule["attendees"]}
        keeps = bool(call.body.get("skip_attendees"))
        attendees = schedule["attendees"] if keeps else _invited(changed, before)
        # The calendar cannot be changed.
        kept: dict[str, Any] = {
            name: schedule[name] for name in ("cal_id", "schedule_id") if name in schedule
        }
        status: dict[str, Any] = {"sequence": schedule["sequence"] + 1, "status": ACTIVE}
        self.schedules[schedule["schedule_id"]] = {
            **changed, **kept, **status, "attendees": attendees,
        }  # fmt: skip
        return success(schedule_id=schedule["schedule_id"])

    def get_schedules(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        wanted = _ids(call, "schedule_id_list")
        found = [self.schedules[one] for one in wanted if one in self.schedules]
        return success(schedule_list=found)

    def delete_schedule(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        schedule = self._schedule(call.body.get("schedule_id"))
        if schedule["status"] == CANCELLED:
            raise Failed(40058, "schedule cancelled")
        schedule["status"] = CANCELLED
        return success()

    def list_schedules(self, call: Call) -> dict[str, Any]:
        self._check_listed()
        cal_id = self._calendar(call.body.get("cal_id"))["cal_id"]
        offset, limit = call.body.get("offset", 0), call.body.get("limit", USUAL_AT_ONCE)
        if not isinstance(limit, int) or not 1 <= limit <= MOST_AT_ONCE:
            raise Failed(40058, "limit")
        found = [one for one in self.schedules.values() if one.get("cal_id") == cal_id]
        return success(schedule_list=found[offset : offset + limit])

    def of(self, user_id: str) -> list[dict[str, Any]]:
        """What stands in the calendar of this member."""
        wanted = user_id.casefold()
        return [
            schedule
            for schedule in self.schedules.values()
            if schedule["status"] == ACTIVE
            for one in schedule["attendees"]
            if one["userid"].casefold() == wanted and one["response_status"] != DECLINED
        ]

    def noted_by(self, user_id: str) -> list[Noted]:
        """The same, as the member sees it in his app."""
        return [
            Noted(
                kind="schedule",
                title=str(schedule.get("summary", "")),
                begins=schedule["start_time"],
                ends=schedule["end_time"],
                all_day=bool(schedule.get("is_whole_day")),
                place=str(schedule.get("location", "")),
                text=str(schedule.get("description", "")),
            )
            for schedule in sorted(self.of(user_id), key=lambda one: int(one["start_time"]))
        ]

    def decline(self, user_id: str, schedule_id: str) -> None:
        """The member takes a schedule out of his calendar."""
        for one in self.schedules[schedule_id]["attendees"]:
            if one["userid"] == user_id:
                one["response_status"] = DECLINED

    def _check_listed(self) -> None:
        if self._office.switches.calendar_is_closed:
            raise Failed(48002)

    def _check_schedule(self, schedule: dict[str, Any]) -> None:
        begins, ends = schedule.get("start_time"), schedule.get("end_time")
        if not isinstance(begins, int) or not isinstance(ends, int) or ends < begins:
            raise Failed(40058, "start_time, end_time")
        for name, most in LONGEST.items():
            if len(str(schedule.get(name, ""))) > most:
                raise Failed(40058, name)
        if schedule.get("cal_id"):
            self._calendar(schedule["cal_id"])
        attendees = schedule.get("attendees") or []
        if len(attendees) > MOST_ATTENDEES or len(schedule.get("admins") or []) > MOST_ADMINS:
            raise Failed(90464)
        for one in attendees:
            # Somebody who left is nobody, as everywhere.
            if not isinstance(one, dict) or not self._office.colleague(str(one.get("userid"))):
                raise Failed(90464, str(one))

    def _calendar(self, cal_id: object) -> dict[str, Any]:
        if (found := self.calendars.get(str(cal_id))) is None:
            raise Failed(90466)
        return found

    def _schedule(self, schedule_id: object) -> dict[str, Any]:
        if (found := self.schedules.get(str(schedule_id))) is None:
            raise Failed(40058, "schedule_id")
        return found

    def _count(self, kind: str) -> None:
        day = int(self._office.clock() + CHINA_S) // A_DAY_S
        if self._made.get((kind, day), 0) >= self.most_a_day:
            raise Failed(45009, "by day")
        self._made[kind, day] = self._made.get((kind, day), 0) + 1


def _part(call: Call, name: str) -> dict[str, Any]:
    part = call.body.get(name)
    if not isinstance(part, dict):
        raise Failed(40058, name)
    return dict(part)


def _ids(call: Call, name: str) -> list[str]:
    ids = call.body.get(name)
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_AT_ONCE:
        raise Failed(40058, name)
    return [str(one) for one in ids]


def _check_calendar(calendar: dict[str, Any]) -> None:
    if not 1 <= len(str(calendar.get("summary", ""))) <= LONGEST_SUMMARY:
        raise Failed(40058, "summary")
    if not COLOUR.fullmatch(str(calendar.get("color", ""))):
        raise Failed(40058, "color")
    if len(calendar.get("shares") or []) > MOST_SHARES:
        raise Failed(40058, "shares")


def _invited(schedule: dict[str, Any], before: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {**one, "response_status": before.get(one["userid"], UNANSWERED)}
        for one in schedule.get("attendees") or []
    ]
