"""The smart bot's long connection: a WebSocket that we open, instead of an address of ours.

WeCom keeps one connection for a bot and tells the older one that it is over. Rules and commands are
those of the page 101463.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp

from field_ops.host.errors import (
    CallbackUnreadable,
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
)
from field_ops.host.events import HostEvent
from field_ops.host.platform import Deliver

from .bot_events import bot_event
from .bot_line import Line, new_request, request_of

REAL_BOT_URL = "wss://openws.work.weixin.qq.com"
FRAME = "frame:"  # what `Conversation.reply_to` begins with, before the id of the frame
REPLY_LIFE = timedelta(hours=24)

PING_EVERY_S = 30.0
SILENT_FOR_S = 15.0  # so long after a ping nothing at all: the line is dead, whatever TCP says
CONNECT_S, CLOSE_S = 10.0, 2.0
LONGEST_WAIT_S = 30.0
# What is said while nobody listens is lost at WeCom. So after a line that lived so long the next
# one is opened at once; only lines that end soon make us wait.
GOOD_AFTER_S = 60.0
LIMITED_S = 60.0
LOOK_AGAIN_S = 2.0
TRY_AGAIN_S = 1.0
LARGEST_FRAME = 1024 * 1024

WRONG_SECRET = {846601, 853000}  # not a bot with a long connection; no such bot, or its secret
LIMITED = 45009
NOT_SUBSCRIBED = 846609
LATER = {-1, 6000}

log = logging.getLogger(__name__)


class WecomLongConnection:
    """The port's `LongConnection` for one bot. `dice` spreads the new attempts."""

    def __init__(
        self,
        url: str,
        bot_id: str,
        secret: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        dice: Random | None = None,
        ping_every_s: float = PING_EVERY_S,
        silent_for_s: float = SILENT_FOR_S,
        try_again_s: float = TRY_AGAIN_S,
        good_after_s: float = GOOD_AFTER_S,
    ) -> None:
        self._url = url
        self._bot_id = bot_id
        self._secret = secret
        self._now = now
        self._dice = dice or Random()  # noqa: S311 - spreads attempts, guards nothing
        self._ping_every_s = ping_every_s
        self._silent_for_s = silent_for_s
        self._try_again_s = try_again_s
        self._good_after_s = good_after_s
        self._line: Line | None = None
        # Heard and not yet committed. It outlives a `run` that was cancelled meanwhile.
        self._heard: deque[HostEvent] = deque()
        self._failures = 0
        self._up_since = self._lived_s = 0.0
        self.attempts = 0  # since it was made, for whoever wonders why it is not up

    def is_up(self) -> bool:
        return self._line is not None

    async def run(self, deliver: Deliver) -> None:
        # Nothing from the environment (proxies, netrc) may decide where the secret is sent.
        async with aiohttp.ClientSession(trust_env=False) as session:
            while True:
                try:
                    self._lived_s = 0.0
                    if await self._one_connection(session, deliver):
                        return
                    wait_s = self._wait_s()
                except HostBusy as busy:
                    wait_s = busy.retry_after_s
                except (HostUnavailable, HostRefused) as failure:
                    log.warning("wecom bot %s: %s", self._bot_id, failure)
                    wait_s = self._wait_s()
                await asyncio.sleep(wait_s)

    async def ask(self, cmd: str, body: Mapping[str, Any], request: str = "") -> dict[str, Any]:
        """Send a command and give the body of its answer. `request` is the frame that it answers.

        Raises `HostBusy` when the connection is not here, and what else a `SendError` can be.
        """
        line = self._line
        if line is None:
            raise HostBusy("the bot is not connected here", retry_after_s=LOOK_AGAIN_S)
        answer = await line.ask(cmd, body, request or new_request(cmd))
        if answer.get("errcode") == NOT_SUBSCRIBED:
            await line.close()  # `run` notices, and subscribes again
        return _checked(answer, self._secret)

    async def _one_connection(self, session: aiohttp.ClientSession, deliver: Deliver) -> bool:
        """One connection from its first frame to its end. True when WeCom gave it to another."""
        line = Line(await self._open(session))
        parts = (self._read(line), self._keep_alive(line), self._keep_handing_over(line, deliver))
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await self._subscribe(line)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            if self._line is not None:
                self._lived_s = time.monotonic() - self._up_since
            self._line = None
            await _ended(*tasks)
            await line.close()
        await self._hand_over(deliver)
        return line.given_away

    async def _open(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        self.attempts += 1
        try:
            async with asyncio.timeout(CONNECT_S):
                return await session.ws_connect(
                    self._url,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                    max_msg_size=LARGEST_FRAME,
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            raise HostUnavailable(f"no connection: {type(failure).__name__}") from failure

    async def _subscribe(self, line: Line) -> None:
        secrets = {"bot_id": self._bot_id, "secret": self._secret}
        answer = await line.ask("aibot_subscribe", secrets, new_request("aibot_subscribe"))
        _checked(answer, self._secret)
        self._line, self._failures, self._up_since = line, 0, time.monotonic()

    async def _read(self, line: Line) -> None:
        """Take in frames until the line ends; the events wait in `_heard`, in their order."""
        async for frame in line.frames():
            cmd = frame.get("cmd")
            if cmd in ("aibot_msg_callback", "aibot_event_callback"):
                self._hear(line, frame)
                if line.given_away:
                    return

    def _hear(self, line: Line, frame: Mapping[str, Any]) -> None:
        body = frame.get("body")
        if not isinstance(body, dict):
            return
        event = body.get("event")
        if isinstance(event, dict) and event.get("eventtype") == "disconnected_event":
            line.given_away = True
            return
        now = self._now()
        reply_to = FRAME + request_of(frame)
        try:
            heard = bot_event(body, now, reply_to=reply_to, reply_until=now + REPLY_LIFE)
            self._heard.append(heard)
        except CallbackUnreadable as failure:
            log.error("wecom bot %s: unreadable: %s", self._bot_id, failure)
        line.has_news.set()

    async def _keep_handing_over(self, line: Line, deliver: Deliver) -> None:
        while True:
            await self._hand_over(deliver)
            await line.has_news.wait()
            line.has_news.clear()

    async def _hand_over(self, deliver: Deliver) -> None:
        """In the order of hearing. What could not be committed stays first in line."""
        while self._heard:
            try:
                await deliver((self._heard[0],))
            # This is an edge: WeCom says nothing twice here, so whatever the database met, we do.
            except Exception:
                log.exception("wecom bot %s: not delivered", self._bot_id)
                await asyncio.sleep(self._try_again_s)
            else:
                self._heard.popleft()

    async def _keep_alive(self, line: Line) -> None:
        """Ping, and end the line when nothing at all comes after a ping for too long."""
        while True:
            await asyncio.sleep(self._ping_every_s)
            line.has_sound.clear()
            await line.send("ping", None, new_request("ping"))
            try:
                async with asyncio.timeout(self._silent_for_s):
                    await line.has_sound.wait()
            except TimeoutError:
                log.warning("wecom bot %s: the line is silent", self._bot_id)
                return

    def _wait_s(self) -> float:
        """Nothing after a good line. Then one second, doubling to thirty; somewhere in the upper
        half, so that many spread."""
        if self._lived_s >= self._good_after_s:
            return 0.0
        wait_s = min(2.0**self._failures, LONGEST_WAIT_S)
        self._failures = min(self._failures + 1, 10)
        return wait_s * self._dice.uniform(0.5, 1)


def _checked(answer: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """The body of an answer when it is a success; its error in our words otherwise."""
    code = answer.get("errcode") or 0
    reason = str(answer.get("errmsg") or "").replace(secret, "***")
    if code == 0:
        body = answer.get("body")
        return dict(body) if isinstance(body, dict) else {}
    if code in WRONG_SECRET:
        raise CredentialsRejected(reason, code=str(code))
    if code == LIMITED:
        raise HostBusy(reason, code=str(code), retry_after_s=LIMITED_S)
    if code == NOT_SUBSCRIBED:
        raise HostBusy(reason, code=str(code), retry_after_s=LOOK_AGAIN_S)
    if code in LATER:
        raise HostUnavailable(reason, code=str(code))
    raise HostRefused(reason, code=str(code))


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
