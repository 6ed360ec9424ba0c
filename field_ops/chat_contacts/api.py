"""The routes of chat contacts, below the customer whose contacts they may be."""

from typing import cast

from ..contacts.models import CHATS_AND_PERSON
from ..customers.errors import OnlyReading
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .errors import ConsentWithdrawn, NotProposed
from .schemas import (
    ChatAnswerIn,
    ChatAnswerOut,
    ChatContactsOut,
    ChatLinkOut,
    ChatProposalOut,
    ConsentAnswerOut,
    ConsentIn,
    ConsentOut,
    How,
)

routes = Routes("/api/v1", tag="chat contacts")


@routes.get("/customers/{customer_id}/chat-contacts", refusals=(NotFound,))
async def chat_contacts(work: Work, customer_id: str) -> ChatContactsOut:
    """Who of us has the customer's contacts in a chat, and whom of mine they may be."""
    return _shown(work, await queries.chats_of(work, customer_id))


@routes.put(
    "/customers/{customer_id}/chat-contacts/{chat_contact_id}",
    refusals=(NotFound, NotProposed, ConsentWithdrawn),
)
async def answer_chat_contact(
    work: Work, customer_id: str, chat_contact_id: str, body: ChatAnswerIn
) -> ChatAnswerOut:
    """Say whether somebody in my own chats is this contact. The last word counts."""
    await actions.say_who(work, customer_id, chat_contact_id, body.contact_id, is_same=body.is_same)
    return ChatAnswerOut(is_same=body.is_same)


@routes.put(
    "/customers/{customer_id}/contacts/{contact_id}/consent",
    refusals=(NotFound, NotAllowed, OnlyReading),
)
async def record_consent(
    work: Work, customer_id: str, contact_id: str, body: ConsentIn
) -> ConsentAnswerOut:
    """Record that the contact agreed to his chats being used and to our keeping what he is like;
    or that he does not any more: then both are erased."""
    if body.given:
        await actions.record_consent(work, customer_id, contact_id, body.how)
    else:
        await actions.revoke_consent(work, customer_id, contact_id)
    return ConsentAnswerOut(given=body.given)


def _shown(work: Work, chats: queries.Chats) -> ChatContactsOut:
    return ChatContactsOut(
        proposals=[
            ChatProposalOut.model_validate(
                {name: getattr(one, name) for name in ChatProposalOut.model_fields}
            )
            for one in chats.proposals
        ],
        links=[
            ChatLinkOut(
                chat_contact_id=one.chat_contact_id,
                contact_id=one.contact_id,
                name=one.name,
                member_name=chats.name_of.get(one.member_id, ""),
                is_mine=one.member_id == work.actor.member_id,
                since=one.since,
            )
            for one in chats.links
        ],
        consents=[
            ConsentOut(
                contact_id=one.contact_id,
                how=cast(How, one.how),
                covers_person=one.version >= CHATS_AND_PERSON,
                given_at=one.given_at,
                recorded_by_name=chats.name_of.get(one.recorded_by or "", ""),
            )
            for one in chats.consents
        ],
    )
