"""The pretend WeCom put together: its paths, its faults, and what people do in it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, World

from .answers import Failed, failure
from .contacts import Contacts
from .messages import Messages
from .office import HOST, Call, Office
from .pages import Pages
from .pushes import Pushes
from .sign_in import SignInDesk

Answer = Callable[[Call], dict[str, Any]]
ERRCODE_OF_FAULT = {"busy": 45009, "token_expired": 42001, "refused": 60011, "credentials": 40001}


class WecomSimulator:
    """One company at the pretend WeCom; see `integrations.sandbox.stage.HostSimulator`.

    `http` carries the callbacks. The sandbox's callback address also plays the one of 通讯录同步,
    which alone hears of changes among members and departments.
    """

    host = HOST

    def __init__(
        self,
        world: World,
        company: Company,
        http: httpx.AsyncClient,
        clock: Callable[[], float],
        faults: Faults,
    ) -> None:
        self.world = world
        self.company = company
        self.faults = faults
        self.office = Office(world, company, clock)
        self._desk = SignInDesk(self.office)
        self._messages = Messages(self.office)
        self._pushes = Pushes(self.office, http, faults)
        self._told_people = set(company.people)
        self._told_departments = set(company.departments)
        self.app = self._build_app()

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        if group:
            raise ValueError("an app is in no group: in WeCom that is the smart bot's place")
        self.world.hear(HOST, user_id, kind="text", text=text, mine=True)
        return await self._pushes.text(user_id, text)

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        line = self.world.line(line_id)
        if key not in {button["key"] for button in line.buttons if button["key"]}:
            raise LookupError(f"the card has no button {key!r}")
        card: Mapping[str, Any] = line.wire["template_card"]
        return await self._pushes.card_pressed(
            user_id,
            key,
            task_id=card.get("task_id", ""),
            card_type=card["card_type"],
            response_code=self._messages.response_code(line.handle),
        )

    async def press_menu(self, user_id: str, key: str) -> int:
        """The member presses an entry of the app's menu."""
        return await self._pushes.menu_pressed(user_id, key)

    async def open_app(self, user_id: str) -> int:
        return await self._pushes.app_opened(user_id)

    def sign_in_code(self, user_id: str) -> str:
        return self._desk.code_for(user_id)

    async def member_changed(self, user_id: str) -> int:
        change = "update_user" if user_id in self._told_people else "create_user"
        self._told_people.add(user_id)
        return await self._pushes.member(change, self.company.people[user_id])

    async def member_left(self, user_id: str) -> int:
        person = self.company.people[user_id]
        person.active = False
        return await self._pushes.member("delete_user", person)

    async def department_changed(self, department_id: int) -> int:
        known = department_id in self._told_departments
        change = "update_party" if known else "create_party"
        if department_id not in self.company.departments:
            change = "delete_party"
        self._told_departments.add(department_id)
        return await self._pushes.department(change, department_id)

    async def verify_callback_url(self) -> bool:
        """Whether WeCom's console would let this callback address be saved."""
        return await self._pushes.verify()

    def revoke_tokens(self) -> None:
        self.office.purse.revoke_all("token")

    def _build_app(self) -> Starlette:
        contacts, pages = Contacts(self.office), Pages(self.office)
        read: dict[str, Answer] = {
            "get_jsapi_ticket": pages.get_jsapi_ticket,
            "ticket/get": pages.ticket_get,
            "auth/getuserinfo": self._desk.getuserinfo,
            "department/list": contacts.department_list,
            "department/simplelist": contacts.department_simplelist,
            "department/get": contacts.department_get,
            "user/list": contacts.user_list,
            "user/simplelist": contacts.user_simplelist,
            "user/get": contacts.user_get,
        }
        written: dict[str, Answer] = {
            "message/send": self._messages.send,
            "message/update_template_card": self._messages.update_template_card,
            "message/recall": self._messages.recall,
        }
        return Starlette(
            routes=[
                Route("/cgi-bin/gettoken", self._path(self._desk.gettoken, token=False)),
                *(Route(f"/cgi-bin/{path}", self._path(answer)) for path, answer in read.items()),
                *(
                    Route(f"/cgi-bin/{path}", self._path(answer), methods=["POST"])
                    for path, answer in written.items()
                ),
                Route("/connect/oauth2/authorize", self._desk.authorise),
                Route("/sandbox/verify-signature", _plainly(pages.verify)),
            ]
        )

    def _path(
        self, answer: Answer, *, token: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            fault = await self.faults.next(request.url.path)
            if fault == "down":
                return Response(status_code=502)
            call, readable = await _call(request, arrives=fault != "dropped")
            try:
                if token:
                    self._desk.check_token(call)
                if (code := ERRCODE_OF_FAULT.get(fault)) and (token or code != 42001):
                    raise Failed(code)
                said = answer(call)
            except Failed as failed:
                if not readable:
                    failed.detail = "Warning: wrong json format."
                said = failure(failed, request.client.host if request.client else "")
            return Response(status_code=504) if fault == "lost_answer" else JSONResponse(said)

        return serve


async def _call(request: Request, *, arrives: bool) -> tuple[Call, bool]:
    """The request's data, and whether its body could be read."""
    body: Any = {}
    readable = True
    if request.method == "POST":
        try:
            body = json.loads(await request.body())
        except ValueError:
            readable = False
    if not isinstance(body, dict):
        body, readable = {}, False
    return Call(dict(request.query_params), body, arrives), readable


def _plainly(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """A path of the sandbox itself: neither token nor faults."""

    async def serve(request: Request) -> Response:
        return JSONResponse(answer(Call(dict(request.query_params), {})))

    return serve
