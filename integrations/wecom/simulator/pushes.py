"""Pushes to the app's callback address: sealed XML, five seconds, three tries (page 90930)."""

import itertools
import re
import secrets
from collections.abc import Mapping

from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Person

from .envelope import Seal
from .office import Office
from .posts import TRIES, VERIFY_TIMEOUT_S, Posts

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

ENVELOPE = (
    "<xml><ToUserName>{corp}</ToUserName><AgentID>{agent}</AgentID>"
    "<Encrypt>{encrypted}</Encrypt></xml>"
)
MESSAGE = (
    "<xml><ToUserName>{corp}</ToUserName><FromUserName>{sender}</FromUserName>"
    "<CreateTime>{now}</CreateTime><MsgType>{kind}</MsgType>{inside}</xml>"
)


class Pushes:
    def __init__(self, office: Office, posts: Posts, faults: Faults) -> None:
        self._office = office
        self._posts = posts
        self._faults = faults
        self._serials = itertools.count(1)

    async def text(self, sender: str, text: str) -> int:
        return await self.message(sender, "text", f"<Content>{cdata(text)}</Content>")

    async def message(self, sender: str, kind: str, inside: str) -> int:
        inside += f"<MsgId>{self._message_id()}</MsgId>"
        return await self._push(sender, kind, inside + self._agent())

    async def card_pressed(
        self,
        sender: str,
        key: str,
        task_id: str,
        card_type: str,
        response_code: str,
        chosen: Mapping[str, list[str]] | None = None,
    ) -> int:
        inside = (
            f"<EventKey>{cdata(key)}</EventKey><TaskId>{cdata(task_id)}</TaskId>"
            f"<CardType>{cdata(card_type)}</CardType>"
            f"<ResponseCode>{cdata(response_code)}</ResponseCode>{self._agent()}"
        )
        if chosen:
            inside += f"<SelectedItems>{self._selected(chosen)}</SelectedItems>"
        return await self.event(sender, "template_card_event", inside)

    async def app_opened(self, sender: str) -> int:
        inside = f"<EventKey>{cdata('')}</EventKey>{self._agent()}"
        return await self.event(sender, "enter_agent", inside)

    async def menu_pressed(self, sender: str, key: str) -> int:
        return await self.event(sender, "click", f"<EventKey>{cdata(key)}</EventKey>")

    async def member(self, change: str, person: Person) -> int:
        """As addresses set up since August 2022 hear it: the id and the departments only."""
        inside = f"<UserID>{cdata(person.user_id)}</UserID>"
        if change != "delete_user":
            departments = ",".join(map(str, person.department_ids))
            inside += f"<Department>{cdata(departments)}</Department>"
        return await self._contacts(change, inside)

    async def department(self, change: str, department_id: int) -> int:
        inside = f"<Id>{department_id}</Id>"
        if department := self._office.company.departments.get(department_id):
            inside += f"<Name>{cdata(department.name)}</Name>"
            inside += f"<ParentId>{department.parent_id}</ParentId>"
        return await self._contacts(change, inside)

    async def verify(self) -> bool:
        """What WeCom does when somebody saves the callback address in its console."""
        seal, plain = self._seal(), str(secrets.randbelow(10**19))
        encrypted = seal.encrypt(plain)
        query = {**seal.query(encrypted, int(self._office.clock())), "echostr": encrypted}
        address = self._office.company.app.callback_url
        answer = await self._posts.get(address, query, VERIFY_TIMEOUT_S)
        return answer.status_code == 200 and answer.content == plain.encode()

    async def _contacts(self, change: str, inside: str) -> int:
        return await self.event(
            "sys", "change_contact", f"<ChangeType>{cdata(change)}</ChangeType>{inside}"
        )

    async def event(self, sender: str, name: str, inside: str) -> int:
        return await self._push(sender, "event", f"<Event>{cdata(name)}</Event>{inside}")

    async def _push(self, sender: str, kind: str, inside: str) -> int:
        plain = MESSAGE.format(
            corp=cdata(self._office.company.corp_id),
            sender=cdata(sender),
            now=int(self._office.clock()),
            kind=cdata(kind),
            inside=inside,
        )
        status = 0
        for _ in range(self._faults.duplicate_events):
            status = await self._faults.through(lambda: self._deliver(plain))
        return status

    async def _deliver(self, plain: str) -> int:
        """The status of the last try; 504 when nobody answered."""
        seal, app = self._seal(), self._office.company.app
        fault = self._faults.take("push_forged", "push_skewed")

        def sealed() -> tuple[dict[str, str], bytes]:
            encrypted = seal.encrypt(plain)
            body = ENVELOPE.format(
                corp=cdata(self._office.company.corp_id),
                agent=cdata(str(app.agent_id)),
                encrypted=cdata(encrypted),
            )
            return seal.query_on_a_bad_day(encrypted, self._office.clock(), fault), body.encode()

        answer = await self._posts.post(app.callback_url, sealed, "text/xml", TRIES)
        return answer.status_code

    def _selected(self, chosen: Mapping[str, list[str]]) -> str:
        option = "OpitonId" if self._office.switches.old_spelling_of_options else "OptionId"
        items = (
            (key, "".join(f"<{option}>{cdata(each)}</{option}>" for each in ids))
            for key, ids in chosen.items()
        )
        return "".join(
            f"<SelectedItem><QuestionKey>{cdata(key)}</QuestionKey>"
            f"<{option}s>{ids}</{option}s></SelectedItem>"
            for key, ids in items
        )

    def _seal(self) -> Seal:
        app = self._office.company.app
        return Seal(app.callback_token, app.callback_aes_key, self._office.company.corp_id)

    def _agent(self) -> str:
        return f"<AgentID>{self._office.company.app.agent_id}</AgentID>"

    def _message_id(self) -> int:
        """Above what a JavaScript number can hold, as the real ones are."""
        return (int(self._office.clock() * 1000) << 21) + next(self._serials)


def cdata(text: str) -> str:
    """`text` for XML: without what XML cannot hold, and with the end mark taken apart."""
    harmless = NOT_IN_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{harmless}]]>"
