"""Who shares the event loop, and makes way."""

import asyncio
import time

from field_ops.loop import BUSY_S, make_way


async def test_what_nobody_waits_for_stands_back_while_the_loop_is_busy() -> None:
    rounds = [0]

    async def busy() -> None:
        while True:
            time.sleep(3 * BUSY_S)  # noqa: ASYNC251 - the loop is kept, that is the point
            rounds[0] += 1
            await asyncio.sleep(0)

    keeping = asyncio.create_task(busy())
    await make_way()
    keeping.cancel()
    assert rounds[0] >= 2  # the round that was measured, and at least one in which others went on


async def test_on_a_quiet_loop_nobody_waits() -> None:
    went_on = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, went_on.set)
    for _ in range(5):
        await make_way()
    assert not went_on.is_set()
