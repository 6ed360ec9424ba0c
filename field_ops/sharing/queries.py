"""With whom a customer is shared."""

from collections.abc import Sequence

from sqlalchemy import and_, select

from ..access import reaches
from ..customers.models import Collaborator, Customer
from ..customers.queries import find_customer
from ..people.models import Member
from ..work import Work


async def collaborators_of(work: Work, customer_id: str) -> Sequence[tuple[str, str, str]]:
    """(member id, name, access), by name. Raises NotFound for a customer out of sight."""
    customer = await find_customer(work, customer_id)
    rows = await work.session.execute(
        select(Collaborator.member_id, Member.name, Collaborator.access)
        .join(
            Member,
            and_(Member.tenant_id == Collaborator.tenant_id, Member.id == Collaborator.member_id),
        )
        .where(Collaborator.tenant_id == work.tenant_id, Collaborator.customer_id == customer.id)
        .order_by(Member.name, Member.id)
    )
    return [(member_id, name, access) for member_id, name, access in rows]


async def may_share(work: Work, customer_id: str) -> bool:
    """Whether the actor may say who else sees it: its owner, or who looks over him."""
    allowed = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id,
        Customer.id == customer_id,
        reaches(work, "customers.share", Customer.owner_id),
    )
    return await work.session.scalar(allowed) is not None
