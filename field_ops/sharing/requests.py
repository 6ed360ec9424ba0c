"""Asking to work on a customer that somebody else has (domain.md §7.4), and the owner's answer.

Who met it masked may ask, once; the owner answers from the card or on the customer's page, and the
card says how it ended. An answer that does not come within three days is a no that hurts nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, and_, select

from ..access import reaches, reaches_row, require, visible
from ..customers.actions.holding import held
from ..customers.errors import OwnerUnknown
from ..customers.masked import masked_name
from ..customers.models import Customer, MaskedSight
from ..customers.queries import find_customer, may_edit
from ..db import insert_into, new_id
from ..errors import NotFound
from ..history import audit
from ..outbox.post import post
from ..outbox.revise import asking, settle
from ..people import queries as people
from ..people.models import Member
from ..work import Work
from . import actions, messages
from .errors import AskedAlready, DeclinedLately, NobodyToAsk, RequestOver, SeesItAlready
from .models import CollaborationRequest
from .schemas import Answer

LIVES = timedelta(hours=72)  # as long as a card can be pressed (domain.md §13.4)
AGAIN_AFTER = timedelta(days=7)
SOME = 100


def about(request_id: str) -> str:
    """What a card is about that asks for this answer."""
    return f"collaboration-{request_id}"


async def ask(work: Work, customer_id: str, reason: str) -> CollaborationRequest:
    """Ask the owner to let me see it. NotFound unless I see it, or was told of it masked."""
    require(work, "customers.view")
    customer, name = await _met(work, customer_id)
    owner = await _who_answers(work, customer)
    if owner is None:
        raise NobodyToAsk(name=name)
    await _refuse_again(work, customer.id, name)
    request: CollaborationRequest | None = await work.session.scalar(
        insert_into(work.session, CollaborationRequest)
        .values(
            tenant_id=work.tenant_id,
            id=new_id(),
            customer_id=customer.id,
            asker_id=work.actor.me,
            reason=reason,
            state="asked",
            access="",
            asked_at=work.now,
            expires_at=work.now + LIVES,
        )
        .on_conflict_do_nothing()
        .returning(CollaborationRequest)
    )
    if request is None:  # a twin of this one was faster
        raise AskedAlready(name=name, until=_moment(work, work.now + LIVES))
    change = {"reason": (None, reason)}
    audit.record(work, "customer.collaboration_asked", "customer", customer.id, change)
    me = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    department = await people.department_name(work, me.main_department_id)
    asked = messages.Asked(request.id, me.name, department, customer.id, customer.name, reason)
    await post(
        work,
        to=owner,
        message=partial(messages.request_card, asked),
        kind="collaboration",
        once=f"collaboration-{request.id}",
        about=about(request.id),
    )
    return request


async def answer(work: Work, request_id: str, said: Answer) -> CollaborationRequest:
    """Grant to read or to edit, or decline. For the owner, or who may share for him.

    Raises RequestOver when it was answered before, or came to its end.
    """
    request = await work.session.get(
        CollaborationRequest,
        (work.tenant_id, request_id),
        with_for_update=True,
        populate_existing=True,
    )
    if request is None:
        raise NotFound()
    customer = await held(work, request.customer_id)
    await reaches_row(work, "customers.share", Customer, customer.id, Customer.owner_id)
    if request.state != "asked" or request.expires_at <= work.now:
        raise RequestOver()
    asker = await work.session.get_one(Member, (work.tenant_id, request.asker_id))
    if asker.state != "active":
        raise OwnerUnknown()
    request.state = "declined" if said == "decline" else "granted"
    request.decided_by, request.decided_at = work.actor.member_id, work.now
    if said != "decline":
        request.access = said
        await actions.share(work, customer.id, asker.id, said)
    change = {"answer": (None, said), "member_id": (None, asker.id)}
    audit.record(work, "customer.collaboration_answered", "customer", customer.id, change)
    await work.session.flush()
    cards = await asking(work, about(request.id))
    await settle(work, cards, partial(messages.answered_card, await ending(work, request_id, said)))
    if said == "decline":  # a grant is told by the sharing itself
        await post(
            work,
            to=asker.id,
            message=partial(messages.declined, masked_name(customer.name)),
            kind="collaboration_answered",
            once=f"collaboration-answered-{request.id}",
        )
    return request


async def ending(work: Work, request_id: str, said: Answer) -> messages.Answered:
    """What a card says when the actor has answered so."""
    request = await work.session.get(CollaborationRequest, (work.tenant_id, request_id))
    if request is None:
        raise NotFound()
    customer = await find_customer(work, request.customer_id)
    named = await people.members_by_id(work, [request.asker_id, work.actor.me])
    return messages.Answered(
        by=named[work.actor.me].name,
        asker=named[request.asker_id].name,
        customer_id=customer.id,
        customer=customer.name,
        access="" if said == "decline" else said,
        at=work.local_now,
    )


Waiting = tuple[CollaborationRequest, str, str]


async def waiting_for_me(work: Work) -> Sequence[Waiting]:
    """(request, name of who asks, name of the customer) that the actor may answer."""
    return await _waiting(work)


async def waiting(work: Work, customer_id: str) -> Sequence[Waiting]:
    """Those of them that are about one customer, which the actor must see."""
    customer = await find_customer(work, customer_id)
    return await _waiting(work, CollaborationRequest.customer_id == customer.id)


async def _waiting(work: Work, *about: ColumnElement[bool]) -> Sequence[Waiting]:
    rows = await work.session.execute(
        visible(work, Customer)
        .join(
            CollaborationRequest,
            and_(
                CollaborationRequest.tenant_id == Customer.tenant_id,
                CollaborationRequest.customer_id == Customer.id,
            ),
        )
        .join(
            Member,
            and_(
                Member.tenant_id == CollaborationRequest.tenant_id,
                Member.id == CollaborationRequest.asker_id,
            ),
        )
        .with_only_columns(CollaborationRequest, Member.name, Customer.name)
        .where(
            CollaborationRequest.state == "asked",
            CollaborationRequest.expires_at > work.now,
            reaches(work, "customers.share", Customer.owner_id),
            *about,
        )
        .order_by(CollaborationRequest.id)
        .limit(SOME)
    )
    return [(request, asker, customer) for request, asker, customer in rows]


async def end_unanswered(work: Work) -> int:
    """Requests to which nobody answered are over, and who asked is told. Called by the worker."""
    found = await work.session.execute(
        select(CollaborationRequest, Customer.name)
        .join(
            Customer,
            and_(
                Customer.tenant_id == CollaborationRequest.tenant_id,
                Customer.id == CollaborationRequest.customer_id,
            ),
        )
        .where(
            CollaborationRequest.tenant_id == work.tenant_id,
            CollaborationRequest.state == "asked",
            CollaborationRequest.expires_at <= work.now,
        )
        .order_by(CollaborationRequest.expires_at)
        .limit(SOME)
    )
    ended = found.all()
    for request, name in ended:
        request.state = "over"
        await post(
            work,
            to=request.asker_id,
            message=partial(messages.nobody_answered, masked_name(name)),
            kind="collaboration_answered",
            once=f"collaboration-over-{request.id}",
        )
    return len(ended)


async def _met(work: Work, customer_id: str) -> tuple[Customer, str]:
    """The customer, and its name as far as the actor may know it."""
    seen = await work.session.scalar(visible(work, Customer).where(Customer.id == customer_id))
    if seen is not None:
        if seen.owner_id == work.actor.member_id or await may_edit(work, seen):
            raise SeesItAlready(name=seen.name)
        return seen, seen.name
    told = select(MaskedSight.customer_id).where(
        MaskedSight.tenant_id == work.tenant_id,
        MaskedSight.member_id == work.actor.me,
        MaskedSight.customer_id == customer_id,
    )
    customer = await work.session.scalar(
        select(Customer).where(
            Customer.tenant_id == work.tenant_id,
            Customer.id.in_(told),
            Customer.removed_at.is_(None),
        )
    )
    if customer is None:
        raise NotFound()
    return customer, masked_name(customer.name)


async def _who_answers(work: Work, customer: Customer) -> str | None:
    """Its owner; where he is gone, who leads him."""
    if customer.owner_id is None:
        return None
    owner = await work.session.get_one(Member, (work.tenant_id, customer.owner_id))
    if owner.state == "active":
        return owner.id
    return next(iter(await people.leaders_of(work, owner.id)), None)


async def _refuse_again(work: Work, customer_id: str, name: str) -> None:
    found = await work.session.scalars(
        select(CollaborationRequest)
        .where(
            CollaborationRequest.tenant_id == work.tenant_id,
            CollaborationRequest.customer_id == customer_id,
            CollaborationRequest.asker_id == work.actor.me,
            CollaborationRequest.state.in_(("asked", "declined")),
        )
        .order_by(CollaborationRequest.id.desc())
    )
    for before in found:
        if before.state == "asked" and before.expires_at > work.now:
            raise AskedAlready(name=name, until=_moment(work, before.expires_at))
        if before.state == "asked":
            before.state = "over"  # the worker has not come by yet
        until = (before.decided_at or before.asked_at) + AGAIN_AFTER
        if before.state == "declined" and work.now < until:
            raise DeclinedLately(name=name, until=_moment(work, until))
    await work.session.flush()


def _moment(work: Work, at: datetime) -> str:
    return f"{at.astimezone(work.zone):%Y-%m-%d %H:%M}"
