"""Writing down what passed with a customer, and for a day putting it right or taking it back."""

from datetime import datetime, timedelta
from typing import Any

from ..access import find_visible, may
from ..access.fields import eyes_of
from ..customers.actions.holding import held
from ..customers.errors import OwnerUnknown
from ..customers.models import Contact, Customer
from ..db import new_id
from ..errors import NotAllowed
from ..history import audit
from ..people.models import Member
from ..work import Work
from .counting import Contacted, counts
from .errors import (
    ContactNotHere,
    FollowUpGone,
    FollowUpSettled,
    NothingSaid,
    NotYetHappened,
    NotYourFollowUp,
    PromiseInThePast,
    TooLongAgo,
    WrittenByTheVisit,
)
from .models import FollowUp
from .promises import due_at_of
from .schemas import FollowUpChange, FollowUpIn

LATE_BY = timedelta(days=30)
AHEAD_BY = timedelta(minutes=5)  # a phone whose clock is fast
EDITED_WITHIN = timedelta(hours=24)
SUBJECT = "follow_up"
# What one that was removed does not say any more: nothing of it is shown, promised or counted.
SAID_NOTHING: dict[str, Any] = {
    "contact_id": None,
    "result": "",
    "duration_s": None,
    "was_answered": False,
    "summary": "",
    "next_action": "",
    "next_action_due_at": None,
    "counts": False,
}


async def record(work: Work, customer_id: str, new: FollowUpIn) -> FollowUp:
    """Keep a contact with a customer that I see, with the time at which it took place."""
    refuse_onlookers(work)
    customer = await held(work, customer_id)  # nobody merges it away meanwhile
    happened_at = _happened(work, new.happened_at)
    _refuse_past_promise(work, new)
    await _refuse_stranger(work, customer, new.contact_id)
    followed_up = FollowUp(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        member_id=await _whose(work, new.member_id),
        channel=new.channel,
        contact_id=new.contact_id,
        duration_s=new.duration_s,
        was_answered=new.was_answered,
        summary=new.summary,
        next_action=new.next_action,
        next_action_due_at=due_at_of(work, new.next_action_on),
        via=work.actor.via,
        happened_at=happened_at,
        created_at=work.now,
    )
    _settle(followed_up)
    work.session.add(followed_up)
    await work.session.flush()
    return followed_up


async def edit(work: Work, follow_up_id: str, change: FollowUpChange) -> FollowUp:
    """Put my own right, for a day; what it said before stays in the audit trail."""
    followed_up = await _held(work, follow_up_id)
    refuse_settled(work, followed_up)
    wanted = await _wanted(work, followed_up, change)
    changed = {
        name: (getattr(followed_up, name), to)
        for name, to in wanted.items()
        if getattr(followed_up, name) != to
    }
    if not changed:
        return followed_up
    for name, (_, to) in changed.items():
        setattr(followed_up, name, to)
    _settle(followed_up)
    followed_up.edited_at = work.now
    plain = {name: (_plain(before), _plain(after)) for name, (before, after) in changed.items()}
    audit.record(work, "follow_up.edited", SUBJECT, followed_up.id, plain)
    await work.session.flush()
    return followed_up


async def remove(work: Work, follow_up_id: str) -> FollowUp:
    """Take my own back, for a day; that there was one is still seen. Again changes nothing."""
    followed_up = await _held(work, follow_up_id)
    if followed_up.removed_at is not None:
        return followed_up
    refuse_settled(work, followed_up)
    trace = {
        name: (_plain(getattr(followed_up, name)), _plain(nothing))
        for name, nothing in SAID_NOTHING.items()
        if getattr(followed_up, name) != nothing
    }
    audit.record(work, "follow_up.removed", SUBJECT, followed_up.id, trace)
    for name, nothing in SAID_NOTHING.items():
        setattr(followed_up, name, nothing)
    followed_up.removed_at = work.now
    await work.session.flush()
    return followed_up


def refuse_onlookers(work: Work) -> None:
    """Who visits customers or looks after them writes follow-ups; who only reads does not."""
    if not (may(work, "visits.create") or may(work, "customers.edit")):
        raise NotAllowed()


def refuse_settled(work: Work, followed_up: FollowUp) -> None:
    """Raise unless the actor may still change this one."""
    if followed_up.member_id != work.actor.member_id:
        raise NotYourFollowUp()
    if followed_up.visit_id is not None:
        raise WrittenByTheVisit()
    if followed_up.removed_at is not None:
        raise FollowUpGone()
    if work.now - followed_up.created_at > EDITED_WITHIN:
        raise FollowUpSettled(hours=EDITED_WITHIN // timedelta(hours=1))


async def _held(work: Work, follow_up_id: str) -> FollowUp:
    """One that I see, and that nobody else changes meanwhile."""
    followed_up: FollowUp = await find_visible(work, FollowUp, follow_up_id)
    await work.session.refresh(followed_up, with_for_update=True)
    return followed_up


async def _wanted(work: Work, followed_up: FollowUp, change: FollowUpChange) -> dict[str, Any]:
    wanted = change.model_dump(exclude_unset=True)
    for name in ("channel", "summary", "was_answered", "next_action"):
        if wanted.get(name, "") is None:  # None says nothing where there is always something
            del wanted[name]
    if "happened_at" in wanted:
        wanted["happened_at"] = _happened(work, wanted["happened_at"] or followed_up.happened_at)
    if "next_action_on" in wanted:
        _refuse_past_promise(work, change)
        wanted["next_action_due_at"] = due_at_of(work, wanted.pop("next_action_on"))
    if wanted.get("contact_id"):
        customer = await work.session.get_one(Customer, (work.tenant_id, followed_up.customer_id))
        await _refuse_stranger(work, customer, wanted["contact_id"])
    return wanted


def _happened(work: Work, at: datetime | None) -> datetime:
    if at is None:
        return work.now
    if at > work.now + AHEAD_BY:
        raise NotYetHappened()
    if at < work.now - LATE_BY:
        raise TooLongAgo(days=LATE_BY.days)
    return min(at, work.now)


def _refuse_past_promise(work: Work, said: FollowUpIn | FollowUpChange) -> None:
    if said.next_action_on is not None and said.next_action_on < work.today:
        raise PromiseInThePast()


async def _refuse_stranger(work: Work, customer: Customer, contact_id: str | None) -> None:
    if contact_id is None:
        return
    contact = await work.session.get(Contact, (work.tenant_id, contact_id))
    is_shown = eyes_of(work).shows_contacts(customer)
    if contact is None or contact.customer_id != customer.id or not is_shown:
        raise ContactNotHere(customer=customer.name)


async def _whose(work: Work, member_id: str | None) -> str:
    """A person writes what he did himself; a program, such as a call centre, what a member did."""
    if member_id is None or member_id == work.actor.member_id:
        return work.actor.me
    if work.actor.is_person:
        raise NotAllowed()
    member = await work.session.get(Member, (work.tenant_id, member_id))
    if member is None or member.state != "active":
        raise OwnerUnknown()
    return member.id


def _settle(followed_up: FollowUp) -> None:
    """What follows from the rest: whether it counts. Only a call has a duration."""
    if followed_up.channel != "call":
        followed_up.duration_s = None
    if followed_up.channel != "chat":
        followed_up.was_answered = False
    if not followed_up.summary and not followed_up.duration_s and not followed_up.was_answered:
        raise NothingSaid()
    followed_up.counts = counts(
        Contacted(
            channel=followed_up.channel,
            text=followed_up.summary,
            next_action=followed_up.next_action,
            duration_s=followed_up.duration_s,
            was_answered=followed_up.was_answered,
        )
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
