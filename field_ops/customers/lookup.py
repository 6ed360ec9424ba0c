"""One box, one answer: find a customer by whatever is remembered of it (domain.md §7.5).

Ranking: mine, shared with me, my department's, the others that I may see; in each of them names
that begin with what was typed, then all others, then what has it in its address or tags only; in
these where I was last, then what is near, then the longest known.

The index proposes (`proposals.py`), rows are compared in the order of the ranking until the page is
full (`ranking.py`), and the rows of the page are read in full at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from ..access.fields import CONTACTS, Eyes, eyes_of
from ..access.roles import FieldLevel
from ..fast_reads import as_moment, read
from ..geo import Point
from ..work import Work
from . import pinyin
from .filters import CustomerFilter
from .matching import Match, match
from .models import MAIN_DOOR
from .narrowing import FEW, Narrowing, narrowing_of
from .postings import as_list, listed
from .proposals import propose
from .questions import Word, read_question
from .ranking import Candidate, Ranking
from .sight import MINE, SHARED, Sight, sight_of
from .slips import loosely
from .terms import ADDRESS, CONTACT

PAGE = 20
MOST_WITH_SLIPS = 1000  # rows that are compared with what was meant perhaps
NOTHING_TYPED = Match("", 1)

# Of several places the last row stays: the newest proposal, or better the confirmed.
ROWS = f"""
SELECT c.id, c.owner_id, c.number, c.name, c.level, c.city, c.address, c.phone, c.pool_id,
       c.last_visit_at, m.name, l.lat, l.lng, l.datum, l.original_lat, l.original_lng, l.status
FROM customer c
LEFT JOIN member m ON m.tenant_id = c.tenant_id AND m.id = c.owner_id
LEFT JOIN customer_location l
ON l.tenant_id = c.tenant_id AND l.customer_id = c.id AND l.status <> 'past'
WHERE c.tenant_id = :tenant_id AND c.id IN {{ids}} AND c.removed_at IS NULL
ORDER BY l.status DESC, l.door = '{MAIN_DOOR}', l.id
"""  # noqa: S608 - nothing that somebody typed


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list shows of a customer, in the order of the columns of `ROWS`."""

    id: str
    owner_id: str | None
    number: str
    name: str
    level: str
    city: str
    address: str
    phone: str
    pool_id: str | None
    last_visit_at: datetime | None


SHOWN = len(fields(Shown))


class Place(NamedTuple):
    """The columns of its location that are shown."""

    lat: float
    lng: float
    datum: str
    original_lat: float
    original_lng: float
    status: str


@dataclass(frozen=True, slots=True)
class Found:
    """A customer with why it is here and where it is. `why.on` is "" when nothing was typed;
    `is_close`: it is mine, or was shared with me."""

    customer: Shown
    why: Match
    is_mine: bool
    is_close: bool
    owner_name: str
    place: Place | None
    distance_m: int | None

    @property
    def matched_on(self) -> str:
        """The reason in one word."""
        return self.why.on


async def look_up(
    work: Work,
    typed: str,
    *,
    near: Point | None = None,
    page: int = 1,
    mine: bool = False,
    only: CustomerFilter | None = None,
    forgives: bool = True,
) -> tuple[list[Found], bool]:
    """One page of what fits, best first, and whether there is more.

    What was typed with a slip is looked for when nothing fits as it stands, if it `forgives`.
    `only`: what all rows must be. Raises FilterWrong.
    """
    sight = await sight_of(work, mine=mine)
    wanted = page * PAGE + 1
    matches = await ranked(
        work, sight, typed, near=near, only=only, wanted=wanted, forgives=forgives
    )
    shown = matches[(page - 1) * PAGE : page * PAGE]
    return await rows_of(work, sight, shown, near), len(matches) > page * PAGE


async def ranked(
    work: Work,
    sight: Sight,
    typed: str,
    *,
    near: Point | None = None,
    only: CustomerFilter | None = None,
    wanted: int,
    forgives: bool = False,
    few: int = FEW,
) -> list[tuple[str, Match]]:
    """The first `wanted` of what fits: customer ids, and why each is there. `few`: so many that
    have a tag or a value are read at once (`narrowing.py`)."""
    await pinyin.ready()
    words = read_question(typed)
    if (typed.strip() and not words) or sight.is_blind:
        return []  # nothing but punctuation is not a question for everything
    narrowing = await narrowing_of(work, only, few)
    found = await _first(work, words, sight, near, narrowing, wanted)
    if forgives and not found and words:
        loose = tuple(map(loosely, words))
        if any(word.is_loose for word in loose):
            return await _first(work, loose, sight, near, narrowing, wanted, most=MOST_WITH_SLIPS)
    return found


async def _first(
    work: Work,
    words: Sequence[Word],
    sight: Sight,
    near: Point | None,
    only: Narrowing,
    wanted: int,
    *,
    most: int | None = None,
) -> list[tuple[str, Match]]:
    eyes = eyes_of(work)
    proposed = await propose(work, words, sight, only)
    leads_to: dict[int, set[int]] = {}
    for number, document in proposed.numbered.items():
        leads_to.setdefault(document, set()).add(number)

    def judge(row: Candidate) -> Match | None:
        numbers = leads_to.get(row.document, ())
        return match(words, numbers, row.name, *_shown_to(eyes, row))

    return await Ranking(work, sight, proposed, near, judge, most, only).first(wanted)


async def rows_of(
    work: Work, sight: Sight, matches: Sequence[tuple[str, Match]], near: Point | None
) -> list[Found]:
    """Rows for pairs of (customer id, why), in this order; none that is out of sight."""
    if not matches:
        return []
    rows = await read(
        work.session,
        ROWS.format(ids=listed(work.session, "ids", "text")),
        tenant_id=work.tenant_id,
        ids=as_list(work.session, [customer_id for customer_id, _ in matches]),
    )
    found = {row[0]: row for row in rows}
    return [
        _found(row, why, closeness, near)
        for customer_id, why in matches
        if (row := found.get(customer_id)) is not None
        and (closeness := sight.closeness(customer_id, row[1])) is not None
    ]


def _found(row: Sequence[Any], why: Match, closeness: int, near: Point | None) -> Found:
    shown = [*row[: SHOWN - 1], as_moment(row[SHOWN - 1])]
    owner_name, located = row[SHOWN], row[SHOWN + 1 :]
    place = Place(*located) if located[0] is not None else None
    return Found(
        customer=Shown(*shown),
        why=why,
        is_mine=closeness == MINE,
        is_close=closeness in (MINE, SHARED),
        owner_name=owner_name or "",
        place=place,
        distance_m=(
            round(near.distance_m(Point(place.lat, place.lng))) if near and place else None
        ),
    )


def _shown_to(eyes: Eyes, row: Candidate) -> tuple[str, str, str]:
    """Its contacts, phones and what is said beside, as far as he reads them: what is hidden or
    masked is not found by guessing, and four digits at a time would tell a masked phone."""

    def is_open(name: str) -> bool:
        return eyes.least(name, row.owner_id) >= FieldLevel.READ

    contacts = row.contacts if is_open(CONTACTS) else ""
    asides = row.asides
    for source, guard in ((ADDRESS, "address"), (CONTACT, CONTACTS)):
        if not is_open(guard):
            lines = asides.split("\n")
            asides = "\n".join(one for one in lines if not one.startswith(f"{source}:"))
    return contacts, row.phones if is_open("phone") else "", asides
