"""How well one of us knows somebody, against the same rule followed day by day."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from field_ops.contacts.strength import Touch, strength

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ago(channel: str, days: float) -> Touch:
    return Touch(channel, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        ([], 0),
        ([ago("visit", 0)], 20),
        ([ago("visit", 90)], 10),
        ([ago("visit", 180)], 5),
        ([ago("call", 0), ago("chat", 0)], 15),
        ([ago("note", 0)], 0),  # about him, not with him
        ([ago("visit", 0)] * 5, 100),
        ([ago("visit", 0)] * 9, 100),
        ([ago("visit", 90)] * 9, 90),
        ([ago("meeting", -3)], 20),  # a clock that runs ahead
        ([ago("visit", 3650)] * 50, 0),
    ],
)
def test_cases(touches: list[Touch], expected: int) -> None:
    assert strength(touches, NOW) == expected


def test_against_a_book_that_loses_a_share_every_day() -> None:
    """One balance that shrinks day by day, and is added to on the days of touches."""
    dice = Random(7)
    share = Fraction(0.5 ** (1 / 90))
    for _ in range(40):
        touches = [
            ago(dice.choice(["visit", "call", "chat"]), dice.randint(0, 400))
            for _ in range(dice.randint(0, 12))
        ]
        balance = 0.0
        for day in range(400, -1, -1):
            balance *= float(share)
            of_the_day = [t for t in touches if (NOW - t.at).days == day]
            balance += sum({"visit": 20, "call": 10, "chat": 5}[t.channel] for t in of_the_day)
        assert abs(strength(touches, NOW) - min(balance, 100)) <= 0.5 + 1e-6
