"""Which customers a customer belongs together with, as far as the asker may know."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from ..access import visible
from ..work import Work
from .masked import masked_name
from .models import Customer
from .queries import find_customer, names_of
from .relations import CustomerRelation


@dataclass(frozen=True, slots=True)
class Related:
    """A relation from the side of one customer. `name` is masked when the other is not seen."""

    relation: CustomerRelation
    other: Customer
    name: str
    is_seen: bool
    is_above: bool


@dataclass(frozen=True, slots=True)
class Relations:
    """Those in force and those that ended, the newest first; `name_of` knows the members."""

    present: Sequence[Related]
    past: Sequence[Related]
    name_of: dict[str, str]


async def relations_of(work: Work, customer_id: str) -> Relations:
    """Raises NotFound when the customer is not there, or not mine to see."""
    customer = await find_customer(work, customer_id)
    rows = await work.session.scalars(
        select(CustomerRelation)
        .where(
            CustomerRelation.tenant_id == work.tenant_id,
            or_(CustomerRelation.from_id == customer.id, CustomerRelation.to_id == customer.id),
        )
        .order_by(CustomerRelation.id.desc())
    )
    relations = rows.all()
    ids = {one for row in relations for one in (row.from_id, row.to_id)} - {customer.id}
    others = {one.id: one for one in await _customers(work, ids)}
    seen = set(
        await work.session.scalars(
            visible(work, Customer).with_only_columns(Customer.id).where(Customer.id.in_(ids))
        )
    )
    found = []
    for row in relations:
        is_above = row.to_id == customer.id
        other = others.get(row.from_id if is_above else row.to_id)
        if other is None or other.merged_into is not None:  # ended with a merge of the two
            continue
        is_seen = other.id in seen
        name = other.name if is_seen else masked_name(other.name)
        found.append(Related(row, other, name, is_seen, is_above))
    members = [one for row in relations for one in (row.started_by, row.ended_by)]
    return Relations(
        present=[one for one in found if one.relation.ended_at is None],
        past=[one for one in found if one.relation.ended_at is not None],
        name_of=await names_of(work, members),
    )


async def _customers(work: Work, ids: Collection[str]) -> Sequence[Customer]:
    found = await work.session.scalars(
        select(Customer).where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
    )
    return found.all()
