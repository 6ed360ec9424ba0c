"""The system takes back what nobody works on: who is due, the warning before, and the way back."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from ..access import require
from ..calendar.work_days import calendar_of
from ..customers.actions.giving import give
from ..customers.errors import OwnerUnknown
from ..customers.models import Customer
from ..customers.owner_changes import RECYCLED, UNDONE, OwnerChange
from ..errors import NotFound
from ..outbox.post import post
from ..people import queries as people
from ..people.models import Member
from ..work import Work
from . import queries
from .actions import call_off_plans
from .clock import Clock
from .errors import NothingToUndo
from .facts import clocks_of
from .messages import Warned, recycled_card, warning_card

LOOKED_AT = 300  # customers of one question
AT_ONCE = 40  # customers of one transaction, of several rows each: callbacks wait for its end
UNDONE_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ending:
    """A customer with the clock that runs for it."""

    customer: Customer
    clock: Clock


async def some_owned(work: Work, after: str, limit: int = LOOKED_AT) -> Sequence[Customer]:
    """Owned customers in the order of their ids, beginning after this one."""
    found = await work.session.scalars(
        select(Customer)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id > after,
            Customer.owner_id.is_not(None),
            Customer.removed_at.is_(None),
        )
        .order_by(Customer.id)
        .limit(limit)
    )
    return found.all()


async def endings(work: Work) -> AsyncIterator[Ending]:
    """Every clock that runs in the company."""
    if not any(pool.rules.recycle.is_on for pool in await queries.every_pool(work)):
        return
    after = ""
    while some := await some_owned(work, after):
        clocks = await clocks_of(work, some)
        for customer in some:
            if clock := clocks.get(customer.id):
                yield Ending(customer, clock)
        after = some[-1].id


async def due_in(work: Work, days: int = 0) -> list[Ending]:
    """What a run so many days from now would take back, as things are: the dry run."""
    day = work.today + timedelta(days=days)
    return [one async for one in endings(work) if one.clock.is_over(day)]


async def mine_ending(work: Work, days: int) -> list[Ending]:
    """My own customers whose clocks end within so many days, the soonest first."""
    found = await work.session.scalars(
        select(Customer).where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id == work.actor.me,
            Customer.removed_at.is_(None),
        )
    )
    mine = found.all()
    clocks = await clocks_of(work, mine)
    ending = [Ending(one, clocks[one.id]) for one in mine if one.id in clocks]
    soon = [one for one in ending if one.clock.left(work.today) <= days]
    return sorted(soon, key=lambda one: (one.clock.deadline, one.customer.id))


async def recycle(work: Work, customer_ids: Sequence[str]) -> int:
    """Take back those of them that are still due, each looked at again while nobody else can
    change it; returns how many."""
    locked = await work.session.scalars(
        select(Customer)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id.in_(customer_ids),
            Customer.owner_id.is_not(None),
            Customer.removed_at.is_(None),
        )
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    customers = locked.all()
    clocks = await clocks_of(work, customers)
    pools = await queries.pool_by_member(work, {one.owner_id or "" for one in customers})
    moved = 0
    for customer in customers:
        clock = clocks.get(customer.id)
        if clock is None or not clock.is_over(work.today):
            continue
        pool = pools[customer.owner_id or ""]
        await call_off_plans(work, customer)
        await give(
            work, customer, None, RECYCLED,
            pool_id=pool.id, reason=clock.why.value, due_on=clock.deadline,
        )  # fmt: skip
        moved += 1
    return moved


async def tell_about_recycled(work: Work) -> None:
    """One card a day to each who lost customers today, to his lead and to who administers the
    pool. A second call tells nobody twice."""
    since = datetime.combine(work.today, time(), work.zone)
    rows = await work.session.execute(
        select(OwnerChange, Customer.name)
        .join(
            Customer,
            (Customer.tenant_id == OwnerChange.tenant_id)
            & (Customer.id == OwnerChange.customer_id),
        )
        .where(
            OwnerChange.tenant_id == work.tenant_id,
            OwnerChange.how == RECYCLED,
            OwnerChange.at >= since,
        )
        .order_by(OwnerChange.id)
    )
    told: dict[str, list[str]] = {}
    admins: dict[str, list[str]] = {}
    for change, name in rows.all():
        pool_id, owner = change.pool_id or "", change.from_id or ""
        if pool_id not in admins:
            admins[pool_id] = await queries.admins_of(work, pool_id)
        leads = (await people.leaders_of(work, owner))[:1]
        for reader in dict.fromkeys([owner, *leads, *admins[pool_id]]):
            told.setdefault(reader, []).append(name)
    for reader, names in told.items():
        await post(
            work,
            to=reader,
            message=partial(recycled_card, names),
            kind="recycled",
            once=f"recycled-{reader}-{work.today:%Y%m%d}",
        )


async def warnings_today(work: Work) -> dict[str, list[Warned]]:
    """By owner: whose clocks end so many work days from now as his pool warns before, the soonest
    first. Nothing on a day that is no work day."""
    calendar = await calendar_of(work)
    ending: dict[str, list[Warned]] = {}
    if not calendar.is_work_day(work.today):
        return ending
    pools: dict[str, queries.KnownPool] = {}
    async for one in endings(work):
        owner, deadline = one.customer.owner_id or "", one.clock.deadline
        if owner not in pools:
            pools |= await queries.pool_by_member(work, [owner])
        before = pools[owner].rules.reminder.work_days_before
        if any(calendar.add_work_days(deadline, -days) == work.today for days in before):
            ending.setdefault(owner, []).append(
                Warned(one.customer.id, one.customer.name, one.clock)
            )
    return {
        owner: sorted(some, key=lambda one: one.clock.deadline) for owner, some in ending.items()
    }


async def warn(work: Work, ending: Mapping[str, Sequence[Warned]]) -> None:
    """One card to each owner. A second call on the day tells nobody twice."""
    for owner, some in ending.items():
        await post(
            work,
            to=owner,
            message=partial(warning_card, some, work.today),
            kind="recycle_warning",
            once=f"recycle-warning-{owner}-{work.today:%Y%m%d}",
        )


async def undo(work: Work, customer_id: str) -> Customer:
    """Give a recycled customer back to who had it, within seven days. Its clock starts again.

    Needs `pool.configure`. Raises NothingToUndo when it was not recycled, is somebody's by now, or
    is in the pool for longer.
    """
    require(work, "pool.configure")
    customer = await work.session.scalar(
        select(Customer)
        .where(Customer.tenant_id == work.tenant_id, Customer.id == customer_id)
        .where(Customer.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if customer is None:
        raise NotFound()
    changes = await queries.changes_of(work, customer.id)
    last = changes[-1] if changes else None
    if customer.owner_id or last is None or last.how != RECYCLED:
        raise NothingToUndo(name=customer.name, days=UNDONE_WITHIN.days)
    if work.now - last.at > UNDONE_WITHIN:
        raise NothingToUndo(name=customer.name, days=UNDONE_WITHIN.days)
    owner = await work.session.get(Member, (work.tenant_id, last.from_id or ""))
    if owner is None or owner.state != "active":
        raise OwnerUnknown()
    await give(work, customer, owner.id, UNDONE)
    return customer
