"""A customer kept from everybody else until the commit."""

from ...access import require, visible
from ...errors import NotFound
from ...history import changes
from ...people.models import Member
from ...work import Work
from ..errors import OnlyReading
from ..models import Customer
from ..queries import may_edit, present_id


async def held_for_editing(work: Work, customer_id: str) -> Customer:
    """The customer, kept from everybody else until the commit; raises unless I may change it."""
    require(work, "customers.edit")
    customer = await held(work, customer_id)
    if not await may_edit(work, customer):
        owner = await work.session.get(Member, (work.tenant_id, customer.owner_id or ""))
        raise OnlyReading(name=customer.name, owner=owner.name if owner else "—")
    return customer


async def held(work: Work, customer_id: str) -> Customer:
    """The customer, if I may see it, kept from everybody else until the commit.

    An id that was merged into another customer leads there.
    """
    customer_id = await present_id(work, customer_id)
    customer: Customer | None = await work.session.scalar(
        visible(work, Customer)
        .where(Customer.id == customer_id)
        .with_for_update(of=Customer)
        .execution_options(populate_existing=True)
    )
    if customer is None:
        raise NotFound()
    return customer


def touch(work: Work, customer: Customer) -> None:
    """Count a change; `updated_at` follows with the commit."""
    customer.revision += 1
    changes.moved(work, Customer, [customer.id])
