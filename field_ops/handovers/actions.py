"""From who left to who goes on (domain.md §14.2). Called by the worker, and by an administrator.

The host said that somebody departed: what he was promised is taken back, and his lead is asked to
give his customers to others. After three work days they are given away without asking.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import update

from ..calendar.work_days import calendar_of
from ..chat_contacts.queries import known_and_linked
from ..customers.actions.giving import give
from ..customers.models import Customer
from ..customers.owner_changes import HANDED_OVER
from ..outbox.models import OutboxMessage
from ..outbox.post import post
from ..people import queries as people
from ..people.models import Member
from ..plans.actions import cancel, hand_on
from ..pool.queries import pool_by_member
from ..reminders.models import Reminder
from ..work import Work
from . import queries
from .messages import LeftBehind, handover_card, overdue_card
from .models import Handover

WORK_DAYS = 3
WORK_DAYS_BEFORE_UP = 2
NOTICED_FOR = timedelta(days=30)  # who left earlier was dealt with before there was this
DAY_ENDS = time(18, 0)
LEAD_TAKES = ("A", "B")
AT_ONCE = 200  # customers of one transaction
SOME = 50  # people of one transaction


async def notice_leavers(work: Work) -> int:
    """Begin a handover for everybody who departed since the last time; returns how many."""
    leavers = await queries.not_noticed(work, work.now - NOTICED_FOR, SOME)
    for member in leavers:
        await _notice(work, member)
    return len(leavers)


async def go_on(work: Work) -> int:
    """Give away what is due, and close what is finished. Returns how many customers were given
    away: more may be left when it is not 0."""
    moved = 0
    for handover, member in await queries.open_ones(work, SOME):
        if member.state != "departed":
            _close(work, handover, "called_off")
        elif handover.due_at <= work.now and moved < AT_ONCE:
            moved += await _give_some(work, handover, member)
        elif handover.due_at > work.now:
            await _tell_above(work, handover, member)
        if handover.state == "open" and not await queries.some_customers(work, member.id, 1):
            await _settle_plans(work, member)
            _close(work, handover, "done")
    return moved


async def hand_over_to(work: Work, member: Member, to: Member) -> int:
    """Give all customers of `member` to `to` at once; returns how many. His plans follow."""
    moved = 0
    while some := await queries.some_customers(work, member.id, AT_ONCE):
        await _give(work, dict.fromkeys(some, to.id))
        moved += len(some)
    await _settle_plans(work, member)
    return moved


async def _notice(work: Work, member: Member) -> None:
    assert member.departed_at is not None
    await _take_back(work, member)
    leaders = await people.leaders_of(work, member.id)
    customers = await queries.customers_by_level(work, member.id)
    plans = await queries.future_plans(work, member.id)
    day = (await calendar_of(work)).add_work_days(work.today, WORK_DAYS)
    due_at = datetime.combine(day, DAY_ENDS, work.zone)
    to_id = leaders[0] if leaders else None
    if member.merged_into_id is not None:  # he goes on himself, so nobody has to be asked
        to_id, due_at = None, work.now
    handover = Handover(
        tenant_id=work.tenant_id,
        member_id=member.id,
        departed_at=member.departed_at,
        to_id=to_id,
        state="open" if customers or plans else "done",
        opened_at=work.now,
        due_at=due_at,
    )
    work.session.add(handover)
    await work.session.flush()
    if handover.state == "open" and to_id is not None:
        chats = await known_and_linked(work, member.id)
        left = LeftBehind(member.id, member.name, customers, len(plans), day, *chats)
        await post(
            work,
            to=to_id,
            message=lambda language: handover_card(left, language),
            kind="handover",
            once=f"handover-{member.id}-{member.departed_at:%Y%m%d%H%M%S}",
        )


async def _tell_above(work: Work, handover: Handover, member: Member) -> None:
    """Who was asked has done nothing for two work days: his own leader hears of it, once.

    The ladder of domain.md §12.3: the owner is gone, the direct leader was asked at once.
    """
    if handover.to_id is None:
        return
    opened_on = work.on(handover.opened_at)
    up_on = (await calendar_of(work)).add_work_days(opened_on, WORK_DAYS_BEFORE_UP)
    above = await people.leaders_of(work, handover.to_id) if work.today >= up_on else []
    above = [leader for leader in above if leader != member.id]
    customers = await queries.customers_by_level(work, member.id) if above else {}
    if not customers:
        return
    lead = await work.session.get_one(Member, (work.tenant_id, handover.to_id))
    plans = await queries.future_plans(work, member.id)
    left = LeftBehind(member.id, member.name, customers, len(plans), work.on(handover.due_at))
    await post(
        work,
        to=above[0],
        message=lambda language: overdue_card(left, lead.name, language),
        kind="handover_overdue",
        once=f"handover-up-{member.id}-{handover.departed_at:%Y%m%d%H%M%S}",
        escalation=True,
    )


async def _take_back(work: Work, member: Member) -> None:
    """What he was to be reminded of, and what is not on its way to him yet."""
    await work.session.execute(
        update(Reminder)
        .where(
            Reminder.tenant_id == work.tenant_id,
            Reminder.member_id == member.id,
            Reminder.state.in_(("waiting", "claimed")),
        )
        .values(state="cancelled", lease_until=None)
        .execution_options(synchronize_session=False)
    )
    if member.merged_into_id is not None:
        return  # he is still there, under his other record
    await work.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.tenant_id == work.tenant_id,
            OutboxMessage.member_id == member.id,
            OutboxMessage.state == "queued",
        )
        .values(state="refused", error="the recipient has left")
        .execution_options(synchronize_session=False)
    )


async def _give_some(work: Work, handover: Handover, member: Member) -> int:
    """A and B to the lead, the rest to the pool; everything to himself under his other record."""
    some = await queries.some_customers(work, member.id, AT_ONCE)
    heir = member.merged_into_id
    lead = await _still_here(work, handover.to_id)
    takes = {customer: lead if customer.level in LEAD_TAKES else None for customer in some}
    await _give(work, {customer: heir or to for customer, to in takes.items()})
    return len(some)


async def _give(work: Work, new_owner: dict[Customer, str | None]) -> None:
    """To members, or (None) to the pool of who had them."""
    pools = await pool_by_member(work, {one.owner_id or "" for one in new_owner})
    for customer, to in new_owner.items():
        pool_id = pools[customer.owner_id or ""].id
        await give(work, customer, to, HANDED_OVER, pool_id=pool_id)


async def _settle_plans(work: Work, member: Member) -> None:
    """A plan goes to whoever has its customer now; one whose customer is nobody's is cancelled."""
    plans = await queries.future_plans(work, member.id)
    owner_of = await queries.owners(work, {plan.customer_id for plan in plans})
    for plan in plans:
        to = member.merged_into_id or owner_of.get(plan.customer_id)
        if to is None:
            await cancel(work, [plan])
        else:
            await hand_on(work, [plan], to)


async def _still_here(work: Work, member_id: str | None) -> str | None:
    if member_id is None:
        return None
    member = await work.session.get(Member, (work.tenant_id, member_id))
    return member.id if member is not None and member.state == "active" else None


def _close(work: Work, handover: Handover, state: str) -> None:
    handover.state = state
    handover.closed_at = work.now
