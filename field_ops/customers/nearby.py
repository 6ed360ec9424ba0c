"""What is around me."""

from collections.abc import Collection

from sqlalchemy import bindparam, text

from ..geo import Point
from ..work import Work
from .around import Neighbour, wider_and_wider, within
from .lookup import Found, rows_of
from .sight import MINE, Sight, sight_of

MOST = 50
# Whose customers are looked up one owner after the other. Of more owners so many customers are
# around that they are found sooner among everybody's.
FEW_OWNERS = 20

BOX = """
SELECT s.document, s.customer_id, s.owner_id, s.lat, s.lng FROM customer_search s
WHERE s.tenant_id = :tenant_id AND s.{column} IN :ids
  AND s.lat BETWEEN :south AND :north AND s.lng BETWEEN :west AND :east
"""
OF_OWNERS, OF_THESE = (
    text(BOX.format(column=column)).bindparams(bindparam("ids", expanding=True))
    for column in ("owner_id", "customer_id")
)


async def nearby(work: Work, here: Point, radius_m: int, most: int = MOST) -> list[Found]:
    """At most so many customers that I may see within `radius_m`: mine first, then the nearest."""
    sight = await sight_of(work)
    if sight.is_blind:
        return []
    first = await _of_owners(work, here, radius_m, {sight.me} if sight.me else ())
    if len(first) < most:
        first += await _others(work, here, radius_m, sight, most - len(first))
    first.sort(
        key=lambda one: (sight.closeness(one.customer_id, one.owner_id) != MINE, one.distance_m)
    )
    rows = [(one.customer_id, "") for one in first[:most]]
    return await rows_of(work, sight, rows, here)


async def _others(
    work: Work, here: Point, radius_m: int, sight: Sight, wanted: int
) -> list[Neighbour]:
    """Those in sight that are not mine: all within a circle that holds `wanted` or is the last."""
    if sight.others is not None and len(sight.colleagues | sight.others) <= FEW_OWNERS:
        theirs = await _of_owners(work, here, radius_m, sight.colleagues | sight.others)
        shared = await _box(work, here, radius_m, sight.shared, "customer_id")
        return list({one.document: one for one in theirs + shared}.values())
    seen: list[Neighbour] = []
    async for found in wider_and_wider(work, here, radius_m):
        seen = [
            one
            for one in found
            if sight.closeness(one.customer_id, one.owner_id) not in (None, MINE)
        ]
        if len(seen) >= wanted:
            break
    return seen


async def _of_owners(
    work: Work, here: Point, radius_m: int, owners: Collection[str]
) -> list[Neighbour]:
    return await _box(work, here, radius_m, owners, "owner_id")


async def _box(
    work: Work, here: Point, radius_m: int, ids: Collection[str], column: str
) -> list[Neighbour]:
    if not ids:
        return []
    asked = {"tenant_id": work.tenant_id, "ids": sorted(ids)}
    asked |= zip(("south", "north", "west", "east"), here.box(radius_m), strict=True)
    statement = OF_OWNERS if column == "owner_id" else OF_THESE
    found = await work.session.execute(statement, asked)
    return within(found.all(), here, radius_m)
