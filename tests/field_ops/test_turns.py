"""Whom somebody waits for goes first, and nobody waits for ever."""

import asyncio

import pytest

from field_ops.turns import MOST_IN_A_ROW, Turns

Task = asyncio.Task[None]


class Queue:
    """Tasks that want a turn while another keeps it; `had` tells who had one, in order."""

    def __init__(self) -> None:
        self.turns, self.had = Turns(), list[str]()

    async def comes(self, name: str, *, awaited: bool = False) -> Task:
        async def have() -> None:
            async with self.turns.turn(awaited=awaited):
                self.had.append(name)
                await asyncio.sleep(0)

        task = asyncio.create_task(have())
        await asyncio.sleep(0)
        return task


async def test_a_callback_goes_before_reminders_that_wait() -> None:
    queue = Queue()
    async with queue.turns.turn(awaited=False):
        tasks = [await queue.comes(name) for name in ("reminder 1", "reminder 2")]
        tasks.append(await queue.comes("callback", awaited=True))
    await asyncio.gather(*tasks)
    assert queue.had == ["callback", "reminder 1", "reminder 2"]


async def test_many_callbacks_let_a_reminder_through() -> None:
    queue = Queue()
    async with queue.turns.turn(awaited=False):
        tasks = [await queue.comes("reminder")]
        tasks += [await queue.comes("callback", awaited=True) for _ in range(2 * MOST_IN_A_ROW)]
    await asyncio.gather(*tasks)
    assert queue.had.index("reminder") == MOST_IN_A_ROW


async def test_only_one_at_a_time_has_a_turn() -> None:
    turns, inside = Turns(), 0

    async def have(number: int) -> None:
        nonlocal inside
        async with turns.turn(awaited=number % 3 == 0):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(have(number) for number in range(50)))


async def test_who_gives_up_while_he_waits_is_passed_over() -> None:
    queue = Queue()
    async with queue.turns.turn(awaited=False):
        gone, stays = await queue.comes("gone"), await queue.comes("stays")
        gone.cancel()
        await asyncio.sleep(0)
    await stays
    assert queue.had == ["stays"]


async def test_who_gives_up_when_it_is_his_turn_passes_it_on() -> None:
    queue = Queue()
    async with queue.turns.turn(awaited=False):
        gone, stays = await queue.comes("gone"), await queue.comes("stays")
    gone.cancel()  # it was given to him, and he has not taken it yet
    async with asyncio.timeout(5):
        await stays
    assert queue.had == ["stays"]


async def test_a_turn_ends_with_an_error_too() -> None:
    queue = Queue()
    with pytest.raises(ValueError, match="broken"):
        async with queue.turns.turn(awaited=True):
            raise ValueError("broken")
    async with asyncio.timeout(5):
        await (await queue.comes("next"))
