"""What the lookup index knows to be around a place: rows of narrow columns, by ever wider rings."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ..geo import Point
from ..work import Work
from .cells import A_ROW, rings, squares_around

FARTHEST_M = 3000  # beyond it distance does not decide what somebody looks for
# The rows of squares first: with a plain join PostgreSQL might read every customer instead.
AROUND = f"""
WITH RECURSIVE band(number) AS (
    SELECT CAST(:south AS bigint) UNION ALL SELECT number + 1 FROM band WHERE number < :north
)
SELECT s.document, s.customer_id, s.owner_id, s.lat, s.lng FROM band CROSS JOIN customer_search s
WHERE s.tenant_id = :tenant_id
  AND s.cell BETWEEN band.number * {A_ROW} + :west AND band.number * {A_ROW} + :east
"""  # noqa: S608
STATEMENT = text(AROUND)


@dataclass(slots=True)  # not frozen: thousands are made for an answer
class Neighbour:
    """A customer and how far away it is, in metres."""

    document: int
    customer_id: str
    owner_id: str | None
    distance_m: float


async def wider_and_wider(
    work: Work, here: Point, radius_m: float
) -> AsyncIterator[list[Neighbour]]:
    """Everything of the company within each of the rings, in no order."""
    for ring in rings(radius_m):
        squares = squares_around(here, ring)
        found = await work.session.execute(
            STATEMENT,
            {
                "tenant_id": work.tenant_id,
                "south": squares.south,
                "north": squares.north,
                "west": squares.west,
                "east": squares.east,
            },
        )
        yield within(found.all(), here, ring)


def within(rows: Iterable[Any], here: Point, radius_m: float) -> list[Neighbour]:
    """Those of (document, customer id, owner id, lat, lng) that are within the circle."""
    return [
        Neighbour(document, customer_id, owner_id, metres)
        for document, customer_id, owner_id, lat, lng in rows
        if (metres := here.distance_m(Point(lat, lng))) <= radius_m
    ]


async def nearest_documents(work: Work, here: Point, count: int) -> list[int]:
    """The documents of the nearest customers, whoever owns them."""
    found: list[Neighbour] = []
    async for found in wider_and_wider(work, here, FARTHEST_M):
        if len(found) >= count:
            break
    found.sort(key=lambda one: one.distance_m)
    return [one.document for one in found[:count]]
