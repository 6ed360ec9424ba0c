"""What our queues share: how long to wait after a failure, and whose turn it is."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

STEPS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # domain.md §12.2


def wait_after(failures: int, dice: Random, steps: Sequence[timedelta] = STEPS) -> timedelta:
    """The wait after the `failures`-th failure (from 1); the last step repeats.

    Up to a tenth is added at random, so that a crowd that failed together does not come back
    together.
    """
    step = steps[min(max(failures, 1), len(steps)) - 1]
    return step * (1 + dice.random() / 10)


def shares(tenants: Sequence[int], limit: int, turn: int) -> list[tuple[int, int]]:
    """How many of `limit` each tenant may have: nobody more than an equal part, at least one.

    `turn` moves the beginning, so that with more tenants than places everybody has his turn.
    """
    if not tenants:
        return []
    start = turn % len(tenants)
    ordered = [*tenants[start:], *tenants[:start]][:limit]
    return [(tenant, max(limit // len(ordered), 1)) for tenant in ordered]
