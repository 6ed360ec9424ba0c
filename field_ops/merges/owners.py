"""Whose a merged customer is, and whose again when the two are parted; and who may do either.

A merge takes a customer away from one of two owners, so it reaches as far as the roles that grant
it: who may only see one of them merges neither (docs/decisions/0018).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from ..access import may, reaches
from ..customers.actions.giving import remember
from ..customers.models import Customer
from ..customers.sight_lost import found_owners
from ..errors import NotAllowed
from ..work import Work

MAY = "customers.merge"
Changed = dict[str, tuple[Any, Any]]


def mergeable(work: Work, customer: type[Customer] = Customer) -> ColumnElement[bool]:
    """True for customers about whose records the actor decides, if he may merge any."""
    is_his = and_(customer.owner_id.is_(None), customer.created_by == work.actor.member_id)
    return or_(reaches(work, MAY, customer.owner_id), is_his)


async def refuse_out_of_reach(work: Work, *customers: Customer) -> None:
    """Raise NotAllowed for what the actor may see and not merge."""
    if not await is_in_reach(work, *customers):
        raise NotAllowed()


async def is_in_reach(work: Work, *customers: Customer) -> bool:
    """Whether the actor may merge all of these."""
    if not may(work, MAY):
        return False
    ids = {one.id for one in customers}
    found = await work.session.scalars(
        select(Customer.id).where(
            Customer.tenant_id == work.tenant_id, Customer.id.in_(ids), mergeable(work)
        )
    )
    return set(found) == ids


def owner_of_both(master: Customer, loser: Customer) -> dict[str, Any]:
    """The master's, else the loser's. What somebody owns lies in no pool."""
    since = (master.owner_since, loser.owner_since)
    owner_id = master.owner_id or loser.owner_id
    return {
        "owner_id": owner_id,
        "owner_how": (master if master.owner_id else loser).owner_how,
        "owner_since": max(filter(None, since), default=None),
        "pool_id": None if owner_id else master.pool_id,
    }


def without_a_pool(master: Customer, back: dict[str, Any]) -> dict[str, Any]:
    """What the master gets back of its own: its pool only when nobody owns it then."""
    if back.get("owner_id", master.owner_id) is None:
        return back
    return {name: value for name, value in back.items() if name != "pool_id"}


async def remember_owner(work: Work, master: Customer, changed: Changed, how: str) -> None:
    """The history of owners is whole, whatever made somebody the owner."""
    if "owner_id" not in changed:
        return
    before, after = changed["owner_id"]
    left, entered = changed.get("pool_id", (None, None))
    remember(work, master.id, before, after, how, pool_id=left if before is None else entered)
    if before is None:
        await found_owners(work, [master.id])
