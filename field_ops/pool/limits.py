"""Whether a member may claim a customer now. Raises the first reason why not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ..customers.models import Customer
from ..customers.owner_changes import CLAIMED, PARTED, OwnerChange
from ..people.models import Member
from ..work import Work
from . import queries
from .errors import ClaimedTooOften, EnoughForToday, HoldsEnough, NotClaimableYet, WasYours
from .queries import KnownPool
from .rules import ClaimRule


async def refuse_over_the_limit(work: Work, pools: Sequence[KnownPool]) -> None:
    """His own limits. His other claims wait meanwhile, so that two at once are not one too many."""
    me = work.actor.me
    await work.session.execute(
        select(Member.id)
        .where(Member.tenant_id == work.tenant_id, Member.id == me)
        .with_for_update()
    )
    rule = queries.smallest(pools)
    if await queries.claims_today(work, me) >= rule.a_day:
        raise EnoughForToday(limit=rule.a_day)
    held = await queries.holding(work, me)
    if held >= rule.holding:
        raise HoldsEnough(held=held, limit=rule.holding)


def refuse_too_soon(
    work: Work, customer: Customer, changes: Sequence[OwnerChange], rule: ClaimRule
) -> None:
    """What speaks against this customer: just released, mine not long ago, claimed too often."""
    me = work.actor.me
    if customer.owner_since is not None:
        since = customer.owner_since + timedelta(hours=rule.claimable_after_hours)
        if work.now < since:
            raise NotClaimableYet(name=customer.name, since=_moment(work, since))
    # Whose customer it was by a merge alone, which was taken back, has lost nothing.
    lost_by = [one.at for one in changes if one.from_id == me and one.how != PARTED]
    lost = max(lost_by, default=None)
    if lost is not None:
        until = lost + timedelta(days=rule.former_owner_after_days)
        if work.now < until:
            raise WasYours(name=customer.name, until=_moment(work, until))
    since = work.now - timedelta(days=rule.reclaims_within_days)
    had, again = reclaims(changes, me, since)
    if had and again >= rule.reclaims:
        raise ClaimedTooOften(
            name=customer.name, limit=rule.reclaims, days=rule.reclaims_within_days
        )


def reclaims(changes: Sequence[OwnerChange], me: str, since: datetime) -> tuple[bool, int]:
    """Whether the customer was ever mine, and how often I claimed it again since then."""
    had, again = False, 0
    for one in changes:
        is_claim = one.to_id == me and one.how == CLAIMED
        again += is_claim and had and one.at >= since
        had = had or me in (one.from_id, one.to_id)
    return had, again


def _moment(work: Work, at: datetime) -> str:
    return f"{at.astimezone(work.zone):%Y-%m-%d %H:%M}"
