"""Faults on demand: what the real hosts do on a bad day, switched on by a test or a person."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls whose path contains `path`.

    `kind` is one of
    `down` (connection cut: the simulator answers HTTP 502 without a body),
    `busy` (the host's own rate-limit answer),
    `token_expired` (the host's own expired-token answer, whatever token was sent),
    `refused` (a business error that will never succeed),
    `credentials` (the host's own answer to a wrong secret),
    `slow` (answers after `delay_s`),
    `lost_answer` (does the work, then answers HTTP 504: the caller cannot know),
    `dropped` (says OK and does nothing: a message that never arrives).
    """

    kind: str
    path: str = ""
    times: int = 1
    delay_s: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults of one host. `duplicate_events`: each push is sent that many times."""

    queue: list[Fault] = field(default_factory=list)
    duplicate_events: int = 1
    down: bool = False  # the whole host is unreachable until this is switched off

    def add(self, kind: str, path: str = "", times: int = 1, delay_s: float = 0.0) -> None:
        self.queue.append(Fault(kind, path, times, delay_s))

    def clear(self) -> None:
        self.queue.clear()
        self.down = False
        self.duplicate_events = 1

    async def next(self, path: str) -> str:
        """The kind of fault that this call meets, or "" for none. Waits when it is `slow`."""
        if self.down:
            return "down"
        for fault in self.queue:
            if fault.path in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.queue.remove(fault)
                if fault.kind == "slow":
                    await asyncio.sleep(fault.delay_s)
                    return ""
                return fault.kind
        return ""
