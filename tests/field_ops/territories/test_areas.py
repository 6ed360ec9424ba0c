"""Whether a place lies in an area, by a second, slower rule."""

import math
import random

import pytest

from field_ops.geo import GCJ02, WGS84, Point, wgs84_to_gcj02
from field_ops.territories.areas import Area, Division, is_inside, outline_of

HERE = Point(30.59, 114.31)


def turns(place: Point, outline: list[Point]) -> bool:
    """Who stands inside turns once around himself when he looks along the whole outline."""
    angles = [math.atan2(one.lat - place.lat, one.lng - place.lng) for one in outline]
    whole = 0.0
    for one, other in zip(angles, [*angles[1:], angles[0]], strict=True):
        whole += math.remainder(other - one, math.tau)
    return abs(whole) > math.pi


def a_star(chance: random.Random) -> list[Point]:
    """A polygon without crossings: corners around a middle, some near and some far."""
    angles = sorted(chance.uniform(0, math.tau) for _ in range(chance.randint(3, 12)))
    far = [chance.uniform(0.01, 0.2) for _ in angles]
    return [
        Point(HERE.lat + math.sin(angle) * reach, HERE.lng + math.cos(angle) * reach)
        for angle, reach in zip(angles, far, strict=True)
    ]


def test_inside_is_where_one_turns_once_around() -> None:
    chance = random.Random(8)
    inside = 0
    for _ in range(300):
        outline = a_star(chance)
        for _ in range(20):
            place = Point(
                HERE.lat + chance.uniform(-0.2, 0.2), HERE.lng + chance.uniform(-0.2, 0.2)
            )
            assert is_inside(place, outline) == turns(place, outline)
            inside += is_inside(place, outline)
    assert 500 < inside < 5000


@pytest.mark.parametrize(
    ("division", "city", "address", "is_there"),
    [
        (Division("武汉市"), "武汉", "", True),
        (Division("武汉"), "武汉市", "江汉区一路", True),
        (Division("武汉", "洪山区"), "武汉", "洪山区珞喻路 1 号", True),
        (Division("武汉", "洪山区"), "武汉", "江汉区一路", False),
        (Division("武汉"), "黄石", "武汉路 3 号", False),
    ],
)
def test_a_division_is_known_by_names(
    division: Division, city: str, address: str, is_there: bool
) -> None:
    assert Area([division]).has(city, address, None) == is_there


def test_an_outline_decides_where_the_place_is_known() -> None:
    corners = [(30.5, 114.2), (30.7, 114.2), (30.7, 114.4), (30.5, 114.4)]
    area = Area([Division("武汉")], outline_of(corners, WGS84))
    assert area.has("黄石", "", HERE)
    assert not area.has("武汉", "", Point(31.5, 115.9))
    assert area.has("武汉", "", None)


def test_corners_of_a_chinese_map_are_moved_to_where_they_are() -> None:
    there = outline_of([wgs84_to_gcj02(HERE.lat, HERE.lng)], GCJ02)[0]
    assert there.distance_m(HERE) < 1
