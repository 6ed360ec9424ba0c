"""One line of Stream mode, and how long to wait for things and between lines."""

import asyncio
from dataclasses import dataclass
from random import Random

import aiohttp

from field_ops.host.errors import HostBusy


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait, in seconds.

    DingTalk pings about twice a minute, though it does not promise to: a line that is silent for
    `silence_s` is replaced, whatever the cause. After it announces the end of a line it says
    nothing for ten seconds and closes, so `leave_s` is a little more.
    """

    heartbeat_s: float = 30
    silence_s: float = 180
    leave_s: float = 15
    open_within_s: float = 20
    say_within_s: float = 5
    close_within_s: float = 2
    good_after_s: float = 60
    first_retry_s: float = 1
    longest_retry_s: float = 60


class Line:
    """`ending` is set once nothing more should be expected, `closed` when nothing more can come."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, pauses: Pauses) -> None:
        self.socket = socket
        self.ending = asyncio.Event()
        self.closed = asyncio.Event()
        self.reason = ""
        self._pauses = pauses
        self._clock = asyncio.get_running_loop().time
        self._opened_at = self._heard_at = self._clock()

    def heard(self) -> None:
        self._heard_at = self._clock()

    def end(self, reason: str) -> None:
        if not self.ending.is_set():
            self.reason = reason
            self.ending.set()

    @property
    def was_good(self) -> bool:
        """Whether it lived long enough to think that the next one will."""
        return self._clock() - self._opened_at >= self._pauses.good_after_s

    async def until_over(self) -> None:
        """Until the end is announced or there, or the line has been silent for too long."""
        while not self.ending.is_set():
            silent_at = self._heard_at + self._pauses.silence_s
            if self._clock() >= silent_at:
                self.end("silent")
            try:
                async with asyncio.timeout_at(silent_at):
                    await self.ending.wait()
            except TimeoutError:
                pass

    async def say(self, text: str) -> None:
        """Send one frame. On a dead line nothing happens: DingTalk will repeat what it asked."""
        try:
            async with asyncio.timeout(self._pauses.say_within_s):
                await self.socket.send_str(text)
        except (OSError, aiohttp.ClientError):
            self.end("cannot be written to")

    async def leave(self) -> None:
        """Let DingTalk close it, or close it after a while: the next line is open already."""
        try:
            async with asyncio.timeout(self._pauses.leave_s):
                await self.closed.wait()
        except TimeoutError:
            await self.socket.close()


class Patience:
    """How long to wait before the next line: longer after each failure, and never in step with
    others."""

    def __init__(self, pauses: Pauses, dice: Random) -> None:
        self._pauses = pauses
        self._dice = dice
        self._failures = 0

    def after(self, line: Line) -> float:
        """After a line that was open. Nothing after a good one, nor after an announced end."""
        announced_once = line.reason == "announced" and self._failures == 0
        self._failures = 0 if line.was_good else self._failures + 1
        return 0.0 if line.was_good or announced_once else self._wait_s()

    def after_a_failure(self, failure: Exception) -> float:
        """After a line that could not be opened."""
        self._failures += 1
        wanted = failure.retry_after_s if isinstance(failure, HostBusy) else 0.0
        return max(wanted, self._wait_s())

    def _wait_s(self) -> float:
        longest = self._pauses.first_retry_s * 2.0 ** min(self._failures - 1, 16)
        bound: float = min(longest, self._pauses.longest_retry_s)
        return bound * self._dice.uniform(0.5, 1)
