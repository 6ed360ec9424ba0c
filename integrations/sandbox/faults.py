"""Faults on demand: what the real hosts do on a bad day, switched on by a test, a person, or a
schedule (`schedule.py`)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from .schedule import Planned, Schedule

# What a call to the API may meet. Each host answers in its own words.
CALLS = (
    "down",  # the connection is cut: HTTP 502 without a body
    "busy",  # too many calls of this app
    "busy_minute",  # too many calls in a minute
    "busy_hour",
    "busy_day",
    "busy_everywhere",  # too many calls of everybody's, or too many at once
    "quota",  # the calls of this month are used up
    "banned",  # our address asked too much of everything: the gateway's own JSON
    "banned_page",  # the same, as a page
    "system_busy",  # the host's own trouble, which it says will pass
    "gateway_timeout",  # does the work, and the gateway in front of it says that it gave up
    "token_expired",  # whatever token was sent
    "token_unknown",
    "refused",  # a business error that will never succeed
    "no_permission",  # an administrator has not given the app what this call needs
    "untrusted_address",  # an administrator has not listed our address
    "credentials",  # a wrong secret
    "slow",  # answers after `delay_s`
    "lost_answer",  # does the work, then answers HTTP 504: the caller cannot know
    "dropped",  # says OK and does nothing: a message that never arrives
    "sparse",  # leaves out whatever an answer may leave out
    "texts_for_numbers",  # says numbers as texts
)
# What the host's telling the app of something may meet.
PUSHES = (
    "push_lost",  # the app is never told
    "push_late",  # it is told `delay_s` later, when others have overtaken it
    "push_twice",
    "push_forged",  # over HTTP: with a wrong signature
    "push_skewed",  # over HTTP: by a clock that is `delay_s` ahead (or, negative, behind)
    "ack_ignored",  # over a long connection: as if the app's answer had come too late
    "frame_lost",  # over a long connection: sent to a line that does not live any more
    "ticket_expired",  # the next line is refused as if its ticket were used or too old
)
# What the host does by itself, once.
DEEDS = (
    "tokens_revoked",
    "lines_cut",  # every long connection ends without a word
    "lines_half_open",  # they stay, and nothing ever comes over them again
    "lines_ending",  # the host says that they will end, or that another has taken over
    "storm",  # a thousand members are said to have changed, at once
)
KINDS = (*CALLS, *PUSHES, *DEEDS)
PULSE_S = 0.25
# After these the work is done and the answer is another one.
DONE_ALL_THE_SAME = frozenset({"lost_answer", "gateway_timeout"})


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls whose path contains `path`. `kind`: see `CALLS`."""

    kind: str
    path: str = ""
    times: int = 1
    delay_s: float = 0.0


@dataclass(slots=True)
class Held:
    """A push that is late: not before `due`."""

    due: float
    send: Callable[[], Awaitable[int]]


@dataclass(slots=True)
class Faults:
    """The faults of one host. `duplicate_events`: each push is sent that many times.

    `do` does a deed; its host puts it here. `held` are the pushes that are late.
    """

    queue: list[Fault] = field(default_factory=list)
    duplicate_events: int = 1
    down: bool = False  # the whole host is unreachable until this is switched off
    schedule: Schedule | None = None
    held: list[Held] = field(default_factory=list)
    do: Callable[[str], Awaitable[object]] | None = None
    clock: Callable[[], float] | None = None

    def add(self, kind: str, path: str = "", times: int = 1, delay_s: float = 0.0) -> None:
        self.queue.append(Fault(kind, path, times, delay_s))

    def clear(self) -> None:
        """All is well. What is late is still told, at the next `tick`."""
        self.queue.clear()
        self.down = False
        self.duplicate_events = 1
        self.schedule = None
        for held in self.held:
            held.due = 0.0

    def start(self, plan: Collection[Planned], seed: int = 0) -> None:
        """Follow the plan from now on, with the dice of this seed."""
        self.schedule = Schedule(tuple(plan), self._now(), Random(seed))  # noqa: S311

    def stop(self) -> None:
        self.schedule = None

    async def next(self, path: str, immune: Collection[str] = ()) -> str:
        """The kind of fault that this call meets, or "" for none. Waits when it is `slow`.

        Faults of an `immune` kind make no sense here, and wait for a call where they do.
        """
        if self.down:
            return "down"
        fault = self._take([kind for kind in CALLS if kind not in immune], path)
        if fault is None:
            return ""
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
            return ""
        return fault.kind

    def take(self, *kinds: str) -> Fault | None:
        """The fault of one of these kinds that is waiting, which it then is once less."""
        return self._take(kinds, "")

    async def through(self, send: Callable[[], Awaitable[int]]) -> int:
        """Push by `send`, or as a fault has it. Gives 0 for what the app was not told (yet)."""
        fault = self.take("push_lost", "push_late", "push_twice")
        if fault is None:
            return await send()
        if fault.kind == "push_lost":
            return 0
        if fault.kind == "push_late":
            self.held.append(Held(self._now() + fault.delay_s, send))
            return 0
        await send()
        return await send()

    async def tick(self) -> None:
        """What happens by itself: deeds, and pushes that are late. To be called now and then."""
        now = self._now()
        waiting = [fault.kind for fault in self.queue if fault.kind in DEEDS]
        for kind in waiting:
            self.take(kind)
        for kind in [*waiting, *(self.schedule.deeds(now, DEEDS) if self.schedule else ())]:
            if self.do is not None:
                await self.do(kind)
        late = [held for held in self.held if held.due <= now]
        self.held = [held for held in self.held if held.due > now]
        for held in reversed(late):  # whoever came last goes first
            await held.send()

    def _take(self, kinds: Collection[str], path: str) -> Fault | None:
        for fault in self.queue:
            if fault.kind in kinds and fault.path in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.queue.remove(fault)
                return fault
        planned = self.schedule.meets(self._now(), kinds, path) if self.schedule else None
        return Fault(planned.kind, planned.path, 1, planned.delay_s) if planned else None

    def _now(self) -> float:
        return self.clock() if self.clock else asyncio.get_running_loop().time()


@asynccontextmanager
async def keeping_time(
    everybody: Collection[Faults], pulse_s: float = PULSE_S
) -> AsyncGenerator[None]:
    """Within, deeds are done and late pushes go out, on time."""
    ticking = asyncio.create_task(_keep_time(everybody, pulse_s))
    try:
        yield
    finally:
        ticking.cancel()


async def _keep_time(everybody: Collection[Faults], pulse_s: float) -> None:
    while True:
        await asyncio.sleep(pulse_s)
        for faults in everybody:
            await faults.tick()
