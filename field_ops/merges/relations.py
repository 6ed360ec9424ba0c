"""What a merge does to who belongs to whom: no customer ends up above itself."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ..customers.errors import RelatedInACircle
from ..customers.models import Customer
from ..customers.relations import HIERARCHY, CustomerRelation, closes_a_circle
from ..work import Work

NAME = "customer_relation"
END: dict[str, InstrumentedAttribute[str]] = {
    "from": CustomerRelation.from_id,
    "to": CustomerRelation.to_id,
}


async def refuse_a_circle(work: Work, one: Customer, other: Customer) -> None:
    """Raise when one stands above the other through somebody else: made one, they would stand
    above themselves. What relates the two directly ends with the merge."""
    for lower, upper in ((one, other), (other, one)):
        between = await work.session.scalars(
            select(CustomerRelation.from_id).where(
                CustomerRelation.tenant_id == work.tenant_id,
                CustomerRelation.to_id == lower.id,
                CustomerRelation.from_id != upper.id,
                CustomerRelation.kind.in_(HIERARCHY),
                CustomerRelation.ended_at.is_(None),
            )
        )
        for middle_id in between.all():
            if await closes_a_circle(work, middle_id, upper.id):
                raise RelatedInACircle(name=one.name)


async def move(work: Work, loser: Customer, master: Customer) -> dict[str, list[str]]:
    """Give the loser's relations to the master; which they were. What relates the two, and what
    the master has already, ends and stays with the loser."""
    moved = {"ended": await _end(work, loser, master)}
    for end, column in END.items():
        opposite = END["to" if end == "from" else "from"]
        ids = await work.session.scalars(
            update(CustomerRelation)
            .where(
                CustomerRelation.tenant_id == work.tenant_id,
                column == loser.id,
                opposite != master.id,
                CustomerRelation.id.not_in(moved["ended"]),
            )
            .values({column: master.id})
            .returning(CustomerRelation.id)
            .execution_options(synchronize_session=False)
        )
        moved[end] = sorted(ids)
    return moved


async def move_back(work: Work, moved: dict[str, Any], master_id: str, loser_id: str) -> None:
    """As before, but for what somebody ended or changed since. No circle can come of it: parting
    two never joins anybody."""
    for end, column in END.items():
        await work.session.execute(
            update(CustomerRelation)
            .where(
                CustomerRelation.tenant_id == work.tenant_id,
                column == master_id,
                CustomerRelation.id.in_(moved[end]),
            )
            .values({column: loser_id})
            .execution_options(synchronize_session=False)
        )
    await work.session.execute(
        update(CustomerRelation)
        .where(
            CustomerRelation.tenant_id == work.tenant_id, CustomerRelation.id.in_(moved["ended"])
        )
        .values(ended_at=None, ended_by=None)
        .execution_options(synchronize_session=False)
    )


async def count(work: Work, customer_id: str) -> int:
    found = await work.session.scalar(
        select(func.count()).where(
            CustomerRelation.tenant_id == work.tenant_id,
            or_(CustomerRelation.from_id == customer_id, CustomerRelation.to_id == customer_id),
        )
    )
    return found or 0


async def _end(work: Work, loser: Customer, master: Customer) -> list[str]:
    here = and_(CustomerRelation.tenant_id == work.tenant_id, CustomerRelation.ended_at.is_(None))
    relates_both = or_(
        and_(CustomerRelation.from_id == loser.id, CustomerRelation.to_id == master.id),
        and_(CustomerRelation.from_id == master.id, CustomerRelation.to_id == loser.id),
    )
    ids = await work.session.scalars(
        select(CustomerRelation.id).where(
            here,
            or_(
                relates_both,
                _has_already("from_id", "to_id", loser, master),
                _has_already("to_id", "from_id", loser, master),
            ),
        )
    )
    ended = sorted(ids)
    await work.session.execute(
        update(CustomerRelation)
        .where(here, CustomerRelation.id.in_(ended))
        .values(ended_at=work.now, ended_by=work.actor.member_id)
        .execution_options(synchronize_session=False)
    )
    return ended


def _has_already(mine: str, theirs: str, loser: Customer, master: Customer) -> ColumnElement[bool]:
    same = aliased(CustomerRelation)
    return and_(
        getattr(CustomerRelation, mine) == loser.id,
        select(same.id)
        .where(
            same.tenant_id == CustomerRelation.tenant_id,
            getattr(same, mine) == master.id,
            getattr(same, theirs) == getattr(CustomerRelation, theirs),
            same.kind == CustomerRelation.kind,
            same.ended_at.is_(None),
        )
        .exists(),
    )
