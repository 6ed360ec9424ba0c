"""Bad days by plan: which fault, when, how often, for how long, for which calls.

    {"seed": 7, "faults": [
      {"kind": "busy", "host": "wecom", "path": "message/send", "at_s": 30, "for_s": 10},
      {"kind": "lines_cut", "every_s": 60},
      {"kind": "push_late", "for_s": 3600, "chance": 0.1, "delay_s": 20}
    ]}

With `"chaos": true` a plan out of the seed's own dice is added.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

LONGEST_S = 10_000_000.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan. Its time comes `at_s` seconds after the start, and again `every_s`.

    While it is there, for `for_s` seconds, each call whose path contains `path` meets the fault
    with this `chance`, `times` at most (0: all of them). Without `for_s` it waits for its `times`,
    which then are 1 unless something else is said. `host` is "" for each.
    """

    kind: str
    host: str = ""
    path: str = ""
    at_s: float = 0.0
    every_s: float = 0.0
    for_s: float = 0.0
    times: int = 0
    chance: float = 1.0
    delay_s: float = 0.0

    def round(self, elapsed_s: float) -> int | None:
        """How many times its time had come before, or None when it is not there now."""
        since = elapsed_s - self.at_s
        if since < 0:
            return None
        nth = int(since // self.every_s) if self.every_s else 0
        if self.for_s and since - nth * self.every_s >= self.for_s:
            return None
        return nth

    @property
    def most(self) -> float:
        return self.times or (math.inf if self.for_s else 1)


@dataclass(slots=True)
class Schedule:
    """A plan that began at the moment `began`. The same dice and the same calls: the same day."""

    plan: tuple[Planned, ...]
    began: float
    dice: Random
    used: Counter[tuple[int, int]] = field(default_factory=Counter)  # by line and round
    happened: Counter[str] = field(default_factory=Counter)

    def meets(self, now: float, kinds: Collection[str], path: str) -> Planned | None:
        """What a call meets now."""
        for nth, planned in enumerate(self.plan):
            if planned.kind not in kinds or planned.path not in path:
                continue
            round_ = planned.round(now - self.began)
            if round_ is None or self.used[nth, round_] >= planned.most:
                continue
            if planned.chance < 1 and self.dice.random() >= planned.chance:
                continue
            self.used[nth, round_] += 1
            self.happened[planned.kind] += 1
            return planned
        return None

    def deeds(self, now: float, kinds: Collection[str]) -> list[str]:
        """What the host does by itself now: once a round."""
        due = []
        for nth, planned in enumerate(self.plan):
            round_ = planned.round(now - self.began) if planned.kind in kinds else None
            if round_ is None or self.used[nth, round_]:
                continue
            self.used[nth, round_] += 1
            if planned.chance >= 1 or self.dice.random() < planned.chance:
                self.happened[planned.kind] += 1
                due.append(planned.kind)
        return due


# How a bad day of chaos is made: of each of these a few rounds, some short, some likely.
TROUBLES = (
    *("busy", "busy_minute", "busy_everywhere", "system_busy", "down", "gateway_timeout"),
    *("token_expired", "token_unknown", "slow", "lost_answer", "sparse", "texts_for_numbers"),
    *("push_lost", "push_late", "push_twice", "push_forged", "ack_ignored", "frame_lost"),
    *("ticket_expired", "tokens_revoked", "lines_cut", "lines_half_open", "lines_ending"),
)
DELAYS = {"slow": (0.5, 4.0), "push_late": (5.0, 60.0)}


def chaos(
    seed: int,
    kinds: Iterable[str] = TROUBLES,
    round_s: float = 300.0,
    moment: tuple[float, float] = (0.02, 0.1),
) -> list[Planned]:
    """A plan out of dice: in every `round_s` seconds each of these kinds has its moment, which
    takes so much of the round. Whoever tries again with patience gets through.
    """
    dice = Random(seed)  # noqa: S311 - no secret hangs on it
    return [
        Planned(
            kind,
            at_s=round(dice.uniform(0, round_s), 1),
            every_s=round_s,
            for_s=round(dice.uniform(*moment) * round_s, 1),
            times=dice.choice([1, 1, 2, 5]),
            chance=round(dice.uniform(0.3, 1.0), 2),
            delay_s=round(dice.uniform(*DELAYS[kind]), 1) if kind in DELAYS else 0.0,
        )
        for kind in kinds
    ]


def read_plan(values: Any, kinds: Collection[str]) -> tuple[list[Planned], int]:
    """A plan out of JSON, and its seed. Raises `ValueError` with what is wrong in it."""
    if not isinstance(values, dict) or not isinstance(values.get("faults", []), list):
        raise ValueError('a plan is an object: {"seed": 7, "faults": [{"kind": "busy"}]}')
    if unknown := values.keys() - {"seed", "faults", "chaos"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    seed = values.get("seed", 0)
    if not isinstance(seed, int):
        raise ValueError("seed: a whole number")
    plan = [_line(line, kinds) for line in values.get("faults", [])]
    return plan + (chaos(seed) if values.get("chaos") else []), seed


def _line(line: Any, kinds: Collection[str]) -> Planned:
    if not isinstance(line, dict) or line.get("kind") not in kinds:
        raise ValueError(f"kind: one of {', '.join(kinds)}")
    for name, value in line.items():
        if name not in Planned.__slots__:
            raise ValueError(f"unknown: {name}")
        if not _is_right(name, value):
            raise ValueError(f"{name}: not {value!r}")
    planned = Planned(**line)
    if planned.every_s and planned.for_s > planned.every_s:
        raise ValueError("for_s: longer than every_s")
    return planned


def _is_right(name: str, value: Any) -> bool:
    if name in ("kind", "host", "path"):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int if name == "times" else (int, float)):
        return False
    least = -LONGEST_S if name == "delay_s" else 0
    return bool(least <= value <= LONGEST_S)
