"""One WebSocket of the smart bot: frames out, each with its answer, and frames in.

Frames are JSON: `cmd`, `headers.req_id` and `body`; an answer repeats the req_id and has no cmd
(page 101463).
"""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson

from field_ops.host.errors import CallbackUnreadable, HostUnavailable

from .bot_events import json_object

ANSWER_S = 5.0

log = logging.getLogger(__name__)


class Line:
    """`given_away` is set by whoever reads that WeCom gave the connection to somebody else,
    `has_sound` whenever anything at all comes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.given_away = False
        self.has_news = asyncio.Event()
        self.has_sound = asyncio.Event()

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """What comes in, until the end. Answers are given to those who wait for them as well."""
        try:
            async for message in self._socket:
                self.has_sound.set()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                try:
                    frame = dict(json_object(message.data))
                except CallbackUnreadable as failure:
                    log.error("wecom bot: a frame is unreadable: %s", failure)
                    continue
                self._pass_on(frame)
                yield frame
        finally:
            self._nobody_answers()

    async def send(self, cmd: str, body: Mapping[str, Any] | None, request: str) -> None:
        frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": request}}
        if body is not None:
            frame["body"] = body
        try:
            await self._socket.send_str(orjson.dumps(frame).decode())
        except (ConnectionError, aiohttp.ClientError) as failure:
            raise HostUnavailable(f"{cmd}: the connection ended") from failure

    async def ask(self, cmd: str, body: Mapping[str, Any], request: str) -> dict[str, Any]:
        """Send and wait for the answer. Nobody may ask twice at once under the same id: each frame
        has one asker, and the relay sends to one person at a time."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[request] = answer
        try:
            await self.send(cmd, body, request)
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError as failure:
            raise HostUnavailable(f"{cmd}: no answer", maybe_done=True) from failure
        finally:
            del self._answers[request]

    async def close(self) -> None:
        self._nobody_answers()
        await self._socket.close()

    def _pass_on(self, frame: Mapping[str, Any]) -> None:
        waiting = self._answers.get(request_of(frame))
        if waiting is not None and not frame.get("cmd") and not waiting.done():
            waiting.set_result(dict(frame))

    def _nobody_answers(self) -> None:
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(HostUnavailable("the connection ended", maybe_done=True))


def request_of(frame: Mapping[str, Any]) -> str:
    headers = frame.get("headers")
    request = headers.get("req_id") if isinstance(headers, dict) else None
    return request if isinstance(request, str) else ""


def new_request(cmd: str) -> str:
    """As the vendor's own package makes them: WeCom's side knows commands by this beginning."""
    return f"{cmd}_{int(time.time() * 1000)}_{secrets.token_hex(4)}"
