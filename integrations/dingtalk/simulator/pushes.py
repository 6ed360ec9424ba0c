"""What the pretend DingTalk tells the app, by whichever way the app has chosen in the console.

HTTP: one post to the app's address. Stream: one frame to one of its lines. What an event says is
the same; the envelope differs.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from starlette.routing import Route

from integrations.sandbox.world import Person

from .accounts import union_id
from .backstage import Backstage
from .gate import Call
from .lines import CALLBACK, EVENT, Ack, Lines
from .posts import NO_ANSWER, Posts
from .robots import Robots, conversation_id_of, opaque

MOST_TOLD = 200
ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"


class Pushes:
    """`failed` are the events that were given up after the last try; `told` those of them that the
    app was told when it last asked, and that are forgotten when it asks again."""

    def __init__(
        self, backstage: Backstage, robots: Robots, lines: Lines, http: httpx.AsyncClient
    ) -> None:
        self._backstage = backstage
        self._robots = robots
        self._lines = lines
        self._posts = Posts(backstage, http)
        self._later: set[asyncio.Task[None]] = set()
        self._overtaken: Callable[[], Awaitable[int]] | None = None  # waits for the next event
        self.failed: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    def routes(self) -> list[Route]:
        path = "/call_back/get_call_back_failed_result"
        return [self._backstage.gate.old(path, self._tell_failed, method="GET")]

    async def robot_message(self, person: Person, text: str, group: str) -> int:
        """Give the status of the last try, 0 when nobody answered."""
        said = self._said(person, text, group)

        async def push() -> int:
            if self._by_stream(CALLBACK, ROBOT):
                return _code(await self._callback(ROBOT, said))
            return await self._posts.robot_message(said)

        status = NO_ANSWER
        for _ in range(self._backstage.faults.duplicate_events):
            status = await self._backstage.faults.through(push)
        return status

    async def card_press(
        self, press: Mapping[str, Any], callback: Mapping[str, str] | None
    ) -> tuple[int, Mapping[str, Any]]:
        """The status, and what the app wants to change. `callback` is where HTTP presses go."""
        if callback is None:
            ack = await self._callback(CARD, press)
            response = ack.data.get("response") if ack and ack.is_yes else None
            return _code(ack), response if isinstance(response, dict) else {}
        try:
            url, secret = callback["callbackUrl"], callback["apiSecret"]
            return 200, await self._posts.card_press(press, url, secret)
        except LookupError as failure:
            return int(str(failure)), {}

    async def event(self, kind: str, data: Mapping[str, Any]) -> int:
        """Push an event, and repeat it until it is acknowledged or given up."""
        now_ms = self._backstage.now_ms
        event = {
            "EventType": kind,
            "EventTime": now_ms,
            "CorpId": self._backstage.company.corp_id,
            "BizId": f"{now_ms}_{secrets.token_hex(4)}",
            "eventId": secrets.token_hex(16),
            **data,
        }
        faults = self._backstage.faults

        async def push() -> int:
            status = NO_ANSWER
            for _ in range(faults.duplicate_events):
                status = await faults.through(lambda: self._until_acknowledged(event, data))
            return status

        if not self._backstage.switches.events_keep_their_order and self._overtaken is None:
            self._overtaken = push
            return NO_ANSWER
        overtaken, self._overtaken = self._overtaken, None
        status = await push()
        if overtaken is not None:
            await overtaken()
        return status

    def _tell_failed(self, call: Call) -> dict[str, Any]:
        self.failed = [event for event in self.failed if event not in self.told]
        self.told = self.failed[:MOST_TOLD]
        return {
            "has_more": len(self.failed) > len(self.told),
            "failed_list": [_as_told(event) for event in self.told],
        }

    async def _until_acknowledged(self, event: dict[str, Any], data: Mapping[str, Any]) -> int:
        switches = self._backstage.switches
        message_id = secrets.token_hex(12) if switches.message_id_stays else ""
        is_unheard = switches.push_by == "stream" and not self._lines.subscribed(EVENT, "*")
        if is_unheard and not switches.unheard_events_are_kept:
            return NO_ANSWER
        for wait_s in (0.0, *switches.event_waits_s):
            await asyncio.sleep(wait_s)
            if self._by_stream(EVENT, "*"):
                ack = await self._event_frame(event, data, message_id)
                status, is_done = _code(ack), ack is not None and ack.is_yes
            else:
                status, is_done = await self._posts.event(event)
            if is_done:
                return status
        self.failed.append(event)
        return status

    async def _event_frame(
        self, event: Mapping[str, Any], data: Mapping[str, Any], message_id: str
    ) -> Ack | None:
        headers = {
            "eventType": str(event["EventType"]),
            "eventId": str(event["eventId"]),
            "eventCorpId": str(event["CorpId"]),
            "eventBornTime": str(event["EventTime"]),
            "eventUnifiedAppId": self._backstage.app_id,
        }
        within_s = self._backstage.switches.event_ack_within_s
        return await self._lines.push(EVENT, "*", data, headers, within_s, message_id)

    async def _callback(self, topic: str, data: Mapping[str, Any]) -> Ack | None:
        """A robot message or a press: once, and once more after a while if nobody answers."""
        switches = self._backstage.switches
        headers = {"appId": self._backstage.app_id}
        message_id = secrets.token_hex(12)

        async def push(message_id: str) -> Ack | None:
            return await self._lines.push(
                CALLBACK, topic, data, headers, switches.event_ack_within_s, message_id
            )

        async def again() -> None:
            await asyncio.sleep(switches.callback_again_after_s)
            await push(message_id if switches.message_id_stays else "")

        ack = await push(message_id)
        if ack is None and switches.callback_again_after_s:
            task = asyncio.create_task(again())
            self._later.add(task)
            task.add_done_callback(self._later.discard)
        return ack

    def _by_stream(self, kind: str, topic: str) -> bool:
        chosen = self._backstage.switches.push_by
        return chosen == "stream" or (chosen == "" and bool(self._lines.subscribed(kind, topic)))

    def _said(self, person: Person, text: str, group: str) -> dict[str, Any]:
        company, switches = self._backstage.company, self._backstage.switches
        now_ms = self._backstage.now_ms
        session, until_ms = self._robots.session(person.user_id, group)
        robot_id = opaque(company.app.robot_code)
        said: dict[str, Any] = {
            "msgtype": "text",
            # In a group the @mention is taken away and a blank stays where it was.
            "text": {"content": f" {text}" if group else text},
            "msgId": "msg" + secrets.token_urlsafe(16) + "==",
            "createAt": now_ms,
            "conversationId": group or conversation_id_of(company.corp_id, person.user_id),
            "conversationType": "2" if group else "1",
            "senderId": opaque(person.user_id),
            "senderNick": person.name,
            "senderStaffId": person.user_id,
            "senderUnionId": union_id(person.user_id, person.union_id),
            "senderCorpId": company.corp_id,
            "isAdmin": False,
            "senderPlatform": "Android",
            "chatbotCorpId": company.corp_id,
            "chatbotUserId": robot_id,
            "robotCode": company.app.robot_code,
            "sessionWebhook": session,
            "sessionWebhookExpiredTime": until_ms,
        }
        if group:
            said["conversationTitle"] = company.groups[group]
            said["isInAtList"] = True
            said["atUsers"] = [{"dingtalkId": robot_id}]
        if not switches.is_published:
            del said["senderStaffId"], said["isAdmin"]
        if switches.over_quota_field:
            del said["text"]
            said[switches.over_quota_field] = 20001
        return said


def _as_told(event: Mapping[str, Any]) -> dict[str, Any]:
    """The list has the spelling of the older push: all small, and the fields under the kind."""
    kind = str(event["EventType"])
    inner = {
        name.lower(): value
        for name, value in event.items()
        if name in ("userId", "deptId", "timeStamp")
    }
    return {
        kind: {**inner, "corpid": event["CorpId"]},
        "call_back_tag": kind,
        "event_time": event["EventTime"],
    }


def _code(ack: Ack | None) -> int:
    return ack.code if ack else NO_ANSWER
