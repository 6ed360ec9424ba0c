"""How a check-in is judged: domain.md §25.3, and a slower second opinion on random figures."""

import random

import pytest

from field_ops.geo import Point
from field_ops.visits.verdict import (
    Fix,
    Place,
    judge,
    judge_distance,
    pair_colour,
    radius_for,
)


@pytest.mark.parametrize(
    "d, a, confirmed, d_eff, verdict",
    [
        (280, 30, True, 250, "VERIFIED"),
        (380, 80, True, 300, "VERIFIED"),
        (381, 80, True, 301, "NEAR"),
        (700, 100, True, 600, "NEAR"),
        (701, 100, True, 601, "OUT_OF_RANGE"),
        (900, 180, True, 800, "OUT_OF_RANGE"),
        (50, 250, True, 0, "WEAK"),
        (50, 800, True, None, "NO_FIX"),
        (10, 20, False, 0, "UNVERIFIED"),
    ],
)
def test_the_worked_examples(
    d: float, a: float, confirmed: bool, d_eff: float | None, verdict: str
) -> None:
    judgement = judge_distance(d, a, 300, is_confirmed=confirmed)
    assert (judgement.verdict, judgement.effective_distance_m) == (verdict, d_eff)


def second_opinion(d: float, a: float, r: int, confirmed: bool) -> str:
    """The table of domain.md §4.4 read from the bottom: the last row that still holds wins."""
    allowed = a if a <= 100 else 100
    d_eff = d - allowed if d > allowed else 0
    answer = "OUT_OF_RANGE"
    if d_eff <= 2 * r:
        answer = "NEAR"
    if d_eff <= r:
        answer = "VERIFIED"
    if a > 200:
        answer = "WEAK"
    if not confirmed:
        answer = "UNVERIFIED"
    if a > 500:
        answer = "NO_FIX"
    return answer


def test_a_second_opinion_agrees_on_random_figures() -> None:
    dice = random.Random(20260310)
    edges = [0, 1, 50, 100, 101, 200, 201, 500, 501, 1000]
    for _ in range(5000):
        d = dice.choice([*edges, dice.uniform(0, 5000)])
        a = dice.choice([*edges, dice.uniform(0, 900)])
        r = dice.choice([50, 200, 300, 500, 2000])
        confirmed = dice.random() < 0.8
        mine = judge_distance(d, a, r, is_confirmed=confirmed).verdict
        assert mine == second_opinion(d, a, r, confirmed), (d, a, r, confirmed)


def test_a_gcj02_fix_is_judged_in_one_datum() -> None:
    place = Place(Point(30.592850, 114.305540), is_confirmed=True)
    at_the_door = Fix(30.590441, 114.310985, "GCJ02", accuracy_m=20)
    judgement = judge(at_the_door, place, 200)
    assert judgement.verdict == "VERIFIED"
    assert judgement.distance_m == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    "fix", [None, Fix(30.6, 114.3, "WGS84", None), Fix(30.6, 114.3, "WGS84", 501)]
)
def test_without_a_usable_fix_nothing_is_proved(fix: Fix | None) -> None:
    assert judge(fix, Place(Point(30.6, 114.3), True), 300).verdict == "NO_FIX"


def test_a_customer_without_a_place_is_unverified() -> None:
    assert judge(Fix(30.6, 114.3, "WGS84", 20), None, 300).verdict == "UNVERIFIED"


@pytest.mark.parametrize(
    "check_in, check_out, colour",
    [
        ("VERIFIED", "VERIFIED", "green"),
        ("VERIFIED", "OUT_OF_RANGE", "amber"),
        ("NO_FIX", "VERIFIED", "amber"),
        ("VERIFIED", None, "amber"),
        ("NEAR", "NEAR", "red"),
        ("UNVERIFIED", "OUT_OF_RANGE", "red"),
        ("NEAR", None, "red"),
        ("NO_FIX", "UNVERIFIED", "grey"),
        ("WEAK", "WEAK", "grey"),
    ],
)
def test_the_pair_colour(check_in: str, check_out: str | None, colour: str) -> None:
    assert pair_colour(check_in, check_out) == colour


@pytest.mark.parametrize(
    "customer, visit_type, place_class, radius_m",
    [
        (None, None, "street_store", 200),
        (None, None, "site", 1000),
        (None, None, "unheard of", 300),
        (None, 150, "site", 150),
        (80, 150, "site", 80),
        (10, None, "site", 50),
        (9000, None, "mall", 2000),
    ],
)
def test_whose_radius_wins(
    customer: int | None, visit_type: int | None, place_class: str, radius_m: int
) -> None:
    assert radius_for(customer, visit_type, place_class) == radius_m
