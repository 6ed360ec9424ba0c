"""Saying how two customers belong together, and that they do not any more."""

from sqlalchemy import exists, or_, select

from ...access import visible
from ...db import insert_into, new_id
from ...errors import NotFound
from ...history import audit
from ...work import Work
from ..duplicates import claim_keys
from ..errors import OtherNotFound, RelatedInACircle, RelatedToItself
from ..models import Customer, MaskedSight
from ..queries import present_id
from ..relations import (
    BRANCH,
    HIERARCHY,
    IN_FORCE,
    CustomerRelation,
    closes_a_circle,
    one_at_a_time,
)
from .holding import held, held_for_editing, touch


async def relate(
    work: Work, customer_id: str, other_id: str, kind: str, *, other_is_above: bool, note: str = ""
) -> None:
    """Put the other one above or below this customer. Said a second time it changes nothing.

    Needs the right to change this one, and sight of the other; the right to change that one, too,
    where it becomes a branch, for then it is changed. Of a customer out of sight, that was shown
    masked as what this one may be, one may say that this is a branch of it.
    Raises OtherNotFound, OnlyReading, RelatedToItself and RelatedInACircle.
    """
    await one_at_a_time(work)
    other_id = await present_id(work, other_id)
    customer_id = await present_id(work, customer_id)
    upper_id, lower_id = (other_id, customer_id) if other_is_above else (customer_id, other_id)
    if upper_id == lower_id:
        raise RelatedToItself()
    # In one order, so that two who relate the same pair wait for each other.
    for one in sorted((customer_id, other_id)):
        if one == customer_id:
            customer = await held_for_editing(work, one)
        elif kind == BRANCH and other_is_above:
            if not await may_be_named(work, one):
                raise OtherNotFound()
        else:
            await _held_other(work, one, is_changed=kind == BRANCH)
    if kind in HIERARCHY and await closes_a_circle(work, upper_id, lower_id):
        raise RelatedInACircle(name=customer.name)
    if not await _write(work, upper_id, lower_id, kind, note):
        return
    lower = await work.session.get_one(Customer, (work.tenant_id, lower_id))
    touch(work, customer)
    if kind == BRANCH and not lower.is_branch:
        lower.is_branch = True
        if lower is not customer:
            touch(work, lower)
        await work.session.flush()
        await claim_keys(work, lower)  # who it is in its city is its head office's from now


async def part(work: Work, customer_id: str, relation_id: str) -> None:
    """The relation is over; it stays as history. A second time changes nothing."""
    customer = await held_for_editing(work, customer_id)
    relation = await work.session.scalar(
        select(CustomerRelation)
        .where(
            CustomerRelation.tenant_id == work.tenant_id,
            CustomerRelation.id == relation_id,
            or_(CustomerRelation.from_id == customer.id, CustomerRelation.to_id == customer.id),
        )
        .with_for_update()
    )
    if relation is None:
        raise NotFound()
    if relation.ended_at is not None:
        return
    relation.ended_at, relation.ended_by = work.now, work.actor.member_id
    touch(work, customer)
    for one, other in (
        (relation.from_id, relation.to_id),
        (relation.to_id, relation.from_id),
    ):
        change = {"kind": (relation.kind, None), "other": (other, None)}
        audit.record(work, "customer.unrelated", "customer", one, change)


async def declare_branch(work: Work, branch: Customer, head_id: str) -> None:
    """For a customer that is just being created; `may_be_named` was asked."""
    await one_at_a_time(work)
    await _write(work, await present_id(work, head_id), branch.id, BRANCH, "")


async def may_be_named(work: Work, customer_id: str) -> bool:
    """Whether the actor sees this customer, or was shown it masked as what his own may be."""
    customer_id = await present_id(work, customer_id)
    seen = visible(work, Customer).where(Customer.id == customer_id)
    if await work.session.scalar(seen.with_only_columns(Customer.id)) is not None:
        return True
    if work.actor.member_id is None:
        return False
    was_shown = exists().where(
        MaskedSight.tenant_id == Customer.tenant_id,
        MaskedSight.customer_id == Customer.id,
        MaskedSight.member_id == work.actor.member_id,
    )
    known = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id,
        Customer.id == customer_id,
        Customer.removed_at.is_(None),
        was_shown,
    )
    return await work.session.scalar(known) is not None


async def _held_other(work: Work, other_id: str, *, is_changed: bool) -> None:
    try:
        await (held_for_editing if is_changed else held)(work, other_id)
    except NotFound as failure:
        raise OtherNotFound() from failure


async def _write(work: Work, upper_id: str, lower_id: str, kind: str, note: str) -> bool:
    """False when it is so already."""
    row = insert_into(work.session, CustomerRelation).values(
        tenant_id=work.tenant_id,
        id=new_id(),
        kind=kind,
        from_id=upper_id,
        to_id=lower_id,
        note=note,
        started_at=work.now,
        started_by=work.actor.member_id,
    )
    written = await work.session.scalar(
        row.on_conflict_do_nothing(
            index_elements=["tenant_id", "from_id", "to_id", "kind"], index_where=IN_FORCE
        ).returning(CustomerRelation.id)
    )
    if written is None:
        return False
    for one, other in ((upper_id, lower_id), (lower_id, upper_id)):
        change = {"kind": (None, kind), "other": (None, other)}
        audit.record(work, "customer.related", "customer", one, change)
    return True
