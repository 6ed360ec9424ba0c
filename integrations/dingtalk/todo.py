"""The port's `TodoList` by DingTalk's to-dos ("新增钉钉待办任务"): the member's own, no DING.

Everybody is named by his union id, in the path, as operator, as creator and as executor.
"""

from typing import Any

from field_ops.host.agenda import Entry
from field_ops.host.errors import EntryGone, HostRefused, HostUnavailable, PermissionMissing
from field_ops.host.services import Colleague
from field_ops.texts import Text

from . import lenient
from .calendar import known_by_union_id
from .client import DingtalkClient

WANTS = Text(
    "钉钉要求在「权限管理」里开通 Todo.Todo.Write 和 Todo.Todo.Read；每次写入都计入每月调用次数。",
    "DingTalk wants Todo.Todo.Write and Todo.Todo.Read granted in its developer console; every "
    "change counts as one of the month's calls.",
)
THERE_ALREADY = "task exist"
NOT_THERE = "task not exist"
NO_SUCH = "waiqin-looks-only"
LONGEST_TITLE = 1_024
NORMAL = 20
QUIET = {"dingNotify": "0", "sendTodoApn": "false", "sendAssistantChat": "false"}


class DingtalkTodoList:
    """`sourceId` is our key: DingTalk keeps one to-do for each value."""

    wants = WANTS
    made_a_day: int | None = None
    made_a_day_each: int | None = None

    def __init__(self, client: DingtalkClient) -> None:
        self._client = client

    async def open_book(self, title: str) -> str:
        return ""

    async def make(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        known_by_union_id(whose)
        body = {
            "sourceId": key,
            "creatorId": whose.union_id,
            "executorIds": [whose.union_id],
            "detailUrl": {"appUrl": entry.url, "pcUrl": entry.url},
            "isOnlyShowExecutor": True,
            "priority": NORMAL,
            "notifyConfigs": QUIET,
            **_words(entry),
        }
        try:
            made = await self._client.api(_path(whose), body, changes=True)
        except HostRefused as refused:
            if THERE_ALREADY not in refused.reason or NOT_THERE in refused.reason:
                raise
            if found := await self.find(whose, key, entry, book):
                return found
            raise EntryGone(refused.reason, code=refused.code) from refused
        if task_id := lenient.text(made, "id"):
            return task_id
        raise HostUnavailable("an answer without the id of the to-do", maybe_done=True)

    async def find(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        for is_done in (False, True):
            asked = {"nextToken": "0", "isDone": is_done, "roleTypes": [["executor"]]}
            while asked["nextToken"]:
                path = f"v1.0/todo/users/{known_by_union_id(whose)}/org/tasks/query"
                page = await self._client.api(path, asked)
                for card in lenient.mappings(page, "todoCards"):
                    if lenient.text(card, "sourceId") == key:
                        return lenient.text(card, "taskId")
                asked["nextToken"] = lenient.text(page, "nextToken")
        return ""

    async def change(self, whose: Colleague, entry_id: str, entry: Entry, book: str) -> None:
        await self._put(whose, entry_id, _words(entry))

    async def tick(self, whose: Colleague, entry_id: str, *, done: bool) -> None:
        await self._put(whose, entry_id, {"done": done})

    async def take_away(self, whose: Colleague, entry_id: str) -> None:
        try:
            await self._client.api(_path(whose, entry_id), method="DELETE", changes=True)
        except HostRefused as refused:
            if NOT_THERE not in refused.reason:
                raise

    async def look(self, somebody: Colleague) -> None:
        # There is no such to-do; whether we might have changed it is looked at first.
        try:
            await self._put(somebody, NO_SUCH, {"subject": "check"})
        except PermissionMissing:
            raise
        except HostRefused:
            return

    async def _put(self, whose: Colleague, entry_id: str, body: dict[str, Any]) -> None:
        try:
            await self._client.api(_path(whose, entry_id), body, method="PUT", changes=True)
        except HostRefused as refused:
            if NOT_THERE in refused.reason:
                raise EntryGone(refused.reason, code=refused.code) from refused
            raise


def _path(whose: Colleague, task_id: str = "") -> str:
    union_id = known_by_union_id(whose)
    task = f"/{task_id}" if task_id else ""
    return f"v1.0/todo/users/{union_id}/tasks{task}?operatorId={union_id}"


def _words(entry: Entry) -> dict[str, Any]:
    due = entry.ends or entry.closes
    return {"subject": entry.title[:LONGEST_TITLE], "dueTime": int(due.timestamp() * 1000)}
