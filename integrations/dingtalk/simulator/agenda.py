"""Todos and calendar ("待办", "日程"). Everybody is named by his union id here."""

import itertools
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.routing import Route

from integrations.sandbox.stage import Noted

from .accounts import union_id
from .backstage import Backstage
from .gate import Call, NewNo

EVENTS_A_DAY = 100
DAY_MS, CHINA_MS = 86_400_000, 8 * 3_600_000
CLIENT_TOKEN_LIVES_MS = DAY_MS
LONGEST_SUBJECT, LONGEST_URL = 1_024, 1_024
LONGEST_SUMMARY, LONGEST_TEXT = 2_048, 5_000
MOST_ATTENDEES = 500
MOST_EVENTS = 100
CHANGEABLE = ("subject", "description", "dueTime", "done", "executorIds", "participantIds")


class Agenda:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self.todos: dict[str, dict[str, Any]] = {}  # by task id
        self.events: dict[str, dict[str, Any]] = {}  # by event id
        self._by_client_token: dict[str, tuple[str, int]] = {}  # event id, and when
        self._made_today: dict[str, int] = {}
        self._numbers = itertools.count(1)

    def routes(self) -> list[Route]:
        new, tasks = self._backstage.gate.new, "/v1.0/todo/users/{union_id}/tasks"
        events = "/v1.0/calendar/users/{union_id}/calendars/primary/events"
        return [
            new(tasks, self._make_todo),
            new(tasks + "/{task_id}", self._change_todo, method="PUT"),
            new(tasks + "/{task_id}", self._delete_todo, method="DELETE"),
            new(tasks + "/{task_id}/executorStatus", self._mark_todo, method="PUT"),
            new("/v1.0/todo/users/{union_id}/org/tasks/query", self._find_todos),
            new(events, self._make_event),
            new(events, self._find_events, method="GET"),
            new(events + "/{event_id}", self._change_event, method="PUT"),
            new(events + "/{event_id}", self._delete_event, method="DELETE"),
        ]

    def noted_by(self, whose: str) -> list[Noted]:
        """The calendar and the to-dos of this union id, as DingTalk shows them to the member."""
        found = [_event_noted(event) for event in self.events.values() if _is_in(event, whose)]
        found += [
            _todo_noted(todo)
            for todo in self.todos.values()
            if whose in todo.get("executorIds", ())
        ]
        return sorted(found, key=lambda one: one.begins)

    def _make_todo(self, call: Call) -> dict[str, Any]:
        body = call.body
        for name in ("subject", "creatorId", "detailUrl"):
            if not body.get(name):
                raise NewNo(400, "todo.taskCreate.paramError", f"{name} is required")
        for whose in (call.place["union_id"], *body.get("executorIds", ())):
            self._check_person(str(whose))
        _check_lengths(body)
        source = str(body.get("sourceId") or secrets.token_hex(8))
        if any(todo["sourceId"] == source for todo in self.todos.values()):
            raise NewNo(400, "todo.taskCreate.paramError", "task exist")
        now_ms, task_id = self._backstage.now_ms, f"OPJ{secrets.token_hex(12)}"
        todo = {
            **body,
            "id": task_id,
            "sourceId": source,
            "done": False,
            "createdTime": now_ms,
            "modifiedTime": now_ms,
            "bizTag": self._backstage.company.app.client_id,
            "requestId": secrets.token_hex(8),
        }
        if not call.dropped:
            self.todos[task_id] = todo
        return todo

    def _change_todo(self, call: Call) -> dict[str, Any]:
        todo = self._todo(call)
        if not call.dropped:
            changed = {name: call.body[name] for name in CHANGEABLE if name in call.body}
            todo.update(changed, modifiedTime=self._backstage.now_ms)
        return {"result": True}

    def _mark_todo(self, call: Call) -> dict[str, Any]:
        todo, marks = self._todo(call), call.body.get("executorStatusList") or []
        done = {each["id"] for each in marks if each.get("isDone")}
        todo["done"] = bool(done) and done >= set(todo.get("executorIds", ()))
        return {"result": True}

    def _delete_todo(self, call: Call) -> dict[str, Any]:
        del self.todos[self._todo(call)["id"]]
        return {"result": True}

    def _find_todos(self, call: Call) -> dict[str, Any]:
        whose, is_done = call.place["union_id"], bool(call.body.get("isDone", False))
        cards = [
            {
                "taskId": todo["id"],
                "isDone": todo["done"],
                **{
                    name: todo.get(name)
                    for name in (
                        "subject", "dueTime", "detailUrl", "priority", "createdTime",
                        "modifiedTime", "creatorId", "sourceId", "bizTag",
                    )
                },
            }
            for todo in self.todos.values()
            if whose in todo.get("executorIds", ()) and todo["done"] == is_done
        ]  # fmt: skip
        return {"todoCards": cards}

    def _todo(self, call: Call) -> dict[str, Any]:
        todo = self.todos.get(call.place["task_id"])
        if todo is None:
            raise NewNo(400, "todo.task.paramError", "task not exist")
        return todo

    def _make_event(self, call: Call) -> dict[str, Any]:
        whose = call.place["union_id"]
        self._check_person(whose)
        # The header makes a repeated request the same event.
        client_token = call.headers.get("x-client-token", "")
        event_id, at = self._by_client_token.get(client_token, ("", 0))
        is_fresh = self._backstage.now_ms - at < CLIENT_TOKEN_LIVES_MS
        if is_fresh and (known := self.events.get(event_id)):
            return known
        _check_times(call)
        for name, most in (("summary", LONGEST_SUMMARY), ("description", LONGEST_TEXT)):
            if len(str(call.body.get(name, ""))) > most:
                raise NewNo(400, f"invalidParameter.{name}", f"{name}超长")
        attendees = call.body.get("attendees") or []
        if len(attendees) > MOST_ATTENDEES:
            raise NewNo(400, "invalidParameter.attendees.overMax", "attendees超过500")
        day = f"{whose} {(self._backstage.now_ms + CHINA_MS) // DAY_MS}"
        self._made_today[day] = self._made_today.get(day, 0) + 1
        if self._made_today[day] > EVENTS_A_DAY:
            raise NewNo(400, "flowLimit", "每人每天最多创建100个日程")
        event = {
            **call.body,
            "id": f"event{next(self._numbers)}{secrets.token_hex(6)}",
            "organizer": {"id": whose, "responseStatus": "accepted", "self": True},
            "attendees": [{**each, "responseStatus": "needsAction"} for each in attendees],
            "reminders": call.body.get("reminders", [{"method": "dingtalk", "minutes": 15}]),
        }
        if not call.dropped:
            self.events[event["id"]] = event
            if client_token:
                self._by_client_token[client_token] = event["id"], self._backstage.now_ms
        return event

    def _find_events(self, call: Call) -> dict[str, Any]:
        whose = call.place["union_id"]
        mine = [event for event in self.events.values() if _is_in(event, whose)]
        begins, ends = (_moment(call.query.get(name, "")) for name in ("timeMin", "timeMax"))
        mine = [event for event in mine if _is_within(event, begins, ends)]
        begin = int(call.query.get("nextToken", 0))
        size = min(int(call.query.get("maxResults", MOST_EVENTS)), MOST_EVENTS)
        page: dict[str, Any] = {"events": mine[begin : begin + size]}
        if begin + size < len(mine):
            return {**page, "nextToken": str(begin + size)}
        return {**page, "syncToken": secrets.token_hex(8)}

    def _change_event(self, call: Call) -> dict[str, Any]:
        event = self._event(call)
        if "start" in call.body or "end" in call.body:
            _check_times(call)
        event.update(call.body, id=event["id"])
        return event

    def _delete_event(self, call: Call) -> dict[str, Any]:
        del self.events[self._event(call)["id"]]
        return {}

    def _event(self, call: Call) -> dict[str, Any]:
        event = self.events.get(call.place["event_id"])
        if event is None:
            raise NewNo(404, "eventNotFound", "日程不存在")
        return event

    def _check_person(self, asked: str) -> None:
        known = (union_id(p.user_id, p.union_id) for p in self._backstage.company.people.values())
        if asked not in known:
            raise NewNo(400, "invalidParameter.unionId", "unionId错误")


