"""What the new-style contact API has: searching by name, and one person by his union id."""

from typing import Any

from starlette.routing import Route

from .accounts import union_id
from .backstage import Backstage
from .gate import Call, NewNo

MOST_PER_PAGE = 100


class Search:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def routes(self) -> list[Route]:
        new = self._backstage.gate.new
        return [
            new("/v1.0/contact/departments/search", self._departments),
            new("/v1.0/contact/users/search", self._users),
            new("/v1.0/contact/users/{union_id}", self._user, method="GET"),
        ]

    def _departments(self, call: Call) -> dict[str, Any]:
        word = _word(call)
        departments = self._backstage.company.departments.values()
        return _page(call, [d.id for d in departments if word in d.name])

    def _users(self, call: Call) -> dict[str, Any]:
        word = _word(call)
        people = self._backstage.company.people.values()
        return _page(call, [p.user_id for p in people if p.active and word in p.name])

    def _user(self, call: Call) -> dict[str, Any]:
        for person in self._backstage.company.people.values():
            whose = union_id(person.user_id, person.union_id)
            if person.active and whose == call.place["union_id"]:
                return {"nick": person.name, "unionId": whose, "openId": f"open-{person.user_id}"}
        raise NewNo(404, "invalidParameter.user.notFound", "用户不存在")


def _word(call: Call) -> str:
    word = str(call.body.get("queryWord") or "")
    if not word:
        raise NewNo(400, "MissingqueryWord", "queryWord is mandatory for this action.")
    return word


def _page(call: Call, found: list[Any]) -> dict[str, Any]:
    offset = int(call.body.get("offset") or 0)
    end = offset + min(int(call.body.get("size") or MOST_PER_PAGE), MOST_PER_PAGE)
    return {"hasMore": len(found) > end, "totalCount": len(found), "list": found[offset:end]}
