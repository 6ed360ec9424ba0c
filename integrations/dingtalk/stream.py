"""Stream mode: the connection that we open and by which DingTalk brings events, messages, presses.

What comes is answered only after it was delivered, so a crash between the two costs a repetition
and never an event. All lines feed one queue: what one person says keeps its order, and what waits
is taken in together.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random

import aiohttp
from yarl import URL

from field_ops.host.errors import CallbackUnreadable, CredentialsRejected, SendError
from field_ops.host.events import HostEvent
from field_ops.host.platform import Deliver
from field_ops.logs import log

from .client import DingtalkClient
from .stream_frames import (
    DISCONNECT,
    PING,
    SUBSCRIPTIONS,
    SYSTEM,
    Frame,
    events_in,
    later,
    not_for_us,
    not_understood,
    pong,
    read_frame,
    received,
)
from .stream_line import Line, Patience, Pauses

MOST_AT_ONCE = 50  # taken in with one commit
MOST_WAITING = 2_000
MOST_ANSWERED = 5_000  # message ids that are remembered, so that a repetition is not handled again
MAX_FRAME_BYTES = 4 * 1024 * 1024

Waiting = asyncio.Queue[tuple[Line, Frame]]


class DingtalkStream:
    """The port's `LongConnection`. `pauses` are the times that it waits for things, `most_waiting`
    is how many frames may wait to be delivered; above that DingTalk is asked to come again later.
    """

    def __init__(
        self,
        client: DingtalkClient,
        *,
        corp_id: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: Pauses = Pauses(),  # noqa: B008 - a frozen value
        most_waiting: int = MOST_WAITING,
        dice: Random | None = None,
    ) -> None:
        self._client = client
        self._corp_id = corp_id
        self._now = now
        self._pauses = pauses
        self._most_waiting = most_waiting
        self._dice = dice or Random()  # noqa: S311 - spreads retries, guards nothing
        self._line: Line | None = None
        self._answered: dict[str, None] = {}

    def is_up(self) -> bool:
        return self._line is not None and not self._line.ending.is_set()

    async def run(self, deliver: Deliver) -> None:
        waiting: Waiting = asyncio.Queue(self._most_waiting)
        children: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            children.add(group.create_task(self._take_in(waiting, deliver)))
            try:
                refused = await self._stay_connected(session, waiting, group, children)
            finally:
                self._line = None
                for child in list(children):
                    child.cancel()
        # Raised out here, because a task group would wrap it.
        raise refused

    async def _stay_connected(
        self,
        session: aiohttp.ClientSession,
        waiting: Waiting,
        group: asyncio.TaskGroup,
        children: set[asyncio.Task[None]],
    ) -> CredentialsRejected:
        """Line after line, until DingTalk refuses the app.

        A line that was told that its end is near is left only when the next one is open: DingTalk
        hands each event to one of the lines that are there, and to nobody when none is.
        """
        patience = Patience(self._pauses, self._dice)
        before: Line | None = None
        while True:
            try:
                line = await self._open(session)
            except CredentialsRejected as refused:
                return refused
            except (SendError, aiohttp.ClientError, OSError) as failure:
                wait_s = patience.after_a_failure(failure)
                log.warning("stream.not_open", reason=_short(failure), again_in_s=round(wait_s, 1))
                await asyncio.sleep(wait_s)
                continue
            self._line = line
            log.info("stream.open")
            for work in (self._read(line, waiting), before.leave() if before else None):
                if work is not None:
                    child = group.create_task(work)
                    children.add(child)
                    child.add_done_callback(children.discard)
            await line.until_over()
            log.info("stream.line_over", reason=line.reason)
            before = line
            await asyncio.sleep(patience.after(line))

    async def _open(self, session: aiohttp.ClientSession) -> Line:
        endpoint, ticket = await self._client.open_stream(SUBSCRIPTIONS)
        async with asyncio.timeout(self._pauses.open_within_s):
            socket = await session.ws_connect(
                URL(endpoint).update_query(ticket=ticket),
                heartbeat=self._pauses.heartbeat_s,
                max_msg_size=MAX_FRAME_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=self._pauses.close_within_s),
            )
        return Line(socket, self._pauses)

    async def _read(self, line: Line, waiting: Waiting) -> None:
        """Everything that comes over one line, until it is closed."""
        try:
            async for message in line.socket:
                line.heard()
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._read_frame(line, message.data, waiting)
        finally:
            line.end("closed")
            line.closed.set()
            await line.socket.close()

    async def _read_frame(self, line: Line, raw: str, waiting: Waiting) -> None:
        try:
            frame = read_frame(raw)
        except CallbackUnreadable as failure:
            log.error("stream.unreadable", reason=str(failure))
            return
        if frame.kind == SYSTEM:
            await self._obey(line, frame)
        elif not frame.is_for_us:
            await line.say(not_for_us(frame))
        elif frame.message_id in self._answered:
            await line.say(received(frame))
        else:
            try:
                waiting.put_nowait((line, frame))
            except asyncio.QueueFull:
                await line.say(later(frame))

    async def _obey(self, line: Line, frame: Frame) -> None:
        if frame.topic == PING:
            await line.say(pong(frame))
        elif frame.topic == DISCONNECT:
            line.end("announced")

    async def _take_in(self, waiting: Waiting, deliver: Deliver) -> None:
        while True:
            batch = [await waiting.get()]
            while len(batch) < MOST_AT_ONCE and not waiting.empty():
                batch.append(waiting.get_nowait())
            await self._hand_over(batch, deliver)

    async def _hand_over(self, batch: list[tuple[Line, Frame]], deliver: Deliver) -> None:
        events: list[HostEvent] = []
        readable: list[tuple[Line, Frame]] = []
        for line, frame in batch:
            try:
                events += events_in(frame, self._corp_id, self._now())
            except CallbackUnreadable as failure:
                log.error("stream.unreadable", topic=frame.topic, reason=str(failure))
                await line.say(not_understood(frame))
            else:
                readable.append((line, frame))
        try:
            await deliver(events)
        # This is an edge: whatever the database met, DingTalk must hear that it is to come again.
        except Exception:
            log.exception("stream.not_delivered", events=len(events))
            answer = later
        else:
            answer = received
            self._remember(frame.message_id for _, frame in readable)
        for line, frame in readable:
            await line.say(answer(frame))

    def _remember(self, message_ids: Iterable[str]) -> None:
        self._answered.update((message_id, None) for message_id in message_ids if message_id)
        while len(self._answered) > MOST_ANSWERED:
            del self._answered[next(iter(self._answered))]


def _short(failure: Exception) -> str:
    return f"{type(failure).__name__} {failure}".strip()[:200]
