"""The pretend WeCom put together: its paths, its faults, and what people do in it."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from integrations.sandbox.faults import Faults
from integrations.sandbox.journal import Journal
from integrations.sandbox.stage import Noted
from integrations.sandbox.world import Company, World

from .agenda import Agenda
from .agent import Agent
from .bot import Bot, Talk
from .bot_door import BotDoor
from .bot_socket import BotSocket
from .checkins import Checkins
from .contact_ids import ContactIds
from .contacts import Contacts
from .customers import Customers
from .exports import EXPORTED, Exports
from .gate import Answer, Gate, plainly
from .limits import Limits
from .media import Media
from .messages import Messages
from .office import HOST, Office
from .pages import Pages
from .posts import Posts
from .pushes import Pushes
from .shares import Shares
from .sign_in import SignInDesk
from .switches import Switches
from .webhook import Webhooks

STORM = 1000  # members that change at once


class WecomSimulator:
    """One company at the pretend WeCom; see `integrations.sandbox.stage.HostSimulator`.

    `http` carries the callbacks. The sandbox's callback address also plays the one of 通讯录同步,
    which alone hears of changes among members and departments. `bot` is the company's smart bot: it
    hears at the app's `robot_url`, or, when `bot.by_connection` is set, over the WebSocket at
    `/openws`. `base_url` is where `app` can be reached, for the addresses that the bot is lent.
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
        self.office = Office(world, company, clock)
        self._desk = SignInDesk(self.office)
        media = Media(self.office)
        posts = Posts(http, self.office.switches)
        self._messages = Messages(self.office, media)
        self._pushes = Pushes(self.office, posts, faults)
        self.bot = Bot(self.office)
        self.bot_door = BotDoor(self.office, self.bot, posts, faults, base_url)
        self.bot_socket = BotSocket(self.office, self.bot, media, faults)
        self.customers = Customers(self.office, self._pushes)
        self.shares = Shares(self.office, self._pushes)
        self.webhooks = Webhooks(self.office, media)
        self._media = media
        self.agenda = Agenda(self.office)
        self._told_people = set(company.people)
        self._told_departments = set(company.departments)
        self.app = Journal(self._build_app(), clock)
        faults.clock, faults.do = clock, self._do

    @property
    def contacts_secret(self) -> str:
        """The secret of 通讯录同步, which reads people and does nothing else."""
        return self._desk.contacts_secret

    @property
    def switches(self) -> Switches:
        return self.office.switches

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        """To the app; in a group to the bot, which hears there only when it is mentioned."""
        self.world.hear(HOST, user_id, conversation_id=group, mine=True, kind="text", text=text)
        if group:
            said = {"content": f"@{self.bot.name} {text}"}
            return await self.tell_bot(Talk(user_id, group), "text", said)
        return await self._pushes.text(user_id, text)

    async def say_to_bot(self, user_id: str, text: str, group: str = "") -> int:
        """To the bot, alone or in a group; exactly these words."""
        talk = Talk(user_id, group)
        self.world.hear(
            HOST, user_id, conversation_id=talk.conversation_id, mine=True, kind="text", text=text
        )
        return await self.tell_bot(talk, "text", {"content": text})

    async def tell_bot(self, talk: Talk, msgtype: str, content: Any, **more: Any) -> int:
        """Any message to the bot, in the mode that the administrator chose."""
        if self.bot.by_connection:
            return await self.bot_socket.push(talk, self.bot.told(talk, msgtype, content, **more))
        address = self.bot_door.response_url(talk)
        body = self.bot.told(talk, msgtype, content, response_url=address, **more)
        return await self.bot_door.push(talk, body)

    async def tell_bot_event(
        self, talk: Talk, name: str, facts: Mapping[str, Any] | None = None, task_id: str = ""
    ) -> int:
        """Any event of the bot. A pressed card is told once, whatever the answer."""
        body = self.bot.event(talk, name, facts or {})
        if self.bot.by_connection:
            return await self.bot_socket.push(talk, body, event=name, task_id=task_id)
        is_press = name == "template_card_event"
        if is_press and self.switches.bot_events_can_be_answered:
            body["response_url"] = self.bot_door.response_url(talk)
        return await self.bot_door.push(talk, body, tries=1 if is_press else 3)

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        line = self.world.line(line_id)
        if key not in {button["key"] for button in line.buttons if button["key"]}:
            raise LookupError(f"the card has no button {key!r}")
        card: Mapping[str, Any] = line.wire["template_card"]
        if line.conversation_id:
            group = line.conversation_id if line.conversation_id in self.company.groups else ""
            facts = {
                "card_type": card["card_type"], "event_key": key, "task_id": card["task_id"],
                "selected_items": {"selected_item": []},
            }  # fmt: skip
            talk = Talk(user_id, group)
            return await self.tell_bot_event(talk, "template_card_event", facts, card["task_id"])
        return await self._pushes.card_pressed(
            user_id,
            key,
            task_id=card.get("task_id", ""),
            card_type=card["card_type"],
            response_code=self._messages.response_code(line.handle),
        )

    async def submit(self, line_id: int, user_id: str, chosen: Mapping[str, list[str]]) -> int:
        """The member chooses in a card that asks, and submits; by question the ids of options."""
        line = self.world.line(line_id)
        card: Mapping[str, Any] = line.wire["template_card"]
        return await self._pushes.card_pressed(
            user_id,
            card["submit_button"]["key"],
            task_id=card["task_id"],
            card_type=card["card_type"],
            response_code=self._messages.response_code(line.handle),
            chosen=chosen,
        )

    async def press_menu(self, user_id: str, key: str) -> int:
        """The member presses an entry of the app's menu."""
        return await self._pushes.menu_pressed(user_id, key)

    async def send_event(self, name: str, inside: str = "", sender: str = "sys") -> int:
        """Any other event of the app: `inside` is the XML of its own children."""
        return await self._pushes.event(sender, name, inside)

    async def send_message(self, user_id: str, kind: str, inside: str) -> int:
        """Any other message to the app, such as a picture or a position."""
        return await self._pushes.message(user_id, kind, inside)

    async def open_app(self, user_id: str) -> int:
        return await self._pushes.app_opened(user_id)

    def noted_by(self, user_id: str) -> list[Noted]:
        return self.agenda.noted_by(user_id)

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

    def revoke_tickets(self) -> None:
        """End every ticket for pages now."""
        self.office.purse.revoke_all("ticket")

    async def _do(self, deed: str) -> None:
        """One of `integrations.sandbox.faults.DEEDS`."""
        match deed:
            case "tokens_revoked":
                self.revoke_tokens()
            case "lines_cut":
                await self.bot_socket.hang_up()
            case "lines_half_open":
                await self.bot_socket.go_deaf()
            case "lines_ending":
                await self.bot_socket.give_away()
            case "storm":
                people = [person for person in self.company.people.values() if person.active]
                for person in people[:STORM]:
                    await self.member_changed(person.user_id)

    def _build_app(self) -> Starlette:
        contacts, pages = Contacts(self.office), Pages(self.office)
        agent, contact_ids, agenda = Agent(self.office), ContactIds(self.office), self.agenda
        exports = Exports(self.office, contacts, self._pushes)
        limits = Limits(self.office.clock, self.switches)
        gate = Gate(self.faults, self.switches, limits, self._desk.check_token)
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
            "export/get_result": exports.get_result,
            "media/get": self._media.get,
            "externalcontact/get_follow_user_list": self.customers.get_follow_user_list,
            "externalcontact/list": self.customers.list_,
            "externalcontact/get": self.customers.get,
            "agent/get": agent.get,
            "getcallbackip": agent.getcallbackip,
            "get_api_domain_ip": agent.get_api_domain_ip,
        }
        written: dict[str, Answer] = {
            "auth/getuserdetail": self._desk.getuserdetail,
            "message/send": self._messages.send,
            "message/update_template_card": self._messages.update_template_card,
            "message/recall": self._messages.recall,
            "media/upload": self._media.upload,
            "user/list_id": contact_ids.list_id,
            **{f"export/{kind}": exports.begin(kind) for kind in EXPORTED},
            "oa/calendar/add": agenda.add_calendar,
            "oa/calendar/update": agenda.update_calendar,
            "oa/calendar/get": agenda.get_calendars,
            "oa/calendar/del": agenda.delete_calendar,
            "oa/schedule/add": agenda.add_schedule,
            "oa/schedule/update": agenda.update_schedule,
            "oa/schedule/get": agenda.get_schedules,
            "oa/schedule/del": agenda.delete_schedule,
            "oa/schedule/get_by_calendar": agenda.list_schedules,
            "externalcontact/batch/get_by_user": self.customers.batch_get_by_user,
            "checkin/getcheckindata": Checkins(self.office).getcheckindata,
        }
        free: dict[str, Answer] = {
            "aibot/response": self.bot_door.response,
            "webhook/send": self.webhooks.send,
            "webhook/upload_media": self.webhooks.upload_media,
        }
        return Starlette(
            routes=[
                Route("/cgi-bin/gettoken", gate.path(self._desk.gettoken, token=False)),
                *(Route(f"/cgi-bin/{path}", gate.path(answer)) for path, answer in read.items()),
                *(
                    Route(f"/cgi-bin/{path}", gate.path(answer), methods=["POST"])
                    for path, answer in written.items()
                ),
                *(
                    Route(f"/cgi-bin/{path}", gate.path(answer, token=False), methods=["POST"])
                    for path, answer in free.items()
                ),
                Route("/sandbox/exports/{job_id}/{number:int}", exports.fetch),
                WebSocketRoute("/openws", self.bot_socket.serve),
                Route("/connect/oauth2/authorize", self._desk.authorise),
                Route("/wwlogin/sso/login", self._desk.log_in),
                Route("/sandbox/verify-signature", plainly(pages.verify)),
            ]
        )
