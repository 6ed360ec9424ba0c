"""What a transfer would do, before anybody does it."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select

from ..customers.models import Collaborator, Customer
from ..customers.queries import names_of
from ..customers.schemas import MemberOut
from ..plans.actions import FUTURE
from ..plans.models import VisitPlan
from ..pool import queries as pools
from ..pool.models import Extension
from ..visits.models import Visit
from ..work import Work
from .choosing import chosen
from .schemas import Receiver, TransferAsk, TransferPreview


async def preview(work: Work, wanted: TransferAsk) -> TransferPreview:
    """What moves, what is in the way, and what it means for each receiver."""
    pairs = await chosen(work, wanted)
    ids = [customer.id for customer, _ in pairs]
    gets = Counter(to_id for _, to_id in pairs)
    return TransferPreview(
        count=len(pairs),
        levels=dict(sorted(Counter(customer.level for customer, _ in pairs).items())),
        plans=await _count(
            work,
            VisitPlan,
            ids,
            VisitPlan.owner_id == wanted.from_id,
            VisitPlan.planned_on >= work.today,
            VisitPlan.state.in_(FUTURE),
        ),
        open_visits=await _count(work, Visit, ids, Visit.checked_out_at.is_(None)),
        waiting_extensions=await _count(work, Extension, ids, Extension.state == "asked"),
        receivers=await _receivers(work, gets, {one.id: to_id for one, to_id in pairs}),
    )


async def _receivers(work: Work, gets: Counter[str], new_owner: dict[str, str]) -> list[Receiver]:
    names = await names_of(work, gets)
    limits = await pools.holding_limits(work, list(gets))
    held = await work.session.execute(
        select(Customer.owner_id, func.count())
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id.in_(list(gets)),
            Customer.removed_at.is_(None),
        )
        .group_by(Customer.owner_id)
    )
    owns = {owner_id: count for owner_id, count in held}  # noqa: C416 - rows are not pairs
    rows = await work.session.execute(
        select(Collaborator.customer_id, Collaborator.member_id).where(
            Collaborator.tenant_id == work.tenant_id,
            Collaborator.customer_id.in_(list(new_owner)),
            Collaborator.member_id.in_(list(gets)),
        )
    )
    shared = Counter(
        member_id for customer_id, member_id in rows if new_owner[customer_id] == member_id
    )
    found = []
    for member_id, count in gets.items():
        counted = await pools.holding(work, member_id)
        found.append(
            Receiver(
                member=MemberOut(id=member_id, name=names.get(member_id, "")),
                gets=count,
                held=owns.get(member_id, 0),
                counted=counted,
                holding_limit=limits[member_id],
                is_over=counted >= limits[member_id],
                shared=shared[member_id],
            )
        )
    return found


async def _count(
    work: Work,
    table: type[VisitPlan] | type[Visit] | type[Extension],
    customer_ids: Collection[str],
    *conditions: ColumnElement[bool],
) -> int:
    asked = select(func.count()).where(
        table.tenant_id == work.tenant_id, table.customer_id.in_(customer_ids), *conditions
    )
    return await work.session.scalar(asked) or 0
