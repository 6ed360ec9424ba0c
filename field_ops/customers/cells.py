"""The map in squares, of seven sizes: the smallest about fifty metres, each four times as wide.

A customer is in one square of each size. What is around a place is then in a few squares of the
size that fits, whether that is the middle of a city or the country.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..geo import EARTH_RADIUS_M, Point

SIZES_DEG = (0.0005, 0.002, 0.008, 0.032, 0.128, 0.512, 2.048)
REACHES = (2, 4)  # squares on each side of the one in the middle; then come the wider ones

Square = tuple[int, int, int]  # level, row, column


@dataclass(frozen=True, slots=True)
class Ring:
    """Squares that hold everything within `radius_m` of a place, and more."""

    radius_m: float
    squares: list[Square]


def squares_of(place: Point) -> Iterator[Square]:
    """Where it is, in each size."""
    for level in range(len(SIZES_DEG)):
        yield level, _row(place.lat, level), _column(place.lng, level)


def rings(here: Point, first: int = 0) -> Iterator[Ring]:
    """Ever wider, the first of squares of the level `first`."""
    for level in range(first, len(SIZES_DEG)):
        row, column = _row(here.lat, level), _column(here.lng, level)
        for reach in REACHES:
            steps = range(-reach, reach + 1)
            squares = [(level, row + north, column + east) for north in steps for east in steps]
            yield Ring(_sure_m(here, level, reach), squares)


def _sure_m(here: Point, level: int, reach: int) -> float:
    """How far everything is in the squares of the ring, wherever `here` is in its middle one.

    A degree of longitude is shortest where the ring is farthest from the equator, and the hundredth
    is for meridians, which are nearer than the way along a parallel.
    """
    size = SIZES_DEG[level]
    farthest = min(89.9, abs(here.lat) + size * (reach + 1))
    shrink = math.cos(math.radians(farthest))
    return 0.99 * math.radians(size * reach) * EARTH_RADIUS_M * shrink


def _row(lat: float, level: int) -> int:
    return math.floor((min(90.0, max(-90.0, lat)) + 90) / SIZES_DEG[level])


def _column(lng: float, level: int) -> int:
    return math.floor((min(180.0, max(-180.0, lng)) + 180) / SIZES_DEG[level])
