"""Who is away, and until when: his customers' clocks stand still, and he is given none."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import delete, select

from ..access import reaches, require
from ..calendar.models import Absence
from ..errors import NotAllowed
from ..history import audit
from ..people.models import Member
from ..work import Work
from .errors import AbsenceEndsBefore

Days = tuple[date, date]

MOST_AHEAD = 500


async def absences_of(work: Work, member_ids: Collection[str]) -> dict[str, tuple[Days, ...]]:
    """First and last day of each absence, by member, the earliest first."""
    rows = await work.session.scalars(
        select(Absence)
        .where(Absence.tenant_id == work.tenant_id, Absence.member_id.in_(member_ids))
        .order_by(Absence.member_id, Absence.first_day)
    )
    found: dict[str, tuple[Days, ...]] = {}
    for row in rows:
        days = (row.first_day, row.last_day)
        found[row.member_id] = (*found.get(row.member_id, ()), days)
    return found


async def is_away(work: Work, member_ids: Collection[str]) -> set[str]:
    """Those who are away today."""
    known = await absences_of(work, member_ids)
    return {
        member_id
        for member_id, days in known.items()
        if any(first <= work.today <= last for first, last in days)
    }


async def ahead(work: Work) -> Sequence[tuple[Absence, str]]:
    """(absence, name) of the actor's people, those that are over left out."""
    rows = await work.session.execute(
        select(Absence, Member.name)
        .join(Member, (Member.tenant_id == Absence.tenant_id) & (Member.id == Absence.member_id))
        .where(
            Absence.tenant_id == work.tenant_id,
            Absence.last_day >= work.today,
            reaches(work, "customers.assign", Member.id),
        )
        .order_by(Absence.first_day, Absence.member_id)
        .limit(MOST_AHEAD)
    )
    return [(absence, name) for absence, name in rows]


async def say_away(work: Work, member_id: str, first: date, last: date) -> None:
    """One of my people is away on these days. Again, from the same day on, replaces it."""
    await _refuse_others(work, member_id)
    if last < first:
        raise AbsenceEndsBefore()
    await _without(work, member_id, first)
    work.session.add(
        Absence(tenant_id=work.tenant_id, member_id=member_id, first_day=first, last_day=last)
    )
    change = {"days": (None, f"{first.isoformat()}/{last.isoformat()}")}
    audit.record(work, "member.away", "member", member_id, change)
    await work.session.flush()


async def say_back(work: Work, member_id: str, first: date) -> None:
    """He is not away on the days from this one on after all."""
    await _refuse_others(work, member_id)
    await _without(work, member_id, first)
    audit.record(work, "member.not_away", "member", member_id, {"from": (first.isoformat(), None)})


async def _refuse_others(work: Work, member_id: str) -> None:
    require(work, "customers.assign")
    asked = select(Member.id).where(
        Member.tenant_id == work.tenant_id,
        Member.id == member_id,
        reaches(work, "customers.assign", Member.id),
    )
    if await work.session.scalar(asked) is None:
        raise NotAllowed()


async def _without(work: Work, member_id: str, first: date) -> None:
    await work.session.execute(
        delete(Absence).where(
            Absence.tenant_id == work.tenant_id,
            Absence.member_id == member_id,
            Absence.first_day == first,
        )
    )
