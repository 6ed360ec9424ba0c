"""The map in squares of about a hundred metres, numbered in rows from west to east.

What is within a box is then one range of an index for each row of squares, which costs as much in
the middle of a city as in the country. A box of a thousandth of a degree north of the equator is
111 m high, and in China 60 to 100 m wide.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..geo import Point

A_DEGREE = 1000  # squares
A_ROW = 1_000_000  # more than there are squares around the Earth
FIRST_RING_M = 150
WIDER = 2  # each ring than the one before: in all a third more is read than in the last alone


@dataclass(frozen=True, slots=True)
class Squares:
    """Rows `south` to `north`, in each of them the squares `west` to `east`."""

    south: int
    north: int
    west: int
    east: int


def cell_of(place: Point) -> int:
    return _row(place.lat) * A_ROW + _column(place.lng)


def squares_around(here: Point, radius_m: float) -> Squares:
    south, north, west, east = here.box(radius_m)
    return Squares(_row(south), _row(north), _column(west), _column(east))


def rings(radius_m: float) -> Iterator[float]:
    """Radiuses in which to look one after the other, the last one is `radius_m`."""
    ring = float(FIRST_RING_M)
    while ring < radius_m:
        yield ring
        ring *= WIDER
    yield radius_m


def _row(lat: float) -> int:
    return math.floor((min(90.0, max(-90.0, lat)) + 90) * A_DEGREE)


def _column(lng: float) -> int:
    return math.floor((min(180.0, max(-180.0, lng)) + 180) * A_DEGREE)
