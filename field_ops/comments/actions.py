"""Commenting on a customer. Whoever is mentioned sees the customer, and is told once."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import delete

from ..access import find_visible, require
from ..customers.actions.holding import held
from ..customers.models import Customer
from ..db import insert_into, new_id
from ..history import audit
from ..outbox.post import post
from ..people.queries import members_by_id
from ..work import Work
from .errors import CannotSeeCustomer, CommentGone, CommentSettled, NotYourComment
from .messages import Why, told
from .models import CommentMention, CustomerComment
from .schemas import CommentChange, CommentIn
from .sight import sees, who_see

CHANGED_WITHIN = timedelta(hours=24)
SUBJECT = "comment"


async def comment(work: Work, customer_id: str, new: CommentIn) -> CustomerComment:
    """Say something about a customer that I see. A reply to a reply stands beside it."""
    require(work, "customers.comment")
    customer = await held(work, customer_id)
    parent = await _parent(work, customer, new.parent_id)
    await _refuse_blind(work, customer, new.mentions)
    said = CustomerComment(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        member_id=work.actor.me,
        parent_id=parent.id if parent else None,
        text=new.text,
        created_at=work.now,
    )
    work.session.add(said)
    await work.session.flush()
    await _mention(work, customer, said, new.mentions)
    if parent is not None and parent.member_id not in (*new.mentions, said.member_id):
        await _answer(work, customer, said, parent.member_id)
    return said


async def edit(work: Work, comment_id: str, change: CommentChange) -> CustomerComment:
    """Change my own within the limit. Only who is mentioned anew is told."""
    said = await _mine(work, comment_id)
    customer = await held(work, said.customer_id)
    await _refuse_blind(work, customer, change.mentions)
    if said.text != change.text:
        trace = {"text": (said.text, change.text)}
        audit.record(work, "comment.edited", SUBJECT, said.id, trace)
        said.text, said.edited_at = change.text, work.now
    await work.session.execute(
        delete(CommentMention).where(
            CommentMention.tenant_id == work.tenant_id,
            CommentMention.comment_id == said.id,
            CommentMention.member_id.not_in(change.mentions),
        )
    )
    await _mention(work, customer, said, change.mentions)
    return said


async def remove(work: Work, comment_id: str) -> CustomerComment:
    """Take my own back within the limit. That there was one is still seen."""
    said = await _mine(work, comment_id, also_removed=True)
    if said.removed_at is None:
        audit.record(work, "comment.removed", SUBJECT, said.id, {"text": (said.text, None)})
        said.text, said.removed_at = "", work.now
        await work.session.flush()
    return said


def refuse_settled(work: Work, said: CustomerComment) -> None:
    """Raise unless the actor may still change this one."""
    if said.member_id != work.actor.member_id:
        raise NotYourComment()
    if work.now - said.created_at > CHANGED_WITHIN:
        raise CommentSettled(hours=CHANGED_WITHIN // timedelta(hours=1))


async def _mine(work: Work, comment_id: str, *, also_removed: bool = False) -> CustomerComment:
    require(work, "customers.comment")
    said: CustomerComment = await find_visible(work, CustomerComment, comment_id)
    await work.session.refresh(said, with_for_update=True)
    refuse_settled(work, said)
    if said.removed_at is not None and not also_removed:
        raise CommentGone()
    return said


async def _parent(work: Work, customer: Customer, parent_id: str | None) -> CustomerComment | None:
    if parent_id is None:
        return None
    parent = await work.session.get(CustomerComment, (work.tenant_id, parent_id))
    if parent is not None and parent.parent_id is not None:
        parent = await work.session.get(CustomerComment, (work.tenant_id, parent.parent_id))
    if parent is None or parent.customer_id != customer.id or parent.removed_at is not None:
        raise CommentGone()
    return parent


async def _refuse_blind(work: Work, customer: Customer, mentions: Collection[str]) -> None:
    blind = set(mentions) - await who_see(work, set(mentions), customer.id)
    if not blind:
        return
    known = await members_by_id(work, blind)
    names = sorted(known[one].name if one in known else "?" for one in blind)
    raise CannotSeeCustomer(names=", ".join(names), customer=customer.name)


async def _mention(
    work: Work, customer: Customer, said: CustomerComment, mentions: Sequence[str]
) -> None:
    for member_id in dict.fromkeys(mentions):
        made = insert_into(work.session, CommentMention).values(
            tenant_id=work.tenant_id, comment_id=said.id, member_id=member_id
        )
        await work.session.execute(made.on_conflict_do_nothing())
        if member_id != work.actor.member_id:
            await _tell(work, customer, said, "mention", member_id)


async def _answer(work: Work, customer: Customer, said: CustomerComment, to_id: str) -> None:
    """Who wrote the first one is told, unless he lost the customer since."""
    if await sees(work, to_id, customer.id):
        await _tell(work, customer, said, "reply", to_id)


async def _tell(
    work: Work, customer: Customer, said: CustomerComment, why: Why, member_id: str
) -> None:
    me = (await members_by_id(work, [work.actor.me]))[work.actor.me]
    await post(
        work,
        to=member_id,
        message=partial(told, why, me.name, customer.name, customer.id, said.text),
        kind=why,
        once=f"{why}-{said.id}-{member_id}",
    )
