"""All members by id, page by page: what the newer secret of 通讯录同步 may read (page 96067)."""

from typing import Any

from .answers import Failed, success
from .office import Call, Office

MOST = 10_000


class ContactIds:
    def __init__(self, office: Office) -> None:
        self._office = office

    def list_id(self, call: Call) -> dict[str, Any]:
        """One row for each membership. An empty `next_cursor` is the end."""
        begin, limit = str(call.body.get("cursor") or "0"), call.body.get("limit", MOST)
        if not begin.isdecimal() or not isinstance(limit, int) or not 1 <= limit <= MOST:
            raise Failed(40058)
        people = [person for person in self._office.company.people.values() if person.active]
        rows = [
            {"userid": person.user_id, "department": department_id}
            for person in people
            for department_id in person.department_ids
        ]
        end = int(begin) + limit
        next_cursor = str(end) if end < len(rows) else ""
        return success(next_cursor=next_cursor, dept_user=rows[int(begin) : end])
