"""Whose turn it is before a host's limit by the second."""

import asyncio

from field_ops.outbox.pace import Pace

A_SECOND = 50


async def test_who_is_waited_for_goes_before_those_who_wait_already() -> None:
    pace, went = Pace(), list[str]()

    async def go(who: str, *, awaited: bool = False) -> None:
        await pace.wait("app", A_SECOND, awaited=awaited)
        went.append(who)

    reminders = [asyncio.create_task(go(f"reminder {number}")) for number in range(5)]
    await asyncio.sleep(0)
    answers = [asyncio.create_task(go(f"answer {number}", awaited=True)) for number in range(2)]
    await asyncio.gather(*reminders, *answers)
    assert went[:2] == ["reminder 0", "answer 0"]
    assert went.index("answer 1") < went.index("reminder 2")


async def test_those_that_come_later_make_up_for_it() -> None:
    pace, loop = Pace(), asyncio.get_running_loop()
    began = loop.time()
    for _ in range(5):
        await pace.wait("app", A_SECOND, awaited=True)
    await pace.wait("app", A_SECOND)
    assert loop.time() - began >= 5 / A_SECOND - 0.001
