"""The pretend DingTalk: one app on one company, speaking both of DingTalk's API servers' formats.

It shares no code with the adapter, cryptography included, so that an error of ours shows.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from integrations.sandbox.faults import Faults
from integrations.sandbox.journal import Journal
from integrations.sandbox.stage import Noted
from integrations.sandbox.world import Company, Purse, World

from .accounts import Accounts, union_id
from .afterwards import Afterwards
from .agenda import Agenda
from .backstage import HOST, Backstage, Switches
from .cards import Cards
from .contacts import Contacts
from .dings import Dings
from .gate import ACCESS, Gate, unknown_new_path, unknown_old_path
from .guard import Guard
from .lines import Lines
from .media import Media
from .notices import Notices
from .pushes import Pushes
from .records import Records
from .robots import Robots
from .seal import page_signatures
from .search import Search
from .web_sign_in import WebSignIn

STORM = 1000  # members that change at once
EVERY_METHOD = ["GET", "POST", "PUT", "DELETE"]

__all__ = ["DingtalkSimulator"]


class DingtalkSimulator:
    """`integrations.sandbox.stage.HostSimulator` for DingTalk.

    `http` carries the pushes to the app; `base_url` is where `app` can be reached, for the reply
    addresses of conversations; `switches` are what administrators and limits may change.
    """

    host = HOST

    def __init__(
        self,
        world: World,
        company: Company,
        http: httpx.AsyncClient,
        clock: Callable[[], float],
        faults: Faults,
        base_url: str = "",
    ) -> None:
        self.world = world
        self.company = company
        self.faults = faults
        self._purse = Purse(clock)
        self._backstage = Backstage(
            world=world,
            company=company,
            clock=clock,
            faults=faults,
            base_url=base_url.rstrip("/"),
            purse=self._purse,
            gate=Gate(faults, self._purse, Guard(clock)),
        )
        self._accounts = Accounts(self._backstage)
        robots = Robots(self._backstage)
        self.lines = Lines(self._backstage)
        self._pushes = Pushes(self._backstage, robots, self.lines, http)
        self._cards = Cards(self._backstage, self._pushes)
        self.agenda = Agenda(self._backstage)
        self.dings = Dings(self._backstage)
        self.media = Media(self._backstage)
        self._known_users = {who: list(one.department_ids) for who, one in company.people.items()}
        self._known_departments = set(company.departments)
        pages = Starlette(
            routes=[
                *self._accounts.routes(),
                *WebSignIn(self._backstage).routes(),
                *Contacts(self._backstage).routes(),
                *robots.routes(),
                *self.lines.routes(),
                *self._pushes.routes(),
                *self._cards.routes(),
                *Notices(self._backstage).routes(),
                *Afterwards(self._backstage).routes(),
                *self.dings.routes(),
                *Search(self._backstage).routes(),
                *self.agenda.routes(),
                *Records(self._backstage).routes(),
                *self.media.routes(),
                Route("/topapi/{path:path}", unknown_old_path, methods=["GET", "POST"]),
                Route("/v1.0/{path:path}", unknown_new_path, methods=EVERY_METHOD),
            ]
        )
        self.app = Journal(pages, clock)
        faults.clock, faults.do = clock, self._do
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def switches(self) -> Switches:
        return self._backstage.switches

    @property
    def gate(self) -> Gate:
        """Its guard, and how it answers where the documentation leaves that open."""
        return self._backstage.gate

    @property
    def base_url(self) -> str:
        """Where `app` can be reached."""
        return self._backstage.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._backstage.base_url = url.rstrip("/")

    @property
    def failed_events(self) -> list[dict[str, object]]:
        """Events that the app did not acknowledge even at the last try."""
        return self._pushes.failed

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        person = self.company.people[user_id]
        self.world.hear(
            HOST, user_id, conversation_id=group, mine=True, kind="text", text=text.strip()
        )
        return await self._pushes.robot_message(person, text, group)

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        """A button with a key says the sentence `key`: an interactive card tells it to the app, any
        other card has the client's own link that says it to the robot."""
        line = self.world.line(line_id)
        if key not in {button["key"] for button in line.buttons if button["key"]}:
            raise LookupError(f"no button of this card says {key!r}")
        if self._cards.holds(line):
            return await self._cards.press(line, key, user_id)
        return await self.say(user_id, key, line.conversation_id)

    def change_card(self, card_id: str, values: Mapping[str, str]) -> None:
        """Somebody else changes an interactive card, by the same API as the app."""
        self._cards.change(card_id, values)

    async def open_app(self, user_id: str) -> int:
        """DingTalk tells nobody when a member opens a robot's chat."""
        return 200

    async def read(self, line_id: int) -> int:
        """The member looks at a message. The app is told when its robot sent it to him alone."""
        line = self.world.line(line_id)
        self._backstage.read.add(line_id)
        if not line.handle or line.conversation_id:
            return 200
        said = {
            "processQueryKey": line.handle,
            "robotCode": self.company.app.robot_code,
            "userId": line.user_id,
            "operatTime": self._backstage.now_ms,
        }
        return await self._pushes.event("robot_msg_read", said)

    def noted_by(self, user_id: str) -> list[Noted]:
        person = self.company.people[user_id]
        return self.agenda.noted_by(union_id(user_id, person.union_id))

    def sign_in_code(self, user_id: str) -> str:
        return self._accounts.code(user_id)

    async def check_url(self) -> int:
        """What the console sends when the callback address is saved."""
        return await self._pushes.event("check_url", {})

    async def member_changed(self, user_id: str) -> int:
        told: dict[str, object] = {
            "timeStamp": str(self._backstage.now_ms),
            "userId": [user_id],
        }
        person = self.company.people[user_id]
        before = self._known_users.get(user_id)
        self._known_users[user_id] = list(person.department_ids)
        if before is None:
            return await self._pushes.event("user_add_org", told)
        has_moved = before != person.department_ids
        if has_moved and not self.switches.moves_are_told:
            return 0
        if names := self.switches.difference_names:
            now = {"name": person.name}
            if has_moved:
                now["department"] = ",".join(map(str, person.department_ids))
            now = {name: value for name, value in now.items() if name in names}
            told["diffInfo"] = {"userid": user_id, "prev": {}, "curr": now}
        return await self._pushes.event("user_modify_org", told)

    async def member_returned(self, user_id: str) -> str:
        """Somebody who left is with the company again; gives his userid of now."""
        person = self.company.people[user_id]
        person.active = True
        if self.switches.returners_get_a_new_userid:
            again = replace(
                person,
                user_id=f"{user_id}-{secrets.token_hex(4)}",
                union_id=union_id(user_id, person.union_id),
            )
            person.active = False
            person = self.company.people[again.user_id] = again
        self._known_users.pop(person.user_id, None)
        await self.member_changed(person.user_id)
        return person.user_id

    async def role_changed(self, user_id: str, action: str) -> int:
        """A role is given to a member, or something else is done with it."""
        told = {"userIdList": [user_id], "action": action, "labelIdList": [1881]}
        return await self._pushes.event("label_user_change", told)

    async def member_left(self, user_id: str) -> int:
        self.company.people[user_id].active = False
        return await self._pushes.event(
            "user_leave_org", {"timeStamp": str(self._backstage.now_ms), "userId": [user_id]}
        )

    async def department_changed(self, department_id: int) -> int:
        if department_id not in self.company.departments:
            kind = "org_dept_remove"
            self._known_departments.discard(department_id)
        elif department_id in self._known_departments:
            kind = "org_dept_modify"
        else:
            kind = "org_dept_create"
            self._known_departments.add(department_id)
        return await self._pushes.event(kind, {"deptId": [department_id]})

    async def storm(self, most: int = STORM) -> int:
        """One event about that many members, as after an import."""
        changed = [person.user_id for person in self.company.people.values() if person.active]
        timestamp = str(self._backstage.now_ms)
        told = {"timeStamp": timestamp, "userId": changed[:most]}
        return await self._pushes.event("user_modify_org", told)

    async def _do(self, deed: str) -> None:
        """One of `integrations.sandbox.faults.DEEDS`."""
        lines = [line for line in self.lines.open if not line.announced]
        match deed:
            case "tokens_revoked":
                self.revoke_tokens()
            case "storm":
                await self.storm()
            case "lines_half_open":
                for line in lines:
                    line.stalled = True
            case "lines_cut":
                for line in lines:
                    await self.lines.cut(line)
            case "lines_ending":
                for line in lines:
                    ending = asyncio.create_task(self.lines.announce_end(line))
                    self._endings.add(ending)
                    ending.add_done_callback(self._endings.discard)

    def revoke_tokens(self) -> None:
        self._purse.revoke_all(ACCESS)

    def revoke_tickets(self) -> None:
        """End every ticket for pages now."""
        self._purse.revoke_all("ticket")

    def signed_by_sha1(self, nonce: str, timestamp: str, url: str) -> str:
        """What a program signs that goes by the older documentation."""
        ticket = self._purse.current("ticket", self.company.app.client_id)
        return page_signatures(ticket, nonce, timestamp, url)["sha1"]
