"""Datum and distance: the worked examples of the domain reference (§25.1, §25.2)."""

import random

import pytest

from field_ops.geo import GCJ02, Point, gcj02_to_wgs84, to_wgs84, wgs84_to_gcj02


@pytest.mark.parametrize(
    "wgs84, gcj02, apart_m",
    [
        ((39.908823, 116.397470), (39.910226, 116.403714), 555),
        ((31.239702, 121.499718), (31.237688, 121.504151), 477),
        ((30.592850, 114.305540), (30.590441, 114.310985), 586),
        ((30.657000, 104.066000), (30.654578, 104.068508), 361),
    ],
    ids=["北京", "上海", "武汉", "成都"],
)
def test_the_shift_of_gcj02(
    wgs84: tuple[float, float], gcj02: tuple[float, float], apart_m: int
) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-6)
    assert Point(*wgs84).distance_m(Point(*gcj02)) == pytest.approx(apart_m, abs=0.6)


@pytest.mark.parametrize(
    "a, b, distance_m",
    [
        ((30.592850, 114.305540), (30.595000, 114.305540), 239.1),
        ((31.230400, 121.473700), (31.230400, 121.477000), 313.8),
    ],
)
def test_great_circle_distance(
    a: tuple[float, float], b: tuple[float, float], distance_m: float
) -> None:
    assert Point(*a).distance_m(Point(*b)) == pytest.approx(distance_m, abs=0.05)


def test_there_and_back_is_within_a_millimetre() -> None:
    dice = random.Random(7)
    for _ in range(500):
        here = Point(dice.uniform(20, 50), dice.uniform(80, 130))
        back = gcj02_to_wgs84(*wgs84_to_gcj02(here.lat, here.lng))
        assert here.distance_m(back) < 0.001


def test_outside_china_nothing_moves() -> None:
    assert to_wgs84(48.8566, 2.3522, GCJ02) == Point(48.8566, 2.3522)


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(ValueError, match="BD09"):
        to_wgs84(30, 114, "BD09")
