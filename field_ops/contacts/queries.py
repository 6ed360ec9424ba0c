"""What is known of contacts as persons, as far as the asker may know."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, select

from ..access import visible
from ..access.fields import eyes_of
from ..customers.masked import masked_name
from ..customers.models import Contact, Customer
from ..customers.queries import find_customer, may_edit, names_of
from ..follow_ups.models import FollowUp
from ..work import Work
from .chart import Gap, gaps, in_chart
from .consents import consent_of, contact_of, sees_persons
from .models import CHATS_AND_PERSON, ContactMove, ContactTraits
from .strength import HALF_LIFE, Touch, strength

LOOKED_BACK = HALF_LIFE * 8  # of a meeting before that less than a tenth of a point is left
MOST_TOUCHES = 20_000  # of all contacts of one customer
MOST_MOVES = 100


@dataclass(frozen=True, slots=True)
class KnownBy:
    """One of us who knows him."""

    member_id: str
    strength: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as a person. `name_of` knows the members, `moves` where he was."""

    traits: ContactTraits | None
    may_note: bool
    known_by: Sequence[KnownBy]
    moves: "Moves"
    name_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moves:
    """`customer_of` has the customers by id, `seen` are those that the asker may see."""

    rows: Sequence[ContactMove]
    customer_of: Mapping[str, Customer]
    seen: Collection[str]
    name_of: Mapping[str, str]

    def name(self, customer_id: str) -> str:
        customer = self.customer_of.get(customer_id)
        if customer is None:
            return "***"
        return customer.name if customer_id in self.seen else masked_name(customer.name)


async def person(work: Work, customer_id: str, contact_id: str) -> Person:
    """Raises NotFound when the customer or its contacts are not mine to see, or he is not there."""
    customer = await find_customer(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    consent = await consent_of(work, contact.id)
    agreed = consent is not None and consent.version >= CHATS_AND_PERSON
    open_ = sees_persons(work, customer)
    traits = None
    if agreed and open_:
        traits = await work.session.get(ContactTraits, (work.tenant_id, contact.id))
    known_by = (await _known_by(work, [contact.id])).get(contact.id, [])
    members = {one.member_id for one in known_by} | {traits.noted_by if traits else None}
    moves = await _moves(work, ContactMove.contact_id == contact.id)
    return Person(
        traits=traits,
        may_note=agreed and open_ and await may_edit(work, customer),
        known_by=known_by,
        moves=moves,
        name_of=await names_of(work, members),
    )


@dataclass(frozen=True, slots=True)
class Charted:
    """A contact at its place in the chart, with those of us who know him, the strongest first."""

    contact: Contact
    depth: int
    known_by: Sequence[KnownBy]


@dataclass(frozen=True, slots=True)
class RelationshipMap:
    """Who is there, who reports to whom, who of us knows whom. `name_of` knows the members."""

    people: Sequence[Charted]
    gaps: Sequence[Gap]
    name_of: Mapping[str, str]


async def relationship_map(work: Work, customer_id: str) -> RelationshipMap:
    """Raises NotFound when the customer is not mine to see; nobody where contacts are hidden."""
    customer = await find_customer(work, customer_id)
    if not eyes_of(work).shows_contacts(customer):
        return RelationshipMap((), (), {})
    contacts = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id)
        .order_by(Contact.is_main.desc(), Contact.id)
    )
    placed = in_chart(contacts.all())
    known = await _known_by(work, [contact.id for contact, _ in placed])
    people = [Charted(contact, depth, known.get(contact.id, ())) for contact, depth in placed]
    best = [(one.contact.role, one.known_by[0].strength if one.known_by else 0) for one in people]
    members = {one.member_id for theirs in known.values() for one in theirs}
    return RelationshipMap(people, gaps(best), await names_of(work, members))


async def former(work: Work, customer_id: str) -> Moves:
    """Who went away from this customer. Raises NotFound."""
    customer = await find_customer(work, customer_id)
    is_shown = eyes_of(work).shows_contacts(customer)
    return await _moves(work, ContactMove.from_id == customer.id if is_shown else false())


async def _known_by(work: Work, contact_ids: Sequence[str]) -> dict[str, list[KnownBy]]:
    """Of each contact those of us who know him, the strongest first."""
    rows = await work.session.execute(
        select(FollowUp.contact_id, FollowUp.member_id, FollowUp.channel, FollowUp.happened_at)
        .where(
            FollowUp.tenant_id == work.tenant_id,
            FollowUp.contact_id.in_(contact_ids),
            FollowUp.happened_at > work.now - LOOKED_BACK,
        )
        .order_by(FollowUp.happened_at.desc())
        .limit(MOST_TOUCHES)
    )
    touches: dict[tuple[Any, str], list[Touch]] = {}
    for contact_id, member_id, channel, at in rows:
        touches.setdefault((contact_id, member_id), []).append(Touch(channel, at))
    known: dict[str, list[KnownBy]] = {}
    for (contact_id, member_id), theirs in touches.items():
        if points := strength(theirs, work.now):
            one = KnownBy(member_id, points, theirs[0].at)
            known.setdefault(contact_id, []).append(one)
    for some in known.values():
        some.sort(key=lambda one: (-one.strength, one.member_id))
    return known


async def _moves(work: Work, which: ColumnElement[bool]) -> Moves:
    rows = (
        await work.session.scalars(
            select(ContactMove)
            .where(ContactMove.tenant_id == work.tenant_id, which)
            .order_by(ContactMove.id.desc())
            .limit(MOST_MOVES)
        )
    ).all()
    ids = {one for row in rows for one in (row.from_id, row.to_id)}
    customers = await work.session.scalars(
        select(Customer).where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
    )
    seen = await work.session.scalars(
        visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(ids))
    )
    return Moves(
        rows=rows,
        customer_of={one.id: one for one in customers},
        seen=frozenset(seen),
        name_of=await names_of(work, [row.by_id for row in rows]),
    )
