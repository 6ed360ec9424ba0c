"""What the clocks of some customers are told from, read in a few statements for all of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from ..calendar.work_days import calendar_of
from ..customers.models import Customer
from ..customers.owner_changes import CLAIMED
from ..follow_ups.models import FollowUp
from ..visits.effective import was_effective
from ..visits.models import Visit
from ..work import Work
from .absences import absences_of
from .clock import Clock, Facts, clock_of
from .holds import deals_of, holds_of
from .models import Extension, Protection
from .queries import WON, pool_by_member


async def clocks_of(work: Work, customers: Sequence[Customer]) -> dict[str, Clock]:
    """The clocks that run, by customer; only what is owned has one."""
    owned = [customer for customer in customers if customer.owner_id is not None]
    known = await facts_of(work, owned)
    pools = await pool_by_member(work, {customer.owner_id or "" for customer in owned})
    calendar = await calendar_of(work)
    clocks = {
        one.id: clock_of(known[one.id], pools[one.owner_id or ""].rules, calendar) for one in owned
    }
    return {customer_id: clock for customer_id, clock in clocks.items() if clock is not None}


async def facts_of(work: Work, customers: Sequence[Customer]) -> dict[str, Facts]:
    ids = [customer.id for customer in customers]
    last = await last_follow_ups(work, ids)
    protections = await protections_of(work, ids)
    granted = await _granted(work, ids)
    held = await holds_of(work, ids)
    deals = await deals_of(work, ids)
    away = await absences_of(work, {one.owner_id for one in customers if one.owner_id})
    return {
        customer.id: replace(
            _facts(work, customer, last.get(customer.id), protections.get(customer.id), granted),
            is_held=customer.id in held,
            deals=deals.get(customer.id),
            absences=away.get(customer.owner_id or "", ()),
        )
        for customer in customers
    }


async def last_follow_ups(work: Work, customer_ids: Collection[str]) -> dict[str, datetime]:
    """When each was last followed up effectively: by a visit that counts today, or by another way
    of contact that counted when it was written (`follow_ups/counting.py`)."""
    visits = (
        select(Visit.customer_id, func.max(Visit.checked_in_at))
        .where(Visit.tenant_id == work.tenant_id, Visit.customer_id.in_(customer_ids))
        .where(was_effective())
        .group_by(Visit.customer_id)
    )
    others = (
        select(FollowUp.customer_id, func.max(FollowUp.happened_at))
        .where(
            FollowUp.tenant_id == work.tenant_id,
            FollowUp.customer_id.in_(customer_ids),
            FollowUp.counts,
        )
        .group_by(FollowUp.customer_id)
    )
    last: dict[str, datetime] = {}
    for asked in (visits, others):
        for customer_id, at in await work.session.execute(asked):
            last[customer_id] = max(at, last.get(customer_id, at))
    return last


async def protections_of(work: Work, customer_ids: Collection[str]) -> dict[str, Protection]:
    found = await work.session.scalars(
        select(Protection).where(
            Protection.tenant_id == work.tenant_id, Protection.customer_id.in_(customer_ids)
        )
    )
    return {one.customer_id: one for one in found}


async def _granted(work: Work, customer_ids: Collection[str]) -> list[Extension]:
    found = await work.session.scalars(
        select(Extension).where(
            Extension.tenant_id == work.tenant_id,
            Extension.customer_id.in_(customer_ids),
            Extension.state == "granted",
        )
    )
    return list(found)


def since_of(customer: Customer) -> datetime:
    """Since when its owner has it."""
    return customer.owner_since or customer.created_at


def _facts(
    work: Work,
    customer: Customer,
    last: datetime | None,
    protection: Protection | None,
    granted: Sequence[Extension],
) -> Facts:
    since = since_of(customer)
    return Facts(
        level=customer.level,
        is_won=customer.lifecycle_stage in WON,
        owner_since=work.on(since),
        is_claimed=customer.owner_how == CLAIMED,
        last_follow_up=work.on(last) if last is not None and last >= since else None,
        is_locked=protection is not None and protection.until is None,
        protected_until=protection.until if protection else None,
        extensions=sum(one.customer_id == customer.id and one.asked_at >= since for one in granted),
    )
