"""Giving customers from one member to others, and taking that back.

What moves is written down first, as items; then some are moved at a time, here and by the worker,
so that nobody waits for a thousand and a process may die in the middle.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, func, insert, select, update

from ..access import reaches, require
from ..customers.actions.giving import give
from ..customers.models import Collaborator, Customer
from ..customers.owner_changes import HANDED_OVER, UNDONE
from ..db import new_id
from ..errors import NotAllowed, NotFound
from ..history import audit
from ..outbox.post import post
from ..people.models import Member
from ..plans.actions import hand_on, planned_ahead
from ..work import Work
from . import messages, models
from .choosing import MAY, chosen
from .errors import ChangedSincePreview, NobodyToGiveBackTo, TransferNotDone, TransferTooOld
from .models import Transfer, TransferItem
from .schemas import TransferIn

UNDONE_WITHIN = timedelta(days=7)
AT_ONCE = 40  # customers of one transaction, of several rows each: callbacks wait for its end


async def transfer(work: Work, wanted: TransferIn) -> Transfer:
    """Begin to give customers to others; a small one is done at once.

    Raises what `chosen` does, and ChangedSincePreview when it is not as many as were looked at.
    """
    pairs = await chosen(work, wanted)
    if len(pairs) != wanted.count:
        raise ChangedSincePreview(count=len(pairs))
    begun = Transfer(
        tenant_id=work.tenant_id,
        id=new_id(),
        from_id=wanted.from_id,
        by_id=work.actor.member_id,
        reason=wanted.reason,
        count=len(pairs),
        state=models.MOVING,
        at=work.now,
    )
    work.session.add(begun)
    await work.session.flush()
    await work.session.execute(
        insert(TransferItem),
        [
            {
                "tenant_id": work.tenant_id,
                "transfer_id": begun.id,
                "customer_id": customer.id,
                "to_id": to_id,
                "state": models.WAITS,
                "before": {},
            }
            for customer, to_id in pairs
        ],
    )
    change = {
        "from_id": (None, wanted.from_id),
        "to_ids": (None, sorted({to_id for _, to_id in pairs})),
        "count": (None, len(pairs)),
        "reason": (None, wanted.reason),
    }
    audit.record(work, "customers.transferred", "transfer", begun.id, change)
    await go_on(work, begun)
    return begun


async def undo(work: Work, transfer_id: str) -> Transfer:
    """Give back what is still where the transfer put it, within seven days."""
    require(work, MAY)
    done = await held_transfer(work, transfer_id)
    if done.state != models.DONE:
        raise TransferNotDone()
    if work.now - done.at > UNDONE_WITHIN:
        raise TransferTooOld(days=UNDONE_WITHIN.days)
    member = await work.session.get_one(Member, (work.tenant_id, done.from_id))
    if member.state != "active":
        raise NobodyToGiveBackTo(name=member.name)
    done.state, done.undone_by, done.undone_at = models.RETURNING, work.actor.member_id, work.now
    await work.session.execute(
        update(TransferItem)
        .where(*_of(done), TransferItem.state == models.MOVED)
        .values(state=models.GOES_BACK)
        .execution_options(synchronize_session=False)
    )
    audit.record(work, "customers.transfer_undone", "transfer", done.id)
    await go_on(work, done)
    return done


async def go_on(work: Work, begun: Transfer) -> int:
    """The next customers of one that is under way; 0 when it is finished."""
    waits = models.WAITS if begun.state == models.MOVING else models.GOES_BACK
    found = await work.session.scalars(
        select(TransferItem)
        .where(*_of(begun), TransferItem.state == waits)
        .order_by(TransferItem.customer_id)
        .limit(AT_ONCE)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    items = found.all()
    customers = await _locked(work, [item.customer_id for item in items])
    for item in items:
        customer = customers.get(item.customer_id)
        if waits == models.WAITS:
            await _move(work, begun, item, customer)
        else:
            await _return(work, begun, item, customer)
    await work.session.flush()
    if len(items) < AT_ONCE:
        begun.state = models.DONE if begun.state == models.MOVING else models.UNDONE
        await work.session.flush()
        await _tell(work, begun)
        return 0
    return len(items)


async def held_transfer(work: Work, transfer_id: str) -> Transfer:
    """The transfer, kept from everybody else; NotFound unless I look over whose customers went."""
    found = await work.session.get(
        Transfer, (work.tenant_id, transfer_id), with_for_update=True, populate_existing=True
    )
    if found is None:
        raise NotFound()
    asked = select(Member.id).where(
        Member.tenant_id == work.tenant_id,
        Member.id == found.from_id,
        reaches(work, MAY, Member.id),
    )
    if await work.session.scalar(asked) is None:
        raise NotAllowed()
    return found


async def _locked(work: Work, customer_ids: Sequence[str]) -> dict[str, Customer]:
    rows = await work.session.scalars(
        select(Customer)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id.in_(customer_ids),
            Customer.removed_at.is_(None),
        )
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


async def _move(work: Work, begun: Transfer, item: TransferItem, customer: Customer | None) -> None:
    if customer is None or customer.owner_id != begun.from_id:
        item.state = models.SKIPPED
        return
    since = customer.owner_since
    shared = await work.session.get(Collaborator, (work.tenant_id, customer.id, item.to_id))
    item.before = {
        "how": customer.owner_how,
        "since": since.isoformat() if since else None,
        "shared": shared.access if shared else None,
        "plans": await _plans_to(work, customer.id, begun.from_id, item.to_id),
    }
    if shared is not None:
        await work.session.delete(shared)
    await give(work, customer, item.to_id, HANDED_OVER, reason=begun.reason)
    item.state, item.moved_at = models.MOVED, work.now


async def _return(
    work: Work, begun: Transfer, item: TransferItem, customer: Customer | None
) -> None:
    """Only what nobody did anything else with since."""
    if customer is None or (customer.owner_id, customer.owner_since) != (item.to_id, item.moved_at):
        item.state = models.KEPT
        return
    await give(work, customer, begun.from_id, UNDONE)
    # His clock goes on as if nothing had happened.
    before = item.before
    customer.owner_how = before["how"]
    customer.owner_since = messages.moment(before["since"])
    await _plans_to(work, customer.id, item.to_id, begun.from_id, only=before["plans"])
    if before["shared"] is not None:
        work.session.add(
            Collaborator(
                tenant_id=work.tenant_id,
                customer_id=customer.id,
                member_id=item.to_id,
                access=before["shared"],
            )
        )
    item.state = models.BACK


async def _plans_to(
    work: Work, customer_id: str, from_id: str, to_id: str, only: Sequence[str] | None = None
) -> list[str]:
    """What was planned there goes along; returns which plans did."""
    plans = await planned_ahead(work, customer_id, from_id, only)
    await hand_on(work, plans, to_id)
    return [plan.id for plan in plans]


async def _tell(work: Work, begun: Transfer) -> None:
    """Once it is done, or taken back: who had them, and each who got some."""
    state = models.MOVED if begun.state == models.DONE else models.BACK
    rows = await work.session.execute(
        select(TransferItem.to_id, func.count())
        .where(*_of(begun), TransferItem.state == state)
        .group_by(TransferItem.to_id)
    )
    counts = {to_id: count for to_id, count in rows}  # noqa: C416 - rows are not pairs for mypy
    ids = [begun.from_id, *counts, *filter(None, (begun.by_id,))]
    found = await work.session.scalars(
        select(Member).where(Member.tenant_id == work.tenant_id, Member.id.in_(ids))
    )
    names = {member.id: member.name for member in found}
    told = messages.Transferred(
        by=names.get(begun.by_id or "", ""),
        from_name=names[begun.from_id],
        count=sum(counts.values()),
        reason=begun.reason,
        is_undone=begun.state == models.UNDONE,
    )
    if not told.count:
        return
    for reader in dict.fromkeys([begun.from_id, *counts]):
        if reader == begun.by_id:
            continue
        await post(
            work,
            to=reader,
            message=partial(messages.transferred_card, told, counts.get(reader)),
            kind="transferred",
            once=f"transfer-{begun.state}-{begun.id}-{reader}",
        )


def _of(begun: Transfer) -> tuple[ColumnElement[bool], ...]:
    return TransferItem.tenant_id == begun.tenant_id, TransferItem.transfer_id == begun.id
