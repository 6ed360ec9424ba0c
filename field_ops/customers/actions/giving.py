"""Changing a customer's owner. Whoever does it goes through here, so that the clock restarts, the
history of owners is whole, and the lookup knows."""

from datetime import date

from sqlalchemy import update

from ...db import new_id
from ...history import audit, changes
from ...work import Work
from .. import index
from ..models import Customer
from ..owner_changes import ASSIGNED, HANDED_OVER, OwnerChange
from ..sight_lost import found_owners
from .holding import touch

AUDITED_AS = {ASSIGNED: "customer.assigned", HANDED_OVER: "customer.handed_over"}


async def give(
    work: Work,
    customer: Customer,
    to_id: str | None,
    how: str,
    *,
    pool_id: str | None = None,
    reason: str = "",
    due_on: date | None = None,
) -> None:
    """Give `customer`, which the caller holds, to a member, or to nobody: then into `pool_id`."""
    was = customer.owner_id
    customer.owner_id = to_id
    customer.owner_since, customer.owner_how = work.now, how
    customer.pool_id = None if to_id else pool_id
    touch(work, customer)
    note(work, customer.id, was, to_id, how, pool_id=pool_id, reason=reason, due_on=due_on)
    await work.session.flush()
    if was is None:
        await found_owners(work, [customer.id])
    await index.refresh(work, [customer.id])


async def take_unowned(
    work: Work, customer_id: str, to_id: str, how: str, *, pool_id: str | None, reason: str = ""
) -> bool:
    """Give a customer that nobody owns to a member. False when somebody else was faster: of those
    who try at once the first to commit has it, on both databases."""
    taken = await work.session.scalar(
        update(Customer)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id == customer_id,
            Customer.owner_id.is_(None),
            Customer.removed_at.is_(None),
        )
        .values(
            owner_id=to_id,
            owner_since=work.now,
            owner_how=how,
            pool_id=None,
            revision=Customer.revision + 1,
        )
        .returning(Customer.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return False
    changes.moved(work, Customer, [customer_id])
    note(work, customer_id, None, to_id, how, pool_id=pool_id, reason=reason)
    await work.session.flush()
    await found_owners(work, [customer_id])
    await index.refresh(work, [customer_id])
    return True


def note(
    work: Work,
    customer_id: str,
    from_id: str | None,
    to_id: str | None,
    how: str,
    *,
    pool_id: str | None = None,
    reason: str = "",
    due_on: date | None = None,
) -> None:
    """Write the change into the history of owners and the audit trail."""
    remember(work, customer_id, from_id, to_id, how, pool_id=pool_id, reason=reason, due_on=due_on)
    change: dict[str, tuple[str | None, str | None]] = {"owner_id": (from_id, to_id)}
    if reason:
        change["reason"] = (None, reason)
    action = AUDITED_AS.get(how, f"customer.{how}")
    audit.record(work, action, "customer", customer_id, change)


def remember(
    work: Work,
    customer_id: str,
    from_id: str | None,
    to_id: str | None,
    how: str,
    *,
    pool_id: str | None = None,
    reason: str = "",
    due_on: date | None = None,
) -> None:
    """Write the change into the history of owners alone: what did it has its own audit entry."""
    work.session.add(
        OwnerChange(
            tenant_id=work.tenant_id,
            id=new_id(),
            customer_id=customer_id,
            at=work.now,
            how=how,
            from_id=from_id,
            to_id=to_id,
            by_id=work.actor.member_id,
            pool_id=pool_id,
            reason=reason,
            due_on=due_on,
        )
    )
