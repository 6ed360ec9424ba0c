"""What is known about a customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from ..access import find_visible, may, reaches
from ..people.models import Member
from ..work import Work
from .models import MAIN_DOOR, Collaborator, Contact, Customer, CustomerLocation
from .place_evidence import counts_of
from .place_rules import PlaceRules, rules_of

MOST_PAST_PLACES = 50
EDIT, ASSIGN, CONFIRM = "customers.edit", "customers.assign", "customers.confirm_location"


@dataclass(frozen=True, slots=True)
class Detail:
    """A customer with everything of its own. `doors` are its places that are confirmed or proposed,
    the main door first, `check_ins` how many each of them rests on. `name_of` knows the members
    that are mentioned. `may` has what the actor may do here of EDIT, ASSIGN and CONFIRM."""

    customer: Customer
    contacts: Sequence[Contact]
    confirmed: CustomerLocation | None
    proposed: CustomerLocation | None
    doors: Sequence[CustomerLocation]
    check_ins: dict[str, int]
    place_rules: PlaceRules
    name_of: dict[str, str]
    may: frozenset[str]


async def detail(work: Work, customer_id: str) -> Detail:
    """Raises NotFound when it is not there, or not mine to see."""
    customer = await find_customer(work, customer_id)
    contacts = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id)
        .order_by(Contact.is_main.desc(), Contact.id)
    )
    places = await present_places(work, [customer.id])
    places = sorted(places, key=_rank, reverse=True)
    confirmed = next((place for place in places if place.status == "confirmed"), None)
    proposed = next((place for place in places if place.status == "proposed"), None)
    mentioned = {customer.owner_id}
    for place in places:
        mentioned |= {place.proposed_by, place.confirmed_by}
    return Detail(
        customer=customer,
        contacts=contacts.all(),
        confirmed=confirmed,
        proposed=proposed,
        doors=places,
        check_ins=await counts_of(work, [place.id for place in places]),
        place_rules=await rules_of(work),
        name_of=await names_of(work, mentioned),
        may=await _what_he_may(work, customer),
    )


async def find_customer(work: Work, customer_id: str) -> Customer:
    """The customer, or the one that it was merged into; raises NotFound when out of sight."""
    customer: Customer = await find_visible(work, Customer, await present_id(work, customer_id))
    return customer


async def present_id(work: Work, customer_id: str) -> str:
    """Where this id leads: to itself, unless it was merged into another one."""
    into = await work.session.scalar(
        select(Customer.merged_into).where(
            Customer.tenant_id == work.tenant_id, Customer.id == customer_id
        )
    )
    return into or customer_id


async def _what_he_may(work: Work, customer: Customer) -> frozenset[str]:
    asked = [editable(work), *(reaches(work, one, Customer.owner_id) for one in (ASSIGN, CONFIRM))]
    found = await work.session.execute(
        select(*(each.label(f"may_{at}") for at, each in enumerate(asked))).where(
            Customer.tenant_id == work.tenant_id, Customer.id == customer.id
        )
    )
    reached = zip((EDIT, ASSIGN, CONFIRM), found.one(), strict=True)
    return frozenset(one for one, is_reached in reached if is_reached and may(work, one))


async def may_edit(work: Work, customer: Customer) -> bool:
    """Seeing is not editing: a collaborator may be there to read only."""
    if not may(work, EDIT):
        return False
    mine = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id, Customer.id == customer.id, editable(work)
    )
    return await work.session.scalar(mine) is not None


def editable(work: Work) -> ColumnElement[bool]:
    """True for customers that the actor may change, if he may change any."""
    shared = select(Collaborator.customer_id).where(
        Collaborator.tenant_id == work.tenant_id,
        Collaborator.member_id == work.actor.member_id,
        Collaborator.access == "edit",
    )
    return or_(
        reaches(work, EDIT, Customer.owner_id),
        and_(Customer.owner_id.is_(None), Customer.created_by == work.actor.member_id),
        Customer.id.in_(shared),
    )


async def present_places(work: Work, customer_ids: Iterable[str]) -> Sequence[CustomerLocation]:
    """Confirmed and proposed places, newest first."""
    found = await work.session.scalars(
        select(CustomerLocation)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id.in_(list(customer_ids)))
        .where(CustomerLocation.status.in_(("confirmed", "proposed")))
    )
    # Sorted here: asked for an order, SQLite reads all places of the company in it.
    return sorted(found.all(), key=lambda place: place.id, reverse=True)


async def place_by_customer(work: Work, customer_ids: Iterable[str]) -> dict[str, CustomerLocation]:
    """Of each customer a confirmed place, the main door before others; else a proposal, the same
    way; of equal ones the newest."""
    best: dict[str, CustomerLocation] = {}
    for place in await present_places(work, customer_ids):
        known = best.get(place.customer_id)
        if known is None or _rank(place) > _rank(known):
            best[place.customer_id] = place
    return best


def _rank(place: CustomerLocation) -> tuple[bool, bool]:
    return place.status == "confirmed", place.door == MAIN_DOOR


async def past_places(work: Work, customer_id: str) -> Sequence[CustomerLocation]:
    """Where its doors were before, and what was proposed and replaced, the newest first."""
    found = await work.session.scalars(
        select(CustomerLocation)
        .where(
            CustomerLocation.tenant_id == work.tenant_id,
            CustomerLocation.customer_id == customer_id,
            CustomerLocation.status == "past",
        )
        .order_by(CustomerLocation.id.desc())
        .limit(MOST_PAST_PLACES)
    )
    return found.all()


async def names_of(work: Work, member_ids: Iterable[str | None]) -> dict[str, str]:
    found = await work.session.scalars(
        select(Member).where(
            Member.tenant_id == work.tenant_id, Member.id.in_([one for one in member_ids if one])
        )
    )
    return {member.id: member.name for member in found}
