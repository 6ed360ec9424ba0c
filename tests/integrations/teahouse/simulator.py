"""The pretend Teahouse: what the real one would answer, by code of its own."""

import hashlib
import hmac
import itertools
import json
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, Person, Purse, World

FAULTS = {"busy": "busy", "refused": "no", "credentials": "credentials", "token_expired": "token"}


class TeahouseSimulator:
    host = "teahouse"

    def __init__(self, world: World, company: Company, http: httpx.AsyncClient) -> None:
        self.world, self.company, self.faults = world, company, Faults()
        self._http = http
        self._purse = Purse(world.clock)
        self._ids = itertools.count(1)
        self._sent: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/call", self._call, methods=["POST"]),
                Route("/sandbox/verify-signature", self._verify),
            ]
        )

    async def _call(self, request: Request) -> Response:
        asked = await request.json()
        call = asked["call"]
        fault = await self.faults.next(f"/{call}")
        if fault == "down":
            return Response(status_code=502)
        if fault in FAULTS:
            return JSONResponse({"ok": False, "why": FAULTS[fault]})
        if call == "token":
            right = asked["secret"] == self.company.app.secret
            token = self._purse.lend("token", "app", 7200) if right else ""
            return JSONResponse({"ok": right, "why": "credentials", "data": token})
        if self._purse.find(asked["token"], "token") is None:
            return JSONResponse({"ok": False, "why": "token"})
        try:
            data = getattr(self, f"_on_{call}")(asked)
        except LookupError as failure:
            return JSONResponse({"ok": False, "why": str(failure.args[0])})
        return Response(status_code=504) if fault == "lost_answer" else _done(data)

    def _on_send(self, asked: dict[str, Any]) -> str:
        if asked["to"] not in self.company.people:
            raise LookupError("nobody")
        if asked["once"] not in self._sent:
            self._sent.add(asked["once"])
            what = {"title": "", "fields": [], "buttons": [], **asked}
            shown = {name: what[name] for name in ("title", "text", "fields", "buttons")}
            kind = "card" if shown["buttons"] else "text"
            self.world.hear(self.host, asked["to"], kind=kind, **shown)
        return asked["once"]

    def _on_who(self, asked: dict[str, Any]) -> str:
        lent = self._purse.find(asked["code"], "code")
        if lent is None or not self._purse.is_alive(lent):
            raise LookupError("code")
        lent.used = True
        return lent.whose

    def _on_departments(self, _asked: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "host_department_id": str(one.id),
                "name": one.name,
                "parent_id": str(one.parent_id or ""),
                "order": one.order,
            }
            for one in self.company.departments.values()
        ]

    def _on_members(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        return [_told(person) for person in self.company.members_of(int(asked["department"]))]

    def _on_member(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        person = self.company.people.get(asked["who"])
        return _told(person) if person else None

    async def _verify(self, request: Request) -> Response:
        mark = self._sign(request.query_params["url"].encode())
        return JSONResponse({"ok": request.query_params["mark"] == mark})

    def _sign(self, body: bytes) -> str:
        return hmac.new(self.company.app.secret.encode(), body, hashlib.sha256).hexdigest()

    async def _push(self, what: str, who: str, **more: Any) -> int:
        event = {"id": f"t{next(self._ids)}", "at": self.world.clock(), "what": what, "who": who}
        body = json.dumps(event | more, ensure_ascii=False).encode()
        status = 0
        for _ in range(self.faults.duplicate_events):
            url, sign = self.company.app.callback_url, self._sign(body)
            status = (await self._http.post(url, content=body, headers={"sign": sign})).status_code
        return status

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        self.world.hear(self.host, user_id, kind="text", text=text, mine=True)
        return await self._push("said", user_id, text=text)

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        return await self._push("said", user_id, text=key)

    async def open_app(self, user_id: str) -> int:
        return await self._push("opened", user_id)

    def sign_in_code(self, user_id: str) -> str:
        return self._purse.lend("code", user_id, 300)

    async def member_changed(self, user_id: str) -> int:
        return await self._push("changed", user_id)

    async def member_left(self, user_id: str) -> int:
        del self.company.people[user_id]
        return await self._push("left", user_id)

    async def department_changed(self, department_id: int) -> int:
        return await self._push("department", str(department_id))

    def revoke_tokens(self) -> None:
        self._purse.revoke_all("token")


def _done(data: Any) -> Response:
    return JSONResponse({"ok": True, "data": data})


def _told(person: Person) -> dict[str, Any]:
    return {
        "host_user_id": person.user_id,
        "name": person.name,
        "department_ids": [str(one) for one in person.department_ids],
        "leads": [str(one) for one in person.leads],
        "main_department_id": str(person.main_department_id or ""),
        "direct_leader_id": person.direct_leader_id,
        "active": person.active,
    }