def _check_lengths(todo: Mapping[str, Any]) -> None:
    addresses = todo["detailUrl"].values() if isinstance(todo["detailUrl"], dict) else ("",)
    if len(todo["subject"]) > LONGEST_SUBJECT or not all(addresses):
        raise NewNo(400, "todo.taskCreate.paramError", "subject, detailUrl")
    if any(len(str(address).encode()) > LONGEST_URL for address in addresses):
        raise NewNo(400, "todo.taskCreate.paramError", "detailUrl is too long")


def _is_in(event: Mapping[str, Any], whose: str) -> bool:
    """Whether it stands in the calendar of this union id."""
    invited = {each.get("id") for each in event["attendees"]}
    return event["organizer"]["id"] == whose or whose in invited


def _event_noted(event: Mapping[str, Any]) -> Noted:
    begins, ends = (_at(event[name]).timestamp() for name in ("start", "end"))
    return Noted(
        kind="schedule",
        title=str(event.get("summary", "")),
        begins=begins,
        ends=ends,
        all_day=bool(event.get("isAllDay")),
        place=str((event.get("location") or {}).get("displayName", "")),
        text=str(event.get("description", "")),
    )


def _todo_noted(todo: Mapping[str, Any]) -> Noted:
    due = todo.get("dueTime", todo["createdTime"]) / 1000
    return Noted(
        kind="todo",
        title=todo["subject"],
        begins=due,
        ends=due,
        text=str(todo.get("description", "")),
        url=str((todo.get("detailUrl") or {}).get("appUrl", "")),
        done=todo["done"],
    )


def _at(given: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(given.get("dateTime") or f"{given['date']}T00:00:00+08:00")


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _is_within(event: Mapping[str, Any], begins: datetime | None, ends: datetime | None) -> bool:
    at = _at(event["start"])
    return (begins is None or at >= begins) and (ends is None or at < ends)


def _check_times(call: Call) -> None:
    """All-day events have dates, others moments; never both."""
    wanted = "date" if call.body.get("isAllDay") else "dateTime"
    for name in ("start", "end"):
        given = call.body.get(name)
        if isinstance(given, dict) and given.get("date") and given.get("dateTime"):
            raise NewNo(400, f"invalidParameter.{name}", f"{name}.date与{name}.dateTime不能同时传")
        if not isinstance(given, dict) or not given.get(wanted):
            raise NewNo(400, f"invalidParameter.{name}", f"{name}.{wanted}不能为空")
