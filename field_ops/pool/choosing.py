"""Whom the system gives a customer to: the rule (pure), and what it is told from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import and_, func, select

from ..customers.models import Customer, CustomerLocation
from ..customers.queries import place_by_customer
from ..geo import Point
from ..tags.queries import tags_of_company, tags_on
from ..territories.queries import territory_by_customer
from ..work import Work
from .rules import AllocationRule

NEAR_M = 10_000
NAMED = ("territory", "by_tag")  # nobody else gets it, whoever is away or full
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MOST_NAME = 100


@dataclass(slots=True)
class Candidate:
    """A member who may be given one more. `last_at` is when the system last gave him one.
    `is_named`: the territory or the tag of the customer says him. `got` and `last_id`: the names of
    what he was given just now, and the last of them."""

    id: str
    held: int
    limit: int
    last_at: datetime = NEVER
    in_city: int = 0
    distance_m: float = float("inf")
    is_named: bool = False
    got: list[str] = field(default_factory=list)
    last_id: str = ""

    @property
    def has_room(self) -> bool:
        return self.held < self.limit


@dataclass(frozen=True, slots=True)
class Named:
    """The territory or the tag of a customer, and whom it says."""

    name: str
    member_ids: frozenset[str]


def choose(mode: str, candidates: Sequence[Candidate]) -> Candidate | None:
    """Who gets it; None when nobody has room. Pure; equal ones in the order of their ids."""

    def rank(one: Candidate) -> tuple[object, ...]:
        load = (one.held, one.last_at, one.id)
        match mode:
            case "round_robin":
                return (one.last_at, one.id)
            case "same_city":
                return (one.in_city == 0, *load)
            case "nearest":
                return (one.distance_m, *load)
            case _:
                return load

    some = (one for one in candidates if one.has_room and (one.is_named or mode not in NAMED))
    return min(some, key=rank, default=None)


def reason_of(mode: str, one: Candidate, named: Named | None) -> str:
    """Why it was he: the way, which of those near nobody is is the fewest, with the name of the
    territory or tag behind a colon."""
    if mode in NAMED and named is not None:
        return f"{mode}:{named.name[:MOST_NAME]}"
    is_far = (mode == "same_city" and not one.in_city) or (
        mode == "nearest" and one.distance_m == float("inf")
    )
    return "least_loaded" if is_far else mode


async def named_by(
    work: Work, rule: AllocationRule, customers: Sequence[Customer]
) -> dict[str, Named]:
    """Whom the territory or the first tag of the rule says, for each customer that has one."""
    if rule.mode == "territory":
        return {
            customer_id: Named(one.name, frozenset((one.owner_id,)))
            for customer_id, one in (await territory_by_customer(work, customers)).items()
        }
    if rule.mode != "by_tag":
        return {}
    tags = await tags_of_company(work)
    on = await tags_on(work, tags, [one.id for one in customers])
    found: dict[str, Named] = {}
    for customer_id, its in on.items():
        ids = {tag.id for tag in its}
        for line in rule.by_tag:
            tag = tags.present(line.tag_id)
            if tag is not None and tag.id in ids:
                found[customer_id] = Named(tag.name, frozenset(line.member_ids))
                break
    return found


async def look_at(
    work: Work,
    mode: str,
    customer: Customer,
    candidates: Sequence[Candidate],
    named: Named | None,
) -> None:
    """Tell of each candidate what this way goes by."""
    if mode == "same_city":
        await _count_in_city(work, customer, candidates)
    if mode == "nearest":
        await _measure(work, customer, candidates)
    for one in candidates:
        one.is_named = named is not None and one.id in named.member_ids


async def _count_in_city(work: Work, customer: Customer, candidates: Sequence[Candidate]) -> None:
    """Whose customers are in the same city."""
    rows = await work.session.execute(
        select(Customer.owner_id, func.count())
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_([one.id for one in candidates]),
            Customer.removed_at.is_(None),
            Customer.city == customer.city,
            Customer.city != "",
        )
        .group_by(Customer.owner_id)
    )
    counts = {owner_id: count for owner_id, count in rows}  # noqa: C416 - rows are not pairs
    for one in candidates:
        one.in_city = counts.get(one.id, 0)


async def _measure(work: Work, customer: Customer, candidates: Sequence[Candidate]) -> None:
    """How far the nearest customer of each is."""
    for one in candidates:
        one.distance_m = float("inf")
    place = (await place_by_customer(work, [customer.id])).get(customer.id)
    if place is None:
        return
    here, by_id = Point(place.lat, place.lng), {one.id: one for one in candidates}
    south, north, west, east = here.box(NEAR_M)
    rows = await work.session.execute(
        select(Customer.owner_id, CustomerLocation.lat, CustomerLocation.lng)
        .join(
            CustomerLocation,
            and_(
                CustomerLocation.tenant_id == Customer.tenant_id,
                CustomerLocation.customer_id == Customer.id,
            ),
        )
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_(list(by_id)),
            Customer.removed_at.is_(None),
            CustomerLocation.status != "past",
            CustomerLocation.lat.between(south, north),
            CustomerLocation.lng.between(west, east),
        )
    )
    for owner_id, lat, lng in rows:
        owner = by_id[owner_id or ""]
        owner.distance_m = min(owner.distance_m, here.distance_m(Point(lat, lng)))
