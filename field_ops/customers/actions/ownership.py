"""Who looks after a customer, and when somebody was there."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ...access import reaches_row, require
from ...db import is_sqlite
from ...history import changes
from ...people.models import Member
from ...work import Work
from ..errors import OwnerUnknown
from ..models import Customer, CustomerVisitor
from ..owner_changes import ASSIGNED
from .giving import give
from .holding import held


async def assign(work: Work, customer_id: str, member_id: str | None) -> Customer:
    """Give a customer to a member, or to nobody. Needs `customers.assign`."""
    require(work, "customers.assign")
    customer = await held(work, customer_id)
    await reaches_row(work, "customers.assign", Customer, customer.id, Customer.owner_id)
    if member_id is not None:
        owner = await work.session.get(Member, (work.tenant_id, member_id))
        if owner is None or owner.state != "active":
            raise OwnerUnknown()
    if customer.owner_id == member_id:
        return customer
    await give(work, customer, member_id, ASSIGNED)
    return customer


async def visited(work: Work, customer: Customer, at: datetime) -> None:
    """Remember that the member at work was there: lookups rank by it. Visits call this."""
    if customer.last_visit_at is None or customer.last_visit_at < at:
        customer.last_visit_at = at
        changes.moved(work, Customer, [customer.id])
    insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    mark = insert(CustomerVisitor).values(
        tenant_id=work.tenant_id,
        member_id=work.actor.me,
        customer_id=customer.id,
        last_visit_at=at,
    )
    await work.session.execute(
        mark.on_conflict_do_update(
            index_elements=["tenant_id", "member_id", "customer_id"],
            set_={"last_visit_at": mark.excluded.last_visit_at},
            where=CustomerVisitor.last_visit_at < mark.excluded.last_visit_at,
        )
    )
