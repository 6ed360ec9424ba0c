"""One box, one answer: find a customer by whatever is remembered of it (domain.md §7.5).

Ranking: mine, shared with me, my department's, the others that I may see; in each of them names
that begin with what was typed, then all others, then what has it in its address or tags only; in
these where I was last, then what is near, then the longest known.

A question takes three statements: how far the asker sees, what may fit, the rows of the page.
Where more fits than is worth comparing, one more asks for the best of it only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from ..access.fields import Eyes, eyes_of
from ..access.roles import FieldLevel
from ..geo import Point
from ..people.models import Member
from ..work import Work
from . import pinyin
from .candidates import Candidate, all_candidates, best_candidates
from .matching import match
from .models import Customer, CustomerLocation
from .sight import MINE, SHARED, Sight, sight_of
from .terms import ADDRESS, Word, read_question

PAGE = 20
FAR = float("inf")

# Made once. Of several places the last row stays: the newest proposal, or better the confirmed.
ROWS = (
    select(Customer, Member.name, CustomerLocation)
    .outerjoin(Member, and_(Member.tenant_id == Customer.tenant_id, Member.id == Customer.owner_id))
    .outerjoin(
        CustomerLocation,
        and_(
            CustomerLocation.tenant_id == Customer.tenant_id,
            CustomerLocation.customer_id == Customer.id,
            CustomerLocation.status != "past",
        ),
    )
    .where(
        Customer.tenant_id == bindparam("tenant_id"),
        Customer.id.in_(bindparam("ids", expanding=True)),
        Customer.removed_at.is_(None),
    )
    .order_by(CustomerLocation.status.desc(), CustomerLocation.id)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A customer with why it is here and where it is. `matched_on` is "" when nothing was typed;
    `is_close`: it is mine, or was shared with me."""

    customer: Customer
    matched_on: str
    is_mine: bool
    is_close: bool
    owner_name: str
    place: CustomerLocation | None
    distance_m: int | None


async def look_up(
    work: Work, typed: str, *, near: Point | None = None, page: int = 1, mine: bool = False
) -> tuple[list[Found], bool]:
    """One page of what fits, best first, and whether there is more."""
    await pinyin.ready()
    words = read_question(typed)
    if typed.strip() and not words:
        return [], False  # nothing but punctuation is not a question for everything
    sight = await sight_of(work, mine=mine)
    if sight.is_blind:
        return [], False
    rows, are_all = await all_candidates(work, words, sight)
    if not are_all:
        rows = await best_candidates(work, words, sight, near, page * PAGE + 1)
    ranked = in_order(words, rows, sight, near, eyes_of(work))
    if len(words) == 1 and words[0].number is not None:
        ranked = await _with_merged(work, sight, words[0].number, ranked)
    shown = ranked[(page - 1) * PAGE : page * PAGE]
    return await rows_of(work, sight, shown, near), len(ranked) > page * PAGE


async def rows_of(
    work: Work, sight: Sight, matches: Sequence[tuple[str, str]], near: Point | None
) -> list[Found]:
    """Rows for pairs of (customer id, matched on), in this order; none that is out of sight."""
    if not matches:
        return []
    asked = {"tenant_id": work.tenant_id, "ids": [customer_id for customer_id, _ in matches]}
    found = await work.session.execute(ROWS, asked)
    rows = {customer.id: (customer, owner, place) for customer, owner, place in found}
    return [
        Found(
            customer=customer,
            matched_on=matched_on,
            is_mine=closeness == MINE,
            is_close=closeness in (MINE, SHARED),
            owner_name=owner_name or "",
            place=place,
            distance_m=_distance_m(place, near),
        )
        for customer_id, matched_on in matches
        if customer_id in rows
        for customer, owner_name, place in (rows[customer_id],)
        if (closeness := sight.closeness(customer.id, customer.owner_id)) is not None
    ]


def in_order(
    words: Sequence[Word],
    rows: Sequence[Candidate],
    sight: Sight,
    near: Point | None,
    eyes: Eyes,
) -> list[tuple[str, str]]:
    """Those that fit and are in sight, best first, as pairs of (customer id, matched on)."""
    ranked = []
    for row in rows:
        closeness = sight.closeness(row.customer_id, row.owner_id)
        if closeness is None:
            continue
        why = match(words, row.number, row.name, row.contacts, *_shown_to(eyes, row))
        if why is None:
            continue
        rank = (
            closeness,
            why.how,
            -_seconds(row.my_visit_at),
            near.distance_m(row.place) if near and row.place else FAR,
            row.document,
        )
        ranked.append((rank, row.customer_id, why.on))
    return [(customer_id, on) for _, customer_id, on in sorted(ranked)]


def _shown_to(eyes: Eyes, row: Candidate) -> tuple[str, str]:
    """Its phones and what is said beside: what is not shown is not found by guessing."""
    phones, asides = row.phones, row.asides
    if eyes.level("phone", row.owner_id) is FieldLevel.HIDDEN:
        phones = ""
    if eyes.level("address", row.owner_id) is FieldLevel.HIDDEN:
        asides = "\n".join(one for one in asides.split("\n") if not one.startswith(f"{ADDRESS}:"))
    return phones, asides


async def _with_merged(
    work: Work, sight: Sight, number: int, ranked: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The number of a record that was merged into another one finds that one, first."""
    merged = aliased(Customer)
    found = await work.session.execute(
        select(Customer.id, Customer.owner_id)
        .join(
            merged, and_(merged.tenant_id == Customer.tenant_id, merged.merged_into == Customer.id)
        )
        .where(merged.tenant_id == work.tenant_id, merged.number == f"C-{number:06d}")
    )
    known = {customer_id for customer_id, _ in ranked}
    first = [
        (customer_id, "number")
        for customer_id, owner_id in found
        if customer_id not in known and sight.closeness(customer_id, owner_id) is not None
    ]
    return [*first, *ranked]


def _distance_m(place: CustomerLocation | None, near: Point | None) -> int | None:
    if place is None or near is None:
        return None
    return round(near.distance_m(Point(place.lat, place.lng)))


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
