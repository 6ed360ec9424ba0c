"""The JSON behind the console's page: who I am, where I stand, what is said, what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .faults import DEEDS, KINDS
from .journal import Journal
from .phones import Phone, Phones, Place, first_holder
from .requests import (
    Ask,
    FaultChange,
    Member,
    Move,
    PhoneChange,
    Press,
    Punching,
    Saying,
    ScheduleChange,
    asked,
)
from .schedule import read_plan
from .stage import HostSimulator
from .views import company_view, faults_view, line_view, person_view
from .world import Company, Heard, Person, World

PHONE_COOKIE = "waiqin_sandbox_phone"
WECOM_COOKIE = "waiqin_sandbox_wecom_user"  # read by the pretend WeCom's sign-in page
SUSPECT = {"wecom": "location", "dingtalk": "security"}  # how each host doubts a position
PULSE_S = 15.0
MOST_LINES = 500
MOST_REQUESTS = 100


class ConsoleApi:
    """`routes` are relative to `/console/api`. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        world: World,
        simulators: Mapping[str, HostSimulator],
        *,
        clock: Callable[[], float],
        places: Mapping[str, Sequence[Place]],
        h5_urls: Mapping[str, str],
    ) -> None:
        self._world = world
        self._simulators = simulators
        self._clock = clock
        self._places = places
        self._h5_urls = h5_urls
        self._phones = Phones({host: each.company for host, each in simulators.items()}, places)
        self.routes = [
            Route("/state", self.state, methods=["GET"]),
            Route("/lines", self.lines, methods=["GET"]),
            Route("/noted", self.noted, methods=["GET"]),
            Route("/events", self.events, methods=["GET"]),
            Route("/phone", self.set_phone, methods=["POST"]),
            Route("/say", self.say, methods=["POST"]),
            Route("/press", self.press, methods=["POST"]),
            Route("/open-app", self.open_app, methods=["POST"]),
            Route("/code", self.code, methods=["POST"]),
            Route("/punch", self.punch, methods=["POST"]),
            Route("/faults", self.set_faults, methods=["POST"]),
            Route("/schedule", self.set_schedule, methods=["POST"]),
            Route("/requests", self.requests, methods=["GET"]),
            Route("/people/move", self.move, methods=["POST"]),
            Route("/people/leave", self.leave, methods=["POST"]),
        ]

    async def state(self, request: Request) -> Response:
        """Everything the page draws, chat lines excepted."""
        key, phone = self._phone(request)
        hosts = [
            {
                **company_view(simulator.company, simulator.faults),
                "h5_url": self._h5_urls.get(host, ""),
                "places": [asdict(place) for place in self._places.get(host, ())],
            }
            for host, simulator in self._simulators.items()
        ]
        body = {
            "hosts": hosts,
            "phone": phone.as_json(),
            "now": self._clock(),
        }
        return _in_the_hand_of(key, phone, request, JSONResponse(body))

    async def lines(self, request: Request) -> Response:
        """The last lines, oldest first; of one member with `?host=…&user_id=…`."""
        host, user_id = request.query_params.get("host"), request.query_params.get("user_id")
        found = [
            line
            for line in self._world.heard
            if host in (None, line.host) and user_id in (None, line.user_id)
        ]
        return JSONResponse([line_view(line) for line in found[-MOST_LINES:]])

    async def noted(self, request: Request) -> Response:
        """What stands in the calendar and the to-dos of the present person."""
        phone, simulator = self._present(request)
        return JSONResponse([asdict(one) for one in simulator.noted_by(phone.user_id)])

    async def events(self, request: Request) -> Response:
        """Every new or changed line, as it happens."""
        return StreamingResponse(
            line_events(self._world),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def set_phone(self, request: Request) -> Response:
        """The phone changes hands, is carried elsewhere, or gets other settings."""
        change = await asked(request, PhoneChange)
        key, held = self._phone(request)
        phone = replace(held)  # a change that is refused halfway changes nothing
        settings = change.model_dump(exclude_none=True)
        self._hand_over(phone, settings.pop("host", phone.host), settings.pop("user_id", ""))
        self._carry(phone, settings)
        for name, value in settings.items():
            setattr(phone, name, value)
        self._phones.keep(key, phone)
        return _in_the_hand_of(key, phone, request, JSONResponse(phone.as_json()))

    async def say(self, request: Request) -> Response:
        """The present person writes to the bot, or mentions it in a group."""
        saying = await asked(request, Saying)
        phone, simulator = self._present(request)
        if saying.group and saying.group not in simulator.company.groups:
            raise HTTPException(404, "There is no such group.")
        try:
            status = await simulator.say(phone.user_id, saying.text, saying.group)
        except ValueError as failure:  # what this host does not know, such as an app in a group
            raise HTTPException(422, str(failure)) from failure
        return JSONResponse({"status": status})

    async def press(self, request: Request) -> Response:
        """The present person presses a button of a card that he received."""
        press = await asked(request, Press)
        phone, simulator = self._present(request)
        if not any(line.id == press.line_id for line in self._heard_by(phone)):
            raise HTTPException(404, "There is no such card in this person's chat.")
        try:
            status = await simulator.press(press.line_id, press.key, phone.user_id)
        except LookupError as failure:
            raise HTTPException(404, "There is no such button on the card.") from failure
        return JSONResponse({"status": status})

    async def open_app(self, request: Request) -> Response:
        await asked(request, Ask)
        phone, simulator = self._present(request)
        return JSONResponse({"status": await simulator.open_app(phone.user_id)})

    async def code(self, request: Request) -> Response:
        """A sign-in code for the present person, as the host's own script would get it."""
        await asked(request, Ask)
        phone, simulator = self._present(request)
        code = simulator.sign_in_code(phone.user_id)
        return JSONResponse({"code": code, "corp_id": simulator.company.corp_id})

    async def punch(self, request: Request) -> Response:
        """The present person punches with the host's own attendance, where the phone is."""
        punch = await asked(request, Punching)
        phone, _ = self._present(request)
        self._world.punches.add(
            phone.host,
            phone.user_id,
            at=self._clock(),
            lat=phone.lat,
            lng=phone.lng,
            place=phone.place,
            kind=punch.kind,
            marks=(SUSPECT[phone.host],) if punch.suspect else (),
        )
        return JSONResponse({"punched": True})

    async def set_faults(self, request: Request) -> Response:
        change = await asked(request, FaultChange)
        simulator = self._simulator(change.host)
        faults = simulator.faults
        if change.clear:
            faults.clear()
        if change.down is not None:
            faults.down = change.down
        if change.duplicate_events is not None:
            faults.duplicate_events = change.duplicate_events
        if change.kind:
            faults.add(change.kind, change.path, change.times, change.delay_s)
        if change.revoke_tokens:
            simulator.revoke_tokens()
        if change.kind in DEEDS:
            await faults.tick()
        return JSONResponse(faults_view(faults))

    async def set_schedule(self, request: Request) -> Response:
        """Start a plan of faults, or stop it."""
        change = await asked(request, ScheduleChange)
        hosts = [change.host] if change.host else list(self._simulators)
        try:
            plan, seed = read_plan(change.plan, KINDS) if change.plan is not None else ([], 0)
        except ValueError as failure:
            raise HTTPException(422, str(failure)) from failure
        shown = {}
        for host in hosts:
            faults = self._simulator(host).faults
            faults.stop()
            if mine := [planned for planned in plan if planned.host in ("", host)]:
                faults.start(mine, seed)
            shown[host] = faults_view(faults)
        return JSONResponse(shown)

    async def requests(self, request: Request) -> Response:
        """What the present host was asked lately, newest first; `?path=` is a part of it."""
        _, phone = self._phone(request)
        app = self._simulator(request.query_params.get("host", phone.host)).app
        part = request.query_params.get("path", "")
        found = app.about(part) if isinstance(app, Journal) else []
        return JSONResponse([asdict(entry) for entry in reversed(found[-MOST_REQUESTS:])])

    async def move(self, request: Request) -> Response:
        """The administrator moves a member to another department; what he led stays behind."""
        move = await asked(request, Move)
        simulator = self._simulator(move.host)
        person = _member_of(simulator.company, move.user_id)
        if move.department_id not in simulator.company.departments:
            raise HTTPException(404, "There is no such department.")
        person.department_ids = [move.department_id]
        person.main_department_id = move.department_id
        person.leads = [led for led in person.leads if led == move.department_id]
        person.direct_leader_id = ""
        status = await simulator.member_changed(person.user_id)
        return JSONResponse({"status": status, "person": person_view(simulator.company, person)})

    async def leave(self, request: Request) -> Response:
        """The administrator lets a member go."""
        leaver = await asked(request, Member)
        simulator = self._simulator(leaver.host)
        _member_of(simulator.company, leaver.user_id)
        return JSONResponse({"status": await simulator.member_left(leaver.user_id)})

    def _phone(self, request: Request) -> tuple[str, Phone]:
        return self._phones.find(request.cookies.get(PHONE_COOKIE, ""))

    def _present(self, request: Request) -> tuple[Phone, HostSimulator]:
        _, phone = self._phone(request)
        simulator = self._simulator(phone.host)
        _member_of(simulator.company, phone.user_id)
        return phone, simulator

    def _simulator(self, host: str) -> HostSimulator:
        simulator = self._simulators.get(host)
        if simulator is None:
            raise HTTPException(404, "There is no such host on this stage.")
        return simulator

    def _heard_by(self, phone: Phone) -> list[Heard]:
        return self._world.heard_by(phone.host, phone.user_id)

    def _hand_over(self, phone: Phone, host: str, user_id: str) -> None:
        company = self._simulator(host).company
        if not user_id:
            user_id = phone.user_id if host == phone.host else first_holder(company)
        if (host, user_id) != (phone.host, phone.user_id):
            _member_of(company, user_id)
        is_elsewhere = host != phone.host
        phone.host, phone.user_id = host, user_id
        if is_elsewhere:
            self._phones.arrive(phone)

    def _carry(self, phone: Phone, settings: dict[str, Any]) -> None:
        """Where the phone is from now on: at a place, or at a free spot."""
        lat, lng = settings.pop("lat", phone.lat), settings.pop("lng", phone.lng)
        name = settings.pop("place", None)
        if name is not None:
            place = next((p for p in self._phones.around(phone) if p.name == name), None)
            if place is None:
                raise HTTPException(404, "There is no such place.")
            lat, lng = place.lat, place.lng
        self._phones.carry(phone, lat, lng)


async def line_events(world: World, pulse_s: float = PULSE_S) -> AsyncIterator[bytes]:
    """Server-sent events: `line` with a chat line as JSON; a comment now and then keeps it open."""
    with world.watch() as queue:
        yield b"retry: 1000\n\n"
        while True:
            try:
                line = await asyncio.wait_for(queue.get(), pulse_s)
            except TimeoutError:
                yield b": still here\n\n"
            else:
                yield b"event: line\ndata: " + orjson.dumps(line_view(line)) + b"\n\n"


def _member_of(company: Company, user_id: str) -> Person:
    person = company.people.get(user_id)
    if person is None or not person.active:
        raise HTTPException(404, "There is no such member in this company.")
    return person


def _in_the_hand_of(key: str, phone: Phone, request: Request, response: Response) -> Response:
    """Remember the phone, and tell the pretend WeCom's sign-in page who holds it."""
    path = request.scope.get("root_path", "").removesuffix("/api") or "/"
    response.set_cookie(PHONE_COOKIE, key, path=path, httponly=True, samesite="lax")
    if phone.host == "wecom":
        response.set_cookie(WECOM_COOKIE, phone.user_id, path="/", httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
    return response
