"""The smart bot (智能机器人): what it is told, what it may say, and how that looks on a phone
(pages 100719, 101027, 101031)."""

import hashlib
import itertools
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.world import Heard, Person

from . import cards
from .answers import Failed
from .office import HOST, Office

ALONE = "smart-bot"  # the conversation id of the chat with the bot alone, for the console
MOST_BYTES = 20_480
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass(frozen=True, slots=True)
class Talk:
    """Where something was said: in a group, or alone with the bot."""

    user_id: str
    group: str = ""

    @property
    def conversation_id(self) -> str:
        return self.group or ALONE


@dataclass(slots=True)
class Stream:
    began_at: float
    lines: list[Heard]
    finished: bool = False


class Bot:
    """One bot of the company. `by_connection`: its mode, which the administrator chooses."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.id = f"aib{secrets.token_urlsafe(12)}"
        self.secret = secrets.token_urlsafe(32)
        self.name = "外勤"
        self.by_connection = False
        self.has_heard: set[Talk] = set()
        self._serials = itertools.count(1)
        self._streams: dict[str, Stream] = {}
        self._said_at: defaultdict[str, list[float]] = defaultdict(list)

    def told(self, talk: Talk, msgtype: str, content: Any, **more: Any) -> dict[str, Any]:
        """A message to the bot, as it is pushed."""
        self.has_heard.add(talk)
        return {**self._envelope(talk), "msgtype": msgtype, msgtype: content, **more}

    def event(self, talk: Talk, name: str, facts: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        flat = self._office.switches.bot_events_are_flat
        event = {"eventtype": name, **(facts if flat else {name: facts})}
        created = int(self._office.clock())
        return {
            **self._envelope(talk), "create_time": created, "msgtype": "event", "event": event,
            **more,
        }  # fmt: skip

    def says(self, talk: Talk, said: Mapping[str, Any], *, arrives: bool = True) -> None:
        """A message of the bot reaches the conversation. Raises `Failed` for what WeCom refuses."""
        content = _content(said)
        if said["msgtype"] == "template_card":
            check_card(content)
            shown = {"kind": "card", **cards.drawn(content)}
        else:
            _check_length(content.get("content"))
            shown = {"kind": "markdown", "text": content["content"]}
        if arrives:
            self._hear(talk, said, shown)

    def streams(self, talk: Talk, said: Mapping[str, Any], *, arrives: bool = True) -> bool:
        """A piece of a stream, which tells the whole text so far. Whether it is the last."""
        content = _content(said)
        stream_id, text = content.get("id"), content.get("content", "")
        if not isinstance(stream_id, str) or not stream_id:
            raise Failed(40058, "stream.id")
        if not isinstance(text, str) or len(text.encode()) > MOST_BYTES:
            raise Failed(45002)
        stream = self._streams.get(stream_id)
        if stream is None:
            shown = {"kind": "markdown", "text": text}
            lines = self._hear(talk, said, shown) if arrives else []
            stream = self._streams[stream_id] = Stream(self._office.clock(), lines)
        elif stream.finished:
            raise Failed(846606)
        elif self._office.clock() - stream.began_at > self._office.switches.bot_stream_s:
            raise Failed(846608)
        for line in stream.lines:
            line.text, line.wire = text, dict(said)
            self._office.world.touch(line)
        stream.finished = bool(content.get("finish"))
        return stream.finished

    def changes_card(self, said: Mapping[str, Any], task_id: str) -> None:
        """The card of that task becomes another one, for those named or for everybody."""
        card = said.get("template_card")
        if said.get("response_type") != "update_template_card" or not isinstance(card, dict):
            raise Failed(93050)
        check_card(card)
        if card.get("task_id") != task_id:
            raise Failed(846625)
        meant = said.get("userids")
        for line in self._office.world.heard:
            has_it = line.wire.get("template_card", {}).get("task_id") == task_id
            if has_it and line.host == HOST and (not meant or line.user_id in meant):
                shown = cards.drawn(card)
                line.title, line.text, line.fields = shown["title"], shown["text"], shown["fields"]
                line.buttons, line.url = shown["buttons"], shown["url"]
                self._office.world.touch(line)

    def count(self, talk: Talk) -> None:
        """Raise `Failed` above 30 a minute or 1 000 an hour in one conversation."""
        now = self._office.clock()
        key = talk.group or talk.user_id
        said = [at for at in self._said_at[key] if at > now - 3600]
        if len(said) >= PER_HOUR or sum(at > now - 60 for at in said) >= PER_MINUTE:
            raise Failed(45009)
        self._said_at[key] = [*said, now]

    def _envelope(self, talk: Talk) -> dict[str, Any]:
        user_id = talk.user_id
        if self._office.switches.bot_sees_encrypted_ids:
            user_id = "wo" + hashlib.sha256(user_id.encode()).hexdigest()[:30]
        envelope: dict[str, Any] = {
            "msgid": f"{secrets.token_hex(8)}{next(self._serials)}",
            "aibotid": self.id,
            "chattype": "group" if talk.group else "single",
            "from": {"userid": user_id},
        }
        return {**envelope, "chatid": talk.group} if talk.group else envelope

    def _hear(self, talk: Talk, said: Mapping[str, Any], shown: dict[str, Any]) -> list[Heard]:
        world = self._office.world
        return [
            world.hear(
                HOST,
                person.user_id,
                conversation_id=talk.conversation_id,
                wire=dict(said),
                **shown,
            )
            for person in self._present(talk)
        ]

    def _present(self, talk: Talk) -> list[Person]:
        people = self._office.company.people.values()
        if talk.group:
            return [person for person in people if person.active]
        return [person for person in people if person.user_id == talk.user_id]


def check_card(card: Mapping[str, Any]) -> None:
    """As for the app, except that a button of the bot has a key and opens nothing."""
    cards.check(card, has_callback=True)
    for button in card.get("button_list") or []:
        if button.get("type") or not button.get("key"):
            raise Failed(42039)
    if card["card_type"] in cards.INTERACTIVE and not card.get("task_id"):
        raise Failed(846625)


def _content(said: Mapping[str, Any]) -> Mapping[str, Any]:
    content = said.get(str(said.get("msgtype")))
    if not isinstance(content, dict):
        raise Failed(40008)
    return content


def _check_length(text: object) -> None:
    if not isinstance(text, str) or not text:
        raise Failed(44004)
    if len(text.encode()) > MOST_BYTES:
        raise Failed(45002)
