"""A new customer: a name and one way to reach it are enough (domain.md §7.1)."""

from ...access import require
from ...history import audit
from ...history.numbers import next_number
from ...work import Work
from .. import index
from ..duplicates import claim_keys
from ..models import Contact, Customer, CustomerLocation
from ..new_rows import contact_values, customer_values, proposal_values, refuse_incomplete
from ..schemas import CustomerIn


async def create(work: Work, new: CustomerIn) -> Customer:
    """Store it, owned by whoever created it (the system: by nobody).

    Raises PhoneOrLocationMissing, PhoneUnreadable, or a refusal that says who has it already.
    """
    require(work, "customers.create")
    refuse_incomplete(new)
    number = await next_number(work, "C", 6)
    owner_id = work.actor.member_id
    customer = Customer(**customer_values(work, new, number=number, owner_id=owner_id))
    work.session.add(customer)
    main = next(
        (contact for contact in new.contacts if contact.is_main), next(iter(new.contacts), None)
    )
    for contact in new.contacts:
        values = contact_values(work, customer.id, contact)
        work.session.add(Contact(**{**values, "is_main": contact is main}))
    if new.location:
        work.session.add(CustomerLocation(**proposal_values(work, customer.id, new.location)))
    await claim_keys(work, customer)
    audit.record(work, "customer.created", "customer", customer.id, {"name": (None, customer.name)})
    await index.refresh(work, [customer.id])
    return customer
