"""Who holds customers without working them: what a lead sees of each of his people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from ..access import reaches
from ..customers.models import Customer
from ..customers.owner_changes import CLAIMED, RELEASED, OwnerChange
from ..follow_ups.models import FollowUp
from ..people.models import Member
from ..visits.effective import was_effective
from ..visits.models import Visit
from ..work import Work
from .queries import WON

LOOKED_BACK = timedelta(days=30)  # what counts as worked
COUNTED_BACK = timedelta(days=180)  # claims, deals and releases
TARGET = 0.7  # of what is held, worked within 30 days


@dataclass(slots=True)
class Holder:
    """What one member holds. `last_day_releases` were released on the day before the recycling;
    `repeated` customers he claimed and released twice or more."""

    member_id: str
    name: str
    held: int = 0
    worked: int = 0
    never_worked: int = 0
    claims: int = 0
    deals: int = 0
    last_day_releases: int = 0
    repeated: int = 0

    @property
    def ratio(self) -> float | None:
        """Worked of held, 0 to 1 with 4 digits; None when nothing is held."""
        return round(self.worked / self.held, 4) if self.held else None


async def holders(work: Work) -> list[Holder]:
    """Everybody whom the actor looks over, who works the smallest part of what he holds first."""
    members = await work.session.execute(
        select(Member.id, Member.name).where(
            Member.tenant_id == work.tenant_id,
            Member.state == "active",
            reaches(work, "customers.assign", Member.id),
        )
    )
    found = {member_id: Holder(member_id, name) for member_id, name in members}
    await _count_held(work, found)
    await _count_changes(work, found)
    some = [one for one in found.values() if one.held or one.claims]
    return sorted(some, key=lambda one: (one.ratio is None, one.ratio, -one.held, one.member_id))


async def _count_held(work: Work, found: dict[str, Holder]) -> None:
    recent = _worked(work, since=work.now - LOOKED_BACK)
    rows = await work.session.execute(
        select(
            Customer.owner_id,
            func.count(),
            func.count().filter(recent),
            func.count().filter(~_worked(work, since=None)),
        )
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_(list(found)),
            Customer.removed_at.is_(None),
        )
        .group_by(Customer.owner_id)
    )
    for owner_id, held, worked, never in rows:
        one = found[owner_id or ""]
        one.held, one.worked, one.never_worked = held, worked, never


def _worked(work: Work, since: datetime | None) -> ColumnElement[bool]:
    """Whether its owner followed the customer up effectively (since then)."""
    visit = and_(
        Visit.tenant_id == work.tenant_id,
        Visit.customer_id == Customer.id,
        Visit.owner_id == Customer.owner_id,
        was_effective(),
    )
    note = and_(
        FollowUp.tenant_id == work.tenant_id,
        FollowUp.customer_id == Customer.id,
        FollowUp.member_id == Customer.owner_id,
        FollowUp.counts,
    )
    if since is not None:
        visit = and_(visit, Visit.checked_in_at >= since)
        note = and_(note, FollowUp.happened_at >= since)
    return or_(exists().where(visit), exists().where(note))


async def _count_changes(work: Work, found: dict[str, Holder]) -> None:
    since, ids = work.now - COUNTED_BACK, list(found)
    claims = await work.session.execute(
        select(
            OwnerChange.to_id,
            OwnerChange.customer_id,
            func.count(),
            func.max(Customer.lifecycle_stage),
            func.max(Customer.owner_id),
        )
        .join(
            Customer,
            and_(
                Customer.tenant_id == OwnerChange.tenant_id,
                Customer.id == OwnerChange.customer_id,
            ),
        )
        .where(
            OwnerChange.tenant_id == work.tenant_id,
            OwnerChange.to_id.in_(ids),
            OwnerChange.how == CLAIMED,
            OwnerChange.at >= since,
        )
        .group_by(OwnerChange.to_id, OwnerChange.customer_id)
    )
    for member_id, _, times, stage, owner_id in claims:
        one = found[member_id or ""]
        one.claims += times
        one.deals += stage in WON and owner_id == member_id
    later = aliased(OwnerChange)
    releases = await work.session.execute(
        select(later.from_id, later.customer_id, later.at, later.due_on).where(
            later.tenant_id == work.tenant_id,
            later.from_id.in_(ids),
            later.how == RELEASED,
            later.at >= since,
        )
    )
    times_released: dict[tuple[str, str], int] = {}
    for member_id, customer_id, at, due_on in releases:
        one = found[member_id or ""]
        one.last_day_releases += due_on is not None and 0 <= (due_on - work.on(at)).days <= 1
        pair = (one.member_id, customer_id)
        times_released[pair] = times_released.get(pair, 0) + 1
        one.repeated += times_released[pair] == 2
