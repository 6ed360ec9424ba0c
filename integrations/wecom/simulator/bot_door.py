"""The bot by callback: sealed JSON to its address, what may be answered at once, and one answer
later (pages 101031, 101033, 101138)."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from integrations.sandbox.faults import Faults

from .answers import Failed, success
from .bot import Bot, Talk
from .envelope import Seal
from .office import Call, Office
from .posts import TRIES, VERIFY_TIMEOUT_S, Posts

ANSWER_S = 3600
MOST_POLLS = 360  # about one a second for six minutes
REAL = "https://qyapi.weixin.qq.com"


class BotDoor:
    """`problems` are the passive answers that WeCom would have thrown away, and why."""

    def __init__(
        self, office: Office, bot: Bot, posts: Posts, faults: Faults, base_url: str = ""
    ) -> None:
        self._office = office
        self._bot = bot
        self._posts = posts
        self._faults = faults
        self._base_url = base_url.rstrip("/") or REAL
        self.poll_every_s = 1.0
        self.problems: list[str] = []

    def response_url(self, talk: Talk) -> str:
        """Where one answer may be posted, within an hour."""
        code = self._office.purse.lend("answer", _whose(talk), ANSWER_S)
        return f"{self._base_url}/cgi-bin/aibot/response?response_code={code}"

    def response(self, call: Call) -> dict[str, Any]:
        """The call behind that address."""
        lent = self._office.purse.find(call.wanted("response_code", 60140), "answer")
        if lent is None or not self._office.purse.is_alive(lent):
            raise Failed(60140)
        if call.body.get("msgtype") not in ("markdown", "template_card"):
            raise Failed(40008)
        user_id, group = json.loads(lent.whose)
        self._bot.says(Talk(user_id, group), call.body, arrives=call.arrives)
        lent.used = True
        return success()

    async def push(self, talk: Talk, body: Mapping[str, Any], *, tries: int = TRIES) -> int:
        """The status of the last try. What the app answers at once is said at once."""
        status = 0
        for _ in range(self._faults.duplicate_events):
            status = await self._faults.through(lambda: self._push(talk, body, tries))
        return status

    async def _push(self, talk: Talk, body: Mapping[str, Any], tries: int) -> int:
        answer = await self._knock(body, tries)
        if answer.status_code == 200 and answer.content:
            await self._take(answer, talk, body)
        return answer.status_code

    async def verify(self) -> bool:
        """What WeCom does when somebody saves the bot's address in its console."""
        plain = str(secrets.randbelow(10**19))
        encrypted = self._seal().encrypt(plain)
        query = {**self._seal().query(encrypted, int(self._office.clock())), "echostr": encrypted}
        address = self._office.company.app.robot_url
        answer = await self._posts.get(address, query, VERIFY_TIMEOUT_S)
        return answer.status_code == 200 and answer.content == plain.encode()

    async def _knock(self, body: Mapping[str, Any], tries: int) -> httpx.Response:
        seal, plain = self._seal(), json.dumps(body, ensure_ascii=False)
        fault = self._faults.take("push_forged", "push_skewed")

        def sealed() -> tuple[dict[str, str], bytes]:
            encrypted = seal.encrypt(plain)
            query = seal.query_on_a_bad_day(encrypted, self._office.clock(), fault)
            return query, json.dumps({"encrypt": encrypted}).encode()

        address = self._office.company.app.robot_url
        return await self._posts.post(address, sealed, "application/json", tries)

    async def _take(self, answer: httpx.Response, talk: Talk, body: Mapping[str, Any]) -> None:
        """A passive answer, and the further pieces of its stream."""
        for _ in range(MOST_POLLS):
            try:
                stream_id = self._say(self._opened(answer), talk, body)
            except (Failed, ValueError, KeyError) as problem:
                self.problems.append(repr(problem))
                return
            if not stream_id:
                return
            await asyncio.sleep(self.poll_every_s)
            poll = self._bot.told(talk, "stream", {"id": stream_id})
            answer = await self._knock(poll, 1)
            if answer.status_code != 200 or not answer.content:
                return

    def _opened(self, answer: httpx.Response) -> Mapping[str, Any]:
        envelope, seal = answer.json(), self._seal()
        if envelope["nonce"] != answer.request.url.params["nonce"]:
            raise ValueError("another nonce than that of the request")
        if not isinstance(envelope["timestamp"], int):
            raise ValueError("a timestamp that is not a number")
        marks = str(envelope["timestamp"]), envelope["nonce"], envelope["encrypt"]
        if seal.sign(*marks) != envelope["msgsignature"]:
            raise ValueError("signature")
        said: Mapping[str, Any] = json.loads(seal.decrypt(envelope["encrypt"]))
        return said

    def _say(self, said: Mapping[str, Any], talk: Talk, body: Mapping[str, Any]) -> str:
        """Say it; the id of a stream that goes on, or ""."""
        event = body.get("event", {})
        match said.get("msgtype"):
            case "stream" | "stream_with_template_card":
                if card := said.get("template_card"):
                    self._bot.says(talk, {"msgtype": "template_card", "template_card": card})
                piece = {"msgtype": "stream", "stream": said["stream"]}
                return "" if self._bot.streams(talk, piece) else str(said["stream"]["id"])
            case "template_card":
                self._bot.says(talk, said)
            case "text" if event.get("eventtype") == "enter_chat":
                self._bot.says(talk, {"msgtype": "markdown", "markdown": said["text"]})
            case None if event.get("eventtype") == "template_card_event":
                pressed = {**event, **event.get("template_card_event", {})}
                self._bot.changes_card(said, pressed.get("task_id", ""))
            case _:
                raise Failed(40008)
        return ""

    def _seal(self) -> Seal:
        app = self._office.company.app
        return Seal(app.callback_token, app.callback_aes_key, "")


def _whose(talk: Talk) -> str:
    return json.dumps([talk.user_id, talk.group])
