"""Bad days by plan: what comes when, and that the same seed brings the same day."""

import asyncio
import json

import pytest

from integrations.sandbox.faults import CALLS, DEEDS, KINDS, PUSHES, Faults, keeping_time
from integrations.sandbox.schedule import TROUBLES, Planned, chaos, read_plan

SEND, READ = "/cgi-bin/message/send", "/cgi-bin/user/list"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def faults(clock: Clock) -> Faults:
    return Faults(clock=clock)


async def met(faults: Faults, clock: Clock, at_s: float, path: str = SEND) -> str:
    clock.now = 1_000.0 + at_s
    return await faults.next(path)


async def test_a_fault_comes_in_its_time_for_its_path(faults: Faults, clock: Clock) -> None:
    faults.start([Planned("busy", path="message/send", at_s=30, for_s=10)])
    assert await met(faults, clock, 29) == ""
    assert await met(faults, clock, 31, READ) == ""
    assert [await met(faults, clock, 31) for _ in range(3)] == ["busy"] * 3
    assert await met(faults, clock, 40) == ""


async def test_it_comes_again_and_so_many_times_only(faults: Faults, clock: Clock) -> None:
    faults.start([Planned("token_expired", every_s=60, for_s=5, times=2)])
    first = [await met(faults, clock, 1) for _ in range(3)]
    assert first == ["token_expired", "token_expired", ""]
    assert await met(faults, clock, 59) == ""
    assert await met(faults, clock, 61) == "token_expired"


async def test_without_a_length_it_waits_for_one_call(faults: Faults, clock: Clock) -> None:
    faults.start([Planned("lost_answer", at_s=10)])
    assert await met(faults, clock, 500) == "lost_answer"
    assert await met(faults, clock, 500) == ""


async def test_what_makes_no_sense_waits_for_a_call_where_it_does(faults: Faults) -> None:
    faults.add("token_expired")
    faults.add("busy")
    assert await faults.next("/cgi-bin/gettoken", {"token_expired"}) == "busy"
    assert await faults.next(SEND) == "token_expired"


async def test_a_chance_is_about_what_it_says_and_the_same_for_a_seed(clock: Clock) -> None:
    days = []
    for seed in (1, 1, 2):
        faults = Faults(clock=clock)
        faults.start([Planned("busy", for_s=3600, chance=0.3)], seed)
        days.append([await faults.next(SEND) for _ in range(200)])
    assert days[0] == days[1] != days[2]
    assert 40 < days[0].count("busy") < 80


async def test_a_deed_is_done_once_a_round(faults: Faults, clock: Clock) -> None:
    done: list[str] = []
    third = asyncio.Event()

    async def do(deed: str) -> None:
        done.append(deed)
        if len(done) == 3:
            third.set()

    faults.do = do
    faults.start([Planned("lines_cut", at_s=5, every_s=10)])
    for at_s in (0, 5, 6, 14, 15, 16):
        clock.now = 1_000.0 + at_s
        await faults.tick()
    assert done == ["lines_cut", "lines_cut"]
    faults.add("storm")
    async with keeping_time([faults], pulse_s=0.001):
        await asyncio.wait_for(third.wait(), 5)
    assert done[-1] == "storm"


async def test_pushes_are_lost_late_overtaken_and_doubled(faults: Faults, clock: Clock) -> None:
    told: list[int] = []

    def push(nth: int):
        async def send() -> int:
            told.append(nth)
            return 200

        return faults.through(send)

    for kind in ("push_late", "push_late", "push_lost", "push_twice"):
        faults.add(kind, delay_s=30)
    assert [await push(nth) for nth in range(5)] == [0, 0, 0, 200, 200]
    assert told == [3, 3, 4]
    await faults.tick()
    assert told == [3, 3, 4]
    clock.now += 31
    await faults.tick()
    assert told == [3, 3, 4, 1, 0]


async def test_when_all_is_well_again_what_was_late_is_told(faults: Faults) -> None:
    told: list[str] = []

    async def send() -> int:
        told.append("it")
        return 200

    faults.start([Planned("push_late", delay_s=3600)])
    await faults.through(send)
    faults.clear()
    await faults.tick()
    assert (told, faults.schedule) == (["it"], None)


def test_chaos_is_told_by_its_seed_and_has_something_of_each() -> None:
    assert chaos(7) == chaos(7) != chaos(8)
    kinds = {planned.kind for planned in chaos(7)}
    assert kinds == set(TROUBLES) <= set(KINDS)
    assert kinds & set(CALLS) and kinds & set(PUSHES) and kinds & set(DEEDS)


def test_a_plan_is_read_from_json() -> None:
    told = '{"seed": 7, "faults": [{"kind": "busy", "host": "wecom", "at_s": 30, "times": 2}]}'
    assert read_plan(json.loads(told), KINDS) == ([Planned("busy", "wecom", at_s=30, times=2)], 7)
    plan, seed = read_plan({"seed": 3, "chaos": True}, KINDS)
    assert (plan, seed) == (chaos(3), 3)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([], "a plan is an object"),
        ({"faults": {}}, "a plan is an object"),
        ({"fault": []}, "unknown: fault"),
        ({"seed": "7"}, "seed"),
        ({"faults": ["busy"]}, "kind: one of"),
        ({"faults": [{"kind": "earthquake"}]}, "kind: one of"),
        ({"faults": [{"kind": "busy", "when": 3}]}, "unknown: when"),
        ({"faults": [{"kind": "busy", "at_s": "3"}]}, "at_s"),
        ({"faults": [{"kind": "busy", "at_s": -1}]}, "at_s"),
        ({"faults": [{"kind": "busy", "for_s": float("nan")}]}, "for_s"),
        ({"faults": [{"kind": "slow", "delay_s": float("inf")}]}, "delay_s"),
        ({"faults": [{"kind": "busy", "times": 1.5}]}, "times"),
        ({"faults": [{"kind": "busy", "times": True}]}, "times"),
        ({"faults": [{"kind": "busy", "path": 7}]}, "path"),
        ({"faults": [{"kind": "busy", "every_s": 5, "for_s": 6}]}, "longer than every_s"),
    ],
)
def test_what_is_no_plan_is_said(values: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_plan(values, KINDS)
