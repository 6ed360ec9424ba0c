"""Who is told when a person outside deletes a member: the member, and the owner of the customer."""

from functools import partial

from sqlalchemy import and_, exists, select

from ..contacts.models import ContactConsent
from ..customers.models import Contact, Customer
from ..outbox.post import post
from ..people.models import Member
from ..work import Work
from .messages import chat_lost
from .models import ChatContact, ChatLink


async def tell_who_was_deleted(work: Work, row: ChatContact) -> None:
    """One message to the member, while the link is still there. The owner of the customer, if he is
    somebody else, is told only of a contact who agreed."""
    member = await work.session.get(Member, (work.tenant_id, row.member_id))
    agreed = exists().where(
        ContactConsent.tenant_id == Contact.tenant_id,
        ContactConsent.contact_id == Contact.id,
        ContactConsent.revoked_at.is_(None),
    )
    found = await work.session.execute(
        select(Contact.name, Customer.name, Customer.id, Customer.owner_id, agreed)
        .join(
            ChatLink,
            and_(ChatLink.tenant_id == Contact.tenant_id, ChatLink.contact_id == Contact.id),
        )
        .join(
            Customer,
            and_(Customer.tenant_id == Contact.tenant_id, Customer.id == Contact.customer_id),
        )
        .where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.chat_contact_id == row.id,
            ChatLink.state == "linked",
            Customer.removed_at.is_(None),
        )
        .order_by(Contact.id)
    )
    told: set[str] = set()
    for contact, customer, customer_id, owner_id, is_agreed in found.all():
        card = partial(chat_lost, contact, customer, customer_id)
        readers = [(row.member_id, "")]
        if is_agreed and owner_id and owner_id != row.member_id and member is not None:
            readers.append((owner_id, member.name))
        for to, about in readers:
            if to not in told:
                told.add(to)
                await post(
                    work,
                    to=to,
                    message=partial(card, about),
                    kind="chat_lost",
                    once=f"chat-lost-{row.id}-{to}-{work.now:%Y%m%d%H%M%S}",
                )
