"""What is known of the chats of members with the contacts of a customer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from ..access import visible
from ..access.fields import eyes_of
from ..contacts.models import ContactConsent
from ..customers.models import Contact, Customer
from ..customers.queries import find_customer, names_of
from ..work import Work
from .keys import keys_of_contact
from .models import ChatContact, ChatContactKey, ChatLink

ANSWERED = ("linked", "dismissed", "revoked")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A chat contact of mine who may be this contact. `by`: `phone` or `name`."""

    chat_contact_id: str
    contact_id: str
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Link:
    """A contact whom a member has in his chat."""

    chat_contact_id: str
    contact_id: str
    member_id: str
    name: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Chats:
    """Everything about a customer's contacts that the asker may know. `name_of` knows members."""

    proposals: Sequence[Proposal]
    links: Sequence[Link]
    consents: Sequence[ContactConsent]
    name_of: Mapping[str, str]


async def chats_of(work: Work, customer_id: str) -> Chats:
    """Raises NotFound when the customer is not there, or not mine to see."""
    customer = await find_customer(work, customer_id)
    rows = await work.session.scalars(
        select(Contact).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id
        )
    )
    contacts = rows.all() if eyes_of(work).shows_contacts(customer) else []
    ids = [contact.id for contact in contacts]
    consents = await _consents(work, ids)
    links = await _links(work, ids)
    members = {link.member_id for link in links} | {one.recorded_by for one in consents}
    return Chats(
        proposals=await proposals(work, customer, contacts),
        links=links,
        consents=consents,
        name_of=await names_of(work, members),
    )


async def proposals(
    work: Work, customer: Customer, contacts: Collection[Contact]
) -> list[Proposal]:
    """Chat contacts of the asker himself who may be these contacts, and about whom he has not
    answered. Whoever took his consent back is not asked about again."""
    by_key: dict[str, list[Contact]] = {}
    for contact in contacts:
        for key in keys_of_contact(customer, contact):
            by_key.setdefault(key, []).append(contact)
    if work.actor.is_system or not by_key:
        return []
    rows = await work.session.execute(
        select(ChatContactKey.key, ChatContact)
        .join(
            ChatContact,
            and_(
                ChatContact.tenant_id == ChatContactKey.tenant_id,
                ChatContact.id == ChatContactKey.chat_contact_id,
            ),
        )
        .where(
            ChatContactKey.tenant_id == work.tenant_id,
            ChatContactKey.member_id == work.actor.member_id,
            ChatContactKey.key.in_(by_key),
            ChatContact.state == "known",
        )
        # A phone before a name; among equals always the same order.
        .order_by(ChatContactKey.key.desc(), ChatContact.id)
    )
    found: dict[tuple[str, str], Proposal] = {}
    for key, chat in rows:
        for contact in by_key[key]:
            name, by = chat.remark or chat.name, key.partition(":")[0]
            found.setdefault((chat.id, contact.id), Proposal(chat.id, contact.id, name, by))
    answered = await _answered(work, {chat_id for chat_id, _ in found})
    unwilling = await _unwilling(work, {contact_id for _, contact_id in found})
    return [
        proposal
        for pair, proposal in found.items()
        if pair not in answered and proposal.contact_id not in unwilling
    ]


async def has_withdrawn(work: Work, contact_id: str) -> bool:
    """Whether the contact took his consent back and did not give it again."""
    return bool(await _unwilling(work, [contact_id]))


async def known_and_linked(work: Work, member_id: str) -> tuple[int, int]:
    """How many people outside a member has in his chats; and how many of them are linked to a
    contact who agreed."""
    mine = (
        ChatContact.tenant_id == work.tenant_id,
        ChatContact.member_id == member_id,
        ChatContact.state == "known",
    )
    agreed = exists().where(
        ChatLink.tenant_id == ChatContact.tenant_id,
        ChatLink.chat_contact_id == ChatContact.id,
        ChatLink.state == "linked",
        ContactConsent.tenant_id == ChatLink.tenant_id,
        ContactConsent.contact_id == ChatLink.contact_id,
        ContactConsent.revoked_at.is_(None),
    )
    known = await work.session.scalar(select(func.count()).select_from(ChatContact).where(*mine))
    linked = await work.session.scalar(
        select(func.count()).select_from(ChatContact).where(*mine, agreed)
    )
    return known or 0, linked or 0


async def _links(work: Work, contact_ids: Collection[str]) -> list[Link]:
    seen = visible(work, ChatContact).subquery()
    agreed = exists().where(
        ContactConsent.tenant_id == ChatLink.tenant_id,
        ContactConsent.contact_id == ChatLink.contact_id,
        ContactConsent.revoked_at.is_(None),
    )
    rows = await work.session.execute(
        select(ChatLink.contact_id, seen)
        .join(
            seen,
            and_(seen.c.tenant_id == ChatLink.tenant_id, seen.c.id == ChatLink.chat_contact_id),
        )
        .where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.contact_id.in_(contact_ids),
            ChatLink.state == "linked",
            # Seen because another contact agreed is not seen as this one.
            (seen.c.member_id == work.actor.member_id) | agreed,
        )
        .order_by(seen.c.added_at, seen.c.id)
    )
    return [
        Link(row.id, row.contact_id, row.member_id, row.remark or row.name, row.added_at)
        for row in rows
    ]


async def _consents(work: Work, contact_ids: Collection[str]) -> Sequence[ContactConsent]:
    found = await work.session.scalars(
        select(ContactConsent).where(
            ContactConsent.tenant_id == work.tenant_id,
            ContactConsent.contact_id.in_(contact_ids),
            ContactConsent.revoked_at.is_(None),
        )
    )
    return found.all()


async def _answered(work: Work, chat_contact_ids: Collection[str]) -> set[tuple[str, str]]:
    rows = await work.session.execute(
        select(ChatLink.chat_contact_id, ChatLink.contact_id).where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.chat_contact_id.in_(chat_contact_ids),
            ChatLink.state.in_(ANSWERED),
        )
    )
    return {(chat_id, contact_id) for chat_id, contact_id in rows}


async def _unwilling(work: Work, contact_ids: Collection[str]) -> set[str]:
    """Contacts who took their consent back and did not give it again."""
    rows = await work.session.execute(
        select(ContactConsent.contact_id)
        .where(
            ContactConsent.tenant_id == work.tenant_id,
            ContactConsent.contact_id.in_(contact_ids),
        )
        .group_by(ContactConsent.contact_id)
        .having(func.count() == func.count(ContactConsent.revoked_at))
    )
    return set(rows.scalars())
