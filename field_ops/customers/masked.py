"""What somebody is shown of customers that may be his new one: out of sight, no more than helps.

Enough that two people do not work on one customer without knowing; too little to learn the
company's customers by guessing names, and who tries is noticed (domain.md §7.4).
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select

from ..access import visible
from ..db import insert_into
from ..history import audit
from ..outbox.post import post
from ..people import queries as people
from ..people.models import Department, Member
from ..work import Work
from .messages import lead_about_guessing
from .models import Customer, MaskedSight
from .schemas import SuspectOut
from .suspects import Check, Suspect

MOST_SHOWN = 10
A_DAY = 30  # masked customers a member may be told about on a day before his lead is


async def shown(work: Work, found: Sequence[Suspect]) -> list[SuspectOut]:
    """The surest of them, as far as the asker may know; remembers which were masked."""
    best = found[:MOST_SHOWN]
    ids = [one.customer.id for one in best]
    seen = set(
        await work.session.scalars(
            visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(ids))
        )
    )
    owners = await _owners(work, {one.customer.owner_id for one in best})
    await remember([one for one in ids if one not in seen], work)
    return [_out(one, one.customer.id in seen, owners) for one in best]


def masked_name(name: str) -> str:
    """武汉***超市: enough to recognise what one knows already."""
    if len(name) <= 4:
        return name[:1] + "*" * max(1, len(name) - 1)
    return f"{name[:2]}***{name[-2:]}"


def _out(one: Suspect, is_seen: bool, owners: dict[str, tuple[str, str]]) -> SuspectOut:
    customer = one.customer
    owner, department = owners.get(customer.owner_id or "", ("", ""))
    return SuspectOut.model_validate(
        {
            "check": one.check.value,
            "action": one.action.value,
            "proposes": "branch" if one.check in (Check.CORE_HERE, Check.CORE_ELSEWHERE) else "",
            "similarity": round(one.similarity, 3),
            "name": customer.name if is_seen else masked_name(customer.name),
            "customer_id": customer.id,
            "is_masked": not is_seen,
            "number": customer.number if is_seen else "",
            "owner_name": owner if is_seen else "",
            "department": department,
            "lifecycle_stage": customer.lifecycle_stage,
        }
    )


async def _owners(work: Work, member_ids: set[str | None]) -> dict[str, tuple[str, str]]:
    found = await work.session.execute(
        select(Member.id, Member.name, Department.name)
        .outerjoin(
            Department,
            (Department.tenant_id == Member.tenant_id)
            & (Department.id == Member.main_department_id),
        )
        .where(Member.tenant_id == work.tenant_id, Member.id.in_([m for m in member_ids if m]))
    )
    return {member_id: (name, department or "") for member_id, name, department in found}


async def remember(customer_ids: Sequence[str], work: Work) -> None:
    """Note whom the member was told about today; his lead hears of the thirty-first, once."""
    me = work.actor.member_id
    if me is None or not work.actor.is_person or not customer_ids:
        return
    rows = [
        {"tenant_id": work.tenant_id, "member_id": me, "day": work.today, "customer_id": one}
        for one in customer_ids
    ]
    await work.session.execute(
        insert_into(work.session, MaskedSight).values(rows).on_conflict_do_nothing()
    )
    told = await work.session.scalar(
        select(func.count()).where(
            MaskedSight.tenant_id == work.tenant_id,
            MaskedSight.member_id == me,
            MaskedSight.day == work.today,
        )
    )
    if told and told > A_DAY:
        await _tell(work, me, told)


async def _tell(work: Work, me: str, told: int) -> None:
    leaders = await people.leaders_of(work, me)
    member = await work.session.get_one(Member, (work.tenant_id, me))
    for leader in leaders[:1]:
        card = partial(lead_about_guessing, member.name, told)
        was_new = await post(
            work,
            to=leader,
            message=card,
            kind="guessing",
            once=f"guessing-{me}-{work.today:%Y%m%d}",
        )
        if was_new:
            audit.record(work, "customers.guessed", "member", me, {"masked": (None, told)})
