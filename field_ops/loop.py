"""The event loop: uvloop's, where there is one; and the manners of who shares it."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

BUSY_S = 0.01  # a round of the loop that takes longer has kept somebody waiting
STANDS_BACK_AT_MOST_S = 0.5


async def make_way() -> None:
    """Stand back as long as a round of the loop takes, while it is busy.

    For what nobody waits for, before each small piece of it: where a process has more to do than it
    can, callbacks and requests then have about half of it, however much waits in the background.
    """
    began = time.perf_counter()
    await asyncio.sleep(0)
    round_s = time.perf_counter() - began
    if round_s > BUSY_S:
        await asyncio.sleep(min(round_s, STANDS_BACK_AT_MOST_S))


async def sleep_unless(happened: asyncio.Event, seconds: float) -> None:
    """Sleep so long, or until it happens."""
    try:
        async with asyncio.timeout(seconds):
            await happened.wait()
    except TimeoutError:
        pass


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` on uvloop's event loop, or on Python's own where there is none (Windows)."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)
