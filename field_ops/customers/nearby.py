"""What is around me."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from ..fast_reads import read
from ..geo import Point
from ..work import Work
from .cells import rings
from .lookup import NOTHING_TYPED, Found, rows_of
from .postings import as_list, listed, postings
from .proposals import FEW_OWNERS, documents_of, documents_shared
from .sight import MINE, Sight, sight_of
from .terms import square_term

MOST = 50
FEW_TO_READ = 400
MANY_TO_READ = 1500  # rows of everybody: by then it is quicker to sort out the owners' own

COLUMNS = "SELECT document, customer_id, owner_id, lat, lng FROM customer_search"
OF_ME = f"""
{COLUMNS} WHERE tenant_id = :tenant_id AND owner_id = :me
AND lat BETWEEN :south AND :north AND lng BETWEEN :west AND :east
"""
# The tenant is compared, and not looked up: see `ranking.py`.
THESE = COLUMNS + " WHERE document IN {documents} AND +tenant_id = :tenant_id AND lat IS NOT NULL"


@dataclass(slots=True)  # not frozen: thousands are made for an answer
class Neighbour:
    """A customer and how far away it is, in metres."""

    document: int
    customer_id: str
    owner_id: str | None
    distance_m: float


async def nearby(work: Work, here: Point, radius_m: int, most: int = MOST) -> list[Found]:
    """At most so many customers that I may see within `radius_m`: mine first, then the nearest."""
    sight = await sight_of(work)
    if sight.is_blind:
        return []
    mine = await _mine(work, here, radius_m, sight)
    others: list[Neighbour] = []
    if len(mine) < most:
        others = await _others(work, here, radius_m, sight, most - len(mine))
    first = [*_sorted(mine), *_sorted(others)][:most]
    rows = [(one.customer_id, NOTHING_TYPED) for one in first]
    return await rows_of(work, sight, rows, here)


async def _mine(work: Work, here: Point, radius_m: float, sight: Sight) -> list[Neighbour]:
    if sight.me is None:
        return []
    asked: dict[str, Any] = {"tenant_id": work.tenant_id, "me": sight.me}
    asked |= zip(("south", "north", "west", "east"), here.box(radius_m), strict=True)
    return _within(await read(work.session, OF_ME, **asked), here, radius_m)


async def _others(
    work: Work, here: Point, radius_m: float, sight: Sight, wanted: int
) -> list[Neighbour]:
    """Those in sight that are not mine: all within a circle that holds `wanted` or is the last."""
    owners = None if sight.others is None else sight.colleagues | sight.others
    theirs = await _theirs(work, sight, owners, FEW_OWNERS)
    if theirs is not None and len(theirs) <= FEW_TO_READ:
        found = await _these(work, theirs, here, radius_m)
        return [one for one in found if _is_anothers(sight, one)]
    seen: list[Neighbour] = []
    done = BitMap()
    for ring in rings(here):
        squares = await postings(work, list(map(square_term, ring.squares)))
        inside = BitMap.union(*squares.values()) if squares else BitMap()
        if theirs is not None:
            inside &= theirs
        elif owners is not None and len(inside) > MANY_TO_READ:
            theirs = await _theirs(work, sight, owners, len(owners))
            inside &= theirs or inside
        seen += [
            one
            for one in await _these(work, inside - done, here, radius_m)
            if _is_anothers(sight, one)
        ]
        done |= inside
        if sum(one.distance_m <= ring.radius_m for one in seen) >= wanted:
            break
        if ring.radius_m >= radius_m:
            break
    return seen


def _is_anothers(sight: Sight, one: Neighbour) -> bool:
    return sight.closeness(one.customer_id, one.owner_id) not in (None, MINE)


async def _theirs(
    work: Work, sight: Sight, owners: frozenset[str] | None, most: int
) -> BitMap | None:
    """The documents in sight, unless they have too many owners: then rows are told apart."""
    if owners is None or len(owners) > most:
        return None
    return await documents_shared(work, sight) | await documents_of(work, owners)


async def _these(work: Work, documents: BitMap, here: Point, radius_m: float) -> list[Neighbour]:
    if not documents:
        return []
    found = await read(
        work.session,
        THESE.format(documents=listed(work.session, "documents")),
        tenant_id=work.tenant_id,
        documents=as_list(work.session, documents),
    )
    return _within(found, here, radius_m)


def _within(rows: Iterable[Any], here: Point, radius_m: float) -> list[Neighbour]:
    """Those of (document, customer id, owner id, lat, lng) that are within the circle."""
    return [
        Neighbour(document, customer_id, owner_id, metres)
        for document, customer_id, owner_id, lat, lng in rows
        if (metres := here.distance_m(Point(lat, lng))) <= radius_m
    ]


def _sorted(found: Iterable[Neighbour]) -> list[Neighbour]:
    return sorted(found, key=lambda one: (one.distance_m, one.document))
