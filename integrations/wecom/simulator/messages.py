"""Sending, revising and recalling messages (page 90236 and its neighbours)."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.world import Heard, Person

from . import cards, contents
from .answers import Failed, success
from .media import Media
from .office import HOST, Call, Office

RESPONSE_CODE_S = 72 * 3600
RECALL_S = 24 * 3600
PER_MINUTE, PER_HOUR = 30, 1000
LONGEST_CHECK_S = 14_400


@dataclass(slots=True)
class Sent:
    msgid: str
    at: float
    lines: list[Heard]


class Messages:
    def __init__(self, office: Office, media: Media) -> None:
        self._office = office
        self._media = media
        self._sent: dict[str, Sent] = {}
        self._by_content: dict[str, Sent] = {}
        self._task_ids: set[str] = set()
        self._received_at: defaultdict[str, list[float]] = defaultdict(list)

    def send(self, call: Call) -> dict[str, Any]:
        body = dict(call.body)
        self._check_agent(body)
        people, unknown = self._receivers(body)
        contents.check(
            body,
            has_callback=bool(self._office.company.app.callback_url),
            has_media=self._media.has,
        )
        if twin := self._twin(body):
            return self._answer(twin.msgid, unknown)
        card = body.get("template_card") or {}
        if task_id := card.get("task_id", ""):
            if task_id in self._task_ids:
                raise Failed(42014, "repeated")
            self._task_ids.add(task_id)
        elif card.get("card_type") in cards.INTERACTIVE:
            raise Failed(42014, "missing")
        sent = Sent(self._new_id(), self._office.clock(), [])
        self._sent[sent.msgid] = self._by_content[self._fingerprint(body)] = sent
        if call.arrives:
            reached = [person for person in people if self._has_room(person)]
            sent.lines = [self._deliver(person, body, sent.msgid) for person in reached]
        if card.get("card_type") in cards.INTERACTIVE:
            return self._answer(sent.msgid, unknown, response_code=self.response_code(sent.msgid))
        return self._answer(sent.msgid, unknown)

    def update_template_card(self, call: Call) -> dict[str, Any]:
        body = call.body
        self._check_agent(body)
        lent = self._office.purse.find(str(body.get("response_code", "")), "response")
        if lent is None or not self._office.purse.is_alive(lent) or lent.whose not in self._sent:
            raise Failed(60140)
        lines = [line for line in self._sent[lent.whose].lines if _is_meant(line, body)]
        if card := body.get("template_card"):
            cards.check(card, has_callback=True)
        elif not (body.get("button") or {}).get("replace_name"):
            raise Failed(40058)
        lent.used = True
        for line in lines:
            self._revise(line, body)
        return success(invaliduser="" if self._office.switches.invalid_users_as_text else [])

    def recall(self, call: Call) -> dict[str, Any]:
        sent = self._sent.get(str(call.body.get("msgid", "")))
        if sent is None:
            raise Failed(40058)
        if self._office.clock() - sent.at > RECALL_S:
            raise Failed(42052)
        for line in sent.lines:
            line.title, line.text, line.fields, line.buttons = "", "", [], []
            line.done = "已撤回"
            self._office.world.touch(line)
        return success()

    def response_code(self, msgid: str) -> str:
        """One change of the card, within 72 hours."""
        return self._office.purse.lend("response", msgid, RESPONSE_CODE_S)

    def _check_agent(self, body: Any) -> None:
        if "agentid" not in body:
            raise Failed(41011)
        if not str(body["agentid"]).isdecimal():
            raise Failed(40056)
        if int(body["agentid"]) != self._office.company.app.agent_id:
            raise Failed(301002)

    def _receivers(self, body: dict[str, Any]) -> tuple[list[Person], list[str]]:
        """Whom it is for, each once, and the ids that nobody has."""
        company = self._office.company
        users = [user for user in str(body.get("touser") or "").split("|") if user]
        parties = [party for party in str(body.get("toparty") or "").split("|") if party]
        if not users and not parties and not body.get("totag"):
            raise Failed(82001)
        if len(users) > 1000:
            raise Failed(40031)
        found: dict[str, Person] = {}
        unknown: list[str] = []
        for user in users:
            if user == "@all":
                found |= {p.user_id: p for p in company.people.values() if p.active}
            elif person := self._office.colleague(user):
                found[person.user_id] = person
            else:
                unknown.append(user.lower())
        for party in parties:
            if party.isdecimal():
                found |= {p.user_id: p for p in company.members_of(int(party))}
        if not found:
            raise Failed(81013)
        return list(found.values()), unknown

    def _twin(self, body: dict[str, Any]) -> Sent | None:
        """The same content to the same people within the window, when the sender asked for that."""
        if not body.get("enable_duplicate_check"):
            return None
        window = min(int(body.get("duplicate_check_interval") or 1800), LONGEST_CHECK_S)
        sent = self._by_content.get(self._fingerprint(body))
        return sent if sent and sent.at >= self._office.clock() - window else None

    def _has_room(self, person: Person) -> bool:
        """False above 30 a minute or 1 000 an hour: WeCom says OK and drops the message."""
        now = self._office.clock()
        received = [at for at in self._received_at[person.user_id] if at > now - 3600]
        self._received_at[person.user_id] = received
        if len(received) >= PER_HOUR or sum(at > now - 60 for at in received) >= PER_MINUTE:
            return False
        received.append(now)
        return True

    def _deliver(self, person: Person, body: dict[str, Any], msgid: str) -> Heard:
        shown = contents.drawn(body)
        return self._office.world.hear(HOST, person.user_id, handle=msgid, wire=body, **shown)

    def _revise(self, line: Heard, body: Any) -> None:
        if card := body.get("template_card"):
            shown = cards.drawn(card)
            line.title, line.text, line.fields = shown["title"], shown["text"], shown["fields"]
            line.buttons, line.url = shown["buttons"], shown["url"]
            line.done = card.get("replace_text", "")
            kept = {"task_id": line.wire["template_card"].get("task_id", ""), **card}
            line.wire = {**line.wire, "template_card": kept}
        else:
            line.done = body["button"]["replace_name"]
            line.buttons = [button for button in line.buttons if not button["key"]]
        self._office.world.touch(line)

    def _fingerprint(self, body: dict[str, Any]) -> str:
        names = ["msgtype", body["msgtype"]]
        if not self._office.switches.duplicates_ignore_receivers:
            names += ["touser", "toparty", "totag"]
        return json.dumps({name: body.get(name) for name in names}, sort_keys=True)

    def _new_id(self) -> str:
        return f"M{len(self._sent) + 1:08d}{int(self._office.clock())}"

    def _answer(self, msgid: str, unknown: list[str], **more: str) -> dict[str, Any]:
        return success(
            invaliduser="|".join(unknown),
            invalidparty="",
            invalidtag="",
            unlicenseduser="",
            msgid=msgid,
            **more,
        )


def _is_meant(line: Heard, body: Any) -> bool:
    users = [str(user).casefold() for user in body.get("userids") or ()]
    return bool(body.get("atall")) or line.user_id.casefold() in users
