"""Stream mode at the host's end: tickets, WebSocket lines, frames and what is answered to them.

"Stream 模式 协议描述", opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol. Whatever
the documentation leaves open is one of the `Switches`.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from .backstage import Backstage
from .bad_days import NOT_FOR_TOKENS
from .gate import Call, NewNo, mandatory

TICKET_LIFE_S = 90
SYSTEM, EVENT, CALLBACK = "SYSTEM", "EVENT", "CALLBACK"


@dataclass(frozen=True, slots=True)
class Ack:
    """What the app answered to a frame; `data` is decoded, {} when it is no object."""

    code: int
    message_id: str
    data: Mapping[str, Any]

    @property
    def is_yes(self) -> bool:
        """DingTalk's own Python SDK sends no status at all, so only LATER is a no."""
        return self.code == 200 and self.data.get("status") != "LATER"


@dataclass(slots=True)
class Line:
    """One WebSocket of the app. A `stalled` one takes what comes and says nothing more."""

    websocket: WebSocket
    topics: frozenset[tuple[str, str]]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    announced: bool = False
    stalled: bool = False
    answers: dict[str, "asyncio.Future[Ack]"] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    pings: int = 0  # how many of our pings were answered
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, kind: str, topic: str, data: str, headers: Mapping[str, str], message_id: str
    ) -> None:
        """One frame. Every header is a string, as the typed SDKs need it."""
        if self.stalled:
            return
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {
                "topic": topic,
                "messageId": message_id,
                "contentType": "application/json",
                "time": str(int(time.time() * 1000)),
                "connectionId": self.id,
                **headers,
            },
            "data": data,
        }
        await self.websocket.send_text(json.dumps(frame, ensure_ascii=False))

    def hear(self, text: str) -> None:
        ack = _ack(text)
        if ack is None:
            return
        self.acks.append(ack)
        waiting = self.answers.pop(ack.message_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)


class Lines:
    """All lines of the app. Each push goes to one of them, chosen at random."""

    def __init__(self, backstage: Backstage, dice: Random | None = None) -> None:
        self._backstage = backstage
        self._dice = dice or Random()  # noqa: S311 - no secret hangs on it
        self.open: list[Line] = []
        self.tickets = 0  # how many were handed out

    def routes(self) -> list[BaseRoute]:
        handed_out = self._backstage.gate.new(
            "/v1.0/gateway/connections/open",
            self._hand_out,
            needs_token=False,
            immune=NOT_FOR_TOKENS,
        )

        async def json_or_xml(request: Request) -> Response:
            answer: Response = await handed_out.endpoint(request)
            if "application/json" in request.headers.get("accept", "") or answer.status_code != 200:
                return answer
            values = json.loads(bytes(answer.body))
            inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
            return Response(f"<response>{inner}</response>", media_type="application/xml")

        return [
            Route(handed_out.path, json_or_xml, methods=["POST"]),
            WebSocketRoute("/connect", self._connect),
        ]

    def subscribed(self, kind: str, topic: str) -> list[Line]:
        """The lines to which DingTalk may give such a frame now."""
        return [line for line in self.open if not line.announced and (kind, topic) in line.topics]

    async def push(
        self,
        kind: str,
        topic: str,
        data: Mapping[str, Any],
        headers: Mapping[str, str],
        within_s: float,
        message_id: str = "",
    ) -> Ack | None:
        """Give one frame to one line; None when there is none, or no answer in time."""
        lines = self.subscribed(kind, topic)
        if not lines:
            return None
        line, faults = self._dice.choice(lines), self._backstage.faults
        if faults.take("frame_lost"):
            return None
        message_id = message_id or secrets.token_hex(12)
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        line.answers[message_id] = answer
        try:
            await line.send(kind, topic, json.dumps(data, ensure_ascii=False), headers, message_id)
            async with asyncio.timeout(within_s):
                ack = await answer
            return None if faults.take("ack_ignored") else ack
        except (TimeoutError, RuntimeError, WebSocketDisconnect):  # also: the line has just gone
            return None
        finally:
            line.answers.pop(message_id, None)

    async def announce_end(self, line: Line, reason: str = "connection is expired") -> None:
        """Say that the line will end, be silent for ten seconds, and close it."""
        line.announced = True
        data = json.dumps({"reason": reason})
        await line.send(SYSTEM, "disconnect", data, {}, secrets.token_hex(12))
        line.stalled = True
        try:
            async with asyncio.timeout(self._backstage.switches.silence_before_close_s):
                await line.over.wait()
        except TimeoutError:
            await self.cut(line)

    async def cut(self, line: Line) -> None:
        """Close a line without a word."""
        if line in self.open:
            self.open.remove(line)
            await line.websocket.close(1000)

    def _hand_out(self, call: Call) -> dict[str, Any]:
        mandatory(call, "clientId", "clientSecret", "subscriptions")
        app = self._backstage.company.app
        given = (call.body["clientId"], str(call.body["clientSecret"]))
        if given != (app.client_id, app.secret):
            raise NewNo(401, "authFailed", "鉴权失败")
        topics = [[each.get("type"), each.get("topic")] for each in call.body["subscriptions"]]
        self.tickets += 1
        endpoint = self._backstage.base_url.replace("http", "ws", 1) + "/connect"
        ticket = self._backstage.purse.lend("stream", json.dumps(topics), TICKET_LIFE_S)
        return {"endpoint": endpoint, "ticket": ticket}

    async def _connect(self, websocket: WebSocket) -> None:
        purse = self._backstage.purse
        lent = purse.find(websocket.query_params.get("ticket", ""), "stream")
        faults = self._backstage.faults
        is_good = lent is not None and purse.is_alive(lent) and not faults.down
        if lent is None or not is_good or faults.take("ticket_expired"):
            await websocket.close()
            return
        lent.used = True
        await websocket.accept()
        line = Line(websocket, frozenset((kind, topic) for kind, topic in json.loads(lent.whose)))
        self.open.append(line)
        pings = asyncio.create_task(self._ping(line))
        try:
            while True:
                line.hear(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            pings.cancel()
            line.over.set()
            if line in self.open:
                self.open.remove(line)

    async def _ping(self, line: Line) -> None:
        while self._backstage.switches.ping_every_s:
            await asyncio.sleep(self._backstage.switches.ping_every_s)
            message_id = secrets.token_hex(12)
            answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
            line.answers[message_id] = answer
            opaque = secrets.token_hex(8)
            await line.send(SYSTEM, "ping", json.dumps({"opaque": opaque}), {}, message_id)
            line.pings += (await answer).data.get("opaque") == opaque


def _ack(text: str) -> Ack | None:
    try:
        values = json.loads(text)
        data = json.loads(values.get("data") or "{}")
        return Ack(
            int(values["code"]),
            str(values["headers"]["messageId"]),
            data if isinstance(data, dict) else {},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
