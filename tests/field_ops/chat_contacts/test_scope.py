"""Who sees whose chat contacts: random companies, checked against a slow oracle."""

import random
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access import visible
from field_ops.chat_contacts.models import ChatContact, ChatContactKey, ChatLink
from field_ops.chat_contacts.queries import Chats, chats_of
from field_ops.contacts.models import ContactConsent
from field_ops.customers.models import Collaborator, Contact, Customer
from field_ops.db import new_id
from field_ops.errors import NotFound
from field_ops.people.models import Member
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_company, a_customer, a_department, a_member, work_as

STATES = ("linked", "linked", "linked", "dismissed", "ended", "revoked", "")


@dataclass
class Book:
    """Everything that was written, for whoever wants to look at each row."""

    members: list[Member] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    chats: list[ChatContact] = field(default_factory=list)
    key_of: dict[str, str] = field(default_factory=dict)  # chat contact → phone
    links: dict[tuple[str, str], str] = field(default_factory=dict)  # (chat, contact) → state
    agreed: set[str] = field(default_factory=set)
    unwilling: set[str] = field(default_factory=set)

    def sees_link(self, viewer: str, chat: ChatContact, contact: Contact) -> bool:
        """The customer is in his sight; this is for the rest."""
        is_linked = self.links.get((chat.id, contact.id)) == "linked"
        return (
            is_linked
            and chat.state == "known"
            and (chat.member_id == viewer or contact.id in self.agreed)
        )

    def is_asked(self, viewer: str, chat: ChatContact, contact: Contact) -> bool:
        is_answered = self.links.get((chat.id, contact.id), "ended") != "ended"
        return (
            chat.member_id == viewer
            and chat.state == "known"
            and self.key_of[chat.id] == contact.phone
            and not is_answered
            and contact.id not in self.unwilling
        )


async def a_book(session: AsyncSession, company: Company, chance: random.Random) -> Book:
    """Two teams with leads, ten people, and random friends of theirs."""
    book = Book(members=[company.lilei, company.hanmeimei, company.wang, company.admin])
    other = a_department(session, company.connection, "华东二组", company.east)
    for number, role in enumerate(("lead", "rep", "rep", "rep", "admin")):
        book.members.append(a_member(session, company.connection, f"{number}", other, role=role))
    await session.flush()
    for member in book.members:
        customer = await a_customer(work_as(session, member), f"{member.id} 的店", at=None)
        if chance.random() < 0.4:
            session.add(_shared(customer, chance.choice(book.members)))
        for _ in range(2):
            book.contacts.append(_contact(customer, chance))
    for _ in range(60):
        chat = _chat(company, chance.choice(book.members), chance)
        book.chats.append(chat)
        book.key_of[chat.id] = _phone(chance)
        session.add(
            ChatContactKey(
                tenant_id=chat.tenant_id,
                member_id=chat.member_id,
                key=f"phone:+86{book.key_of[chat.id]}",
                chat_contact_id=chat.id,
            )
        )
        contact, state = chance.choice(book.contacts), chance.choice(STATES)
        if state:
            book.links[chat.id, contact.id] = state
            link = ChatLink(tenant_id=chat.tenant_id, chat_contact_id=chat.id)
            link.contact_id, link.state, link.decided_at = contact.id, state, TUESDAY_MORNING
            session.add(link)
    for contact in book.contacts:
        for is_revoked in chance.choice(((), (False,), (True,), (True, False))):
            session.add(_consent(contact, is_revoked=is_revoked))
            (book.unwilling if is_revoked else book.agreed).add(contact.id)
    book.unwilling -= book.agreed
    session.add_all([*book.contacts, *book.chats])
    await session.flush()
    return book


@pytest.mark.parametrize("seed", range(6))
async def test_random_chats_are_seen_as_the_slow_oracle_says(database, seed):
    chance = random.Random(seed)
    async with database.writing() as session:
        company = await a_company(session)
        theirs = await a_company(session, "别家公司", connection="second")
        book = await a_book(session, company, chance)
        await a_book(session, theirs, chance)
        for viewer in book.members:
            work = work_as(session, viewer)
            mine = {row.id for row in await session.scalars(visible(work, Customer))}
            at = {contact.id: contact for contact in book.contacts}
            expected = {
                chat.id
                for chat in book.chats
                if chat.state == "known"
                and (
                    chat.member_id == viewer.id
                    or any(
                        at[contact_id].customer_id in mine
                        and book.sees_link(viewer.id, chat, at[contact_id])
                        for (chat_id, contact_id) in book.links
                        if chat_id == chat.id
                    )
                )
            }
            seen = {row.id for row in await session.scalars(visible(work, ChatContact))}
            assert seen == expected, (seed, viewer.name)
            for customer_id in {contact.customer_id for contact in book.contacts}:
                if customer_id not in mine:
                    with pytest.raises(NotFound):
                        await chats_of(work, customer_id)
                    continue
                _compare(book, viewer, customer_id, await chats_of(work, customer_id))


def _compare(book: Book, viewer: Member, customer_id: str, shown: Chats) -> None:
    pairs = [
        (chat, contact)
        for chat in book.chats
        for contact in book.contacts
        if contact.customer_id == customer_id
    ]
    assert {(one.chat_contact_id, one.contact_id) for one in shown.links} == {
        (chat.id, contact.id) for chat, contact in pairs if book.sees_link(viewer.id, chat, contact)
    }
    assert {(one.chat_contact_id, one.contact_id) for one in shown.proposals} == {
        (chat.id, contact.id) for chat, contact in pairs if book.is_asked(viewer.id, chat, contact)
    }


async def test_no_role_sees_chats_that_nobody_agreed_to(database):
    async with database.writing() as session:
        company = await a_company(session)
        session.add(_chat(company, company.lilei, random.Random(1), state="known"))
        await session.flush()
        for member in (company.hanmeimei, company.wang, company.admin):
            rows = await session.scalars(visible(work_as(session, member), ChatContact))
            assert rows.all() == []
        assert len((await session.scalars(select(ChatContact))).all()) == 1


def _phone(chance: random.Random) -> str:
    return f"1390013900{chance.randrange(6)}"


def _contact(customer: Customer, chance: random.Random) -> Contact:
    phone = _phone(chance)
    return Contact(
        tenant_id=customer.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        name=f"张经理 {phone}",
        phone=phone,
        phone_key=f"+86{phone}",
        created_at=TUESDAY_MORNING,
    )


def _chat(
    company: Company, member: Member, chance: random.Random, state: str | None = None
) -> ChatContact:
    chat_id = new_id()
    return ChatContact(
        tenant_id=member.tenant_id,
        id=chat_id,
        connection_id=company.connection.id,
        host_key=chat_id,
        external_id=f"wm{chat_id}",
        host_user_id=member.id,
        member_id=member.id,
        name="张经理",
        state=state or chance.choice(("known", "known", "known", "left", "erased")),
        seen_at=TUESDAY_MORNING,
    )


def _consent(contact: Contact, *, is_revoked: bool) -> ContactConsent:
    return ContactConsent(
        tenant_id=contact.tenant_id,
        id=new_id(),
        contact_id=contact.id,
        how="spoken",
        given_at=TUESDAY_MORNING,
        revoked_at=TUESDAY_MORNING if is_revoked else None,
    )


def _shared(customer: Customer, member: Member) -> Collaborator:
    return Collaborator(
        tenant_id=customer.tenant_id, customer_id=customer.id, member_id=member.id, access="read"
    )
