"""What people say about chat contacts: that is him, that is not; he agreed, not any more."""

from typing import Literal

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..contacts import consents
from ..contacts.consents import contact_of
from ..contacts.models import ContactConsent, ContactTraits
from ..customers.actions.holding import held, held_for_editing
from ..customers.models import Contact
from ..errors import NotFound
from ..history import audit
from ..work import Work
from . import queries
from .apply import blank, drop_keys
from .errors import ConsentWithdrawn, NotProposed
from .models import ChatContact, ChatLink

How = Literal["spoken", "written", "chat"]


async def say_who(
    work: Work, customer_id: str, chat_contact_id: str, contact_id: str, *, is_same: bool
) -> None:
    """Of a chat contact of my own: he is this contact, or he is not. A later word replaces the
    earlier one, so that a link is taken back by saying that he is not.

    Raises NotFound, `NotProposed` and `ConsentWithdrawn`.
    """
    customer = await held(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    chat = await work.session.scalar(
        select(ChatContact)
        .where(
            ChatContact.tenant_id == work.tenant_id,
            ChatContact.id == chat_contact_id,
            ChatContact.member_id == work.actor.me,
            ChatContact.state == "known",
        )
        .with_for_update()
    )
    if chat is None:
        raise NotFound()
    link = await work.session.get(ChatLink, (work.tenant_id, chat.id, contact.id))
    if link is None or link.state in ("ended", "revoked"):
        await _must_be_proposed(work, chat.id, contact)
    if link is None:
        link = ChatLink(
            tenant_id=work.tenant_id, chat_contact_id=chat.id, contact_id=contact.id, state=""
        )
        work.session.add(link)
    state = "linked" if is_same else "dismissed"
    if link.state == state:
        return
    # The audit trail is kept for ever: what the host told of the person stays out of it.
    audit.record(work, "contact.chat_linked", "contact", contact.id, {"state": (link.state, state)})
    link.state, link.decided_by, link.decided_at = state, work.actor.me, work.now
    await work.session.flush()


async def record_consent(work: Work, customer_id: str, contact_id: str, how: How) -> None:
    """The contact agreed that his chats with us are used and that we keep what he is like. Said a
    second time it changes nothing."""
    customer = await held_for_editing(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    if await consents.give(work, contact, how):
        await _let_back_in(work, contact.id)


async def revoke_consent(work: Work, customer_id: str, contact_id: str) -> None:
    """He does not agree any more: his links end, and what the host told of him is erased, as is
    what he is like."""
    customer = await held_for_editing(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    if not await consents.take_back(work, contact):
        return
    erased = await _erase(work, contact.id)
    audit.record(work, "contact.consent_revoked", "contact", contact.id, {"chats": (erased, 0)})
    await work.session.flush()


async def forget_orphans(session: AsyncSession) -> None:
    """For the timetable: links and consents of contacts that were removed, and what they were
    like."""
    for table in (ChatLink, ContactConsent, ContactTraits):
        there = exists().where(Contact.tenant_id == table.tenant_id, Contact.id == table.contact_id)
        await session.execute(
            delete(table).where(~there).execution_options(synchronize_session=False)
        )


async def _must_be_proposed(work: Work, chat_contact_id: str, contact: Contact) -> None:
    if await queries.has_withdrawn(work, contact.id):
        raise ConsentWithdrawn(name=contact.name)
    customer = await held(work, contact.customer_id)
    proposed = await queries.proposals(work, customer, [contact])
    if chat_contact_id not in {one.chat_contact_id for one in proposed}:
        raise NotProposed(name=contact.name)


async def _erase(work: Work, contact_id: str) -> int:
    """All that hosts told of this person, whoever of us knows him; a digest stays, by which the
    next reading knows that he is not to come back. Returns how many chats that were."""
    tenant = ChatContact.tenant_id == work.tenant_id
    his = (
        select(ChatContact.external_id)
        .join(
            ChatLink,
            and_(
                ChatLink.tenant_id == ChatContact.tenant_id,
                ChatLink.chat_contact_id == ChatContact.id,
            ),
        )
        .where(tenant, ChatLink.contact_id == contact_id, ChatLink.state.in_(("linked", "ended")))
    )
    rows = await work.session.scalars(
        select(ChatContact)
        .where(tenant, ChatContact.external_id.in_(his), ChatContact.state != "erased")
        .order_by(ChatContact.id)
        .with_for_update()
    )
    chats = list(rows)
    ids = [chat.id for chat in chats]
    for chat in chats:
        blank(chat)
        chat.external_id = ""
        chat.state, chat.gone_at = "erased", work.now
        link = ChatLink(tenant_id=work.tenant_id, chat_contact_id=chat.id, contact_id=contact_id)
        link.state, link.decided_by, link.decided_at = "revoked", None, work.now
        await work.session.merge(link)
    await drop_keys(work, ids)
    await work.session.flush()
    await work.session.execute(
        update(ChatLink)
        .where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.chat_contact_id.in_(ids),
            ChatLink.state != "revoked",
        )
        .values(state="revoked", decided_by=None, decided_at=work.now)
        .execution_options(synchronize_session=False)
    )
    return len(chats)


async def _let_back_in(work: Work, contact_id: str) -> None:
    """He agrees again: what was erased may come back with the next reading."""
    found = await work.session.scalars(
        select(ChatLink.chat_contact_id).where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.contact_id == contact_id,
            ChatLink.state == "revoked",
        )
    )
    if not (ids := list(found)):
        return
    await work.session.execute(
        delete(ChatContact)
        .where(
            ChatContact.tenant_id == work.tenant_id,
            ChatContact.id.in_(ids),
            ChatContact.state == "erased",
        )
        .execution_options(synchronize_session=False)
    )
    await work.session.execute(
        delete(ChatLink)
        .where(ChatLink.tenant_id == work.tenant_id, ChatLink.chat_contact_id.in_(ids))
        .execution_options(synchronize_session=False)
    )
