"""A host's bad day in small; `python -m tests.scenarios.chaos` lives through ten great
ones."""

import pytest

from tests.scenarios.chaos import a_bad_day
from tests.scenarios.stage import Stage


@pytest.mark.parametrize("seed", [1])
async def test_after_a_bad_day_the_books_are_right(stage: Stage, host: str, seed: int) -> None:
    turmoil = await a_bad_day(stage, host, seed, changes=60, messages=120)
    assert turmoil.done.total() > 40
    assert len(turmoil.left_for) > 20
    assert {"push_lost", "push_late", "push_twice"} < turmoil.met.keys()
    assert len(turmoil.met) > 7
