"""Sharing a customer: it adds to what somebody sees, and never takes anything away."""

from functools import partial

from ..access import reaches_row, require
from ..customers.actions.holding import held
from ..customers.errors import OwnerUnknown
from ..customers.models import Collaborator, Customer
from ..customers.sight_lost import no_longer_shared
from ..errors import NotFound
from ..history import audit, changes
from ..outbox.post import post
from ..people.models import Member
from ..work import Work
from .messages import shared_with_you
from .schemas import Access


async def share(work: Work, customer_id: str, member_id: str, access: Access) -> None:
    """Let a colleague see a customer, or change it too; again changes what he may.

    Who shares it must reach its owner with `customers.share`: a collaborator shares nothing on.
    """
    require(work, "customers.share")
    customer = await held(work, customer_id)
    await reaches_row(work, "customers.share", Customer, customer.id, Customer.owner_id)
    member = await work.session.get(Member, (work.tenant_id, member_id))
    if member is None or member.state != "active":
        raise OwnerUnknown()
    known = await work.session.get(Collaborator, (work.tenant_id, customer.id, member.id))
    before = known.access if known else None
    if before == access:
        return
    if known is None:
        known = Collaborator(tenant_id=work.tenant_id, customer_id=customer.id, member_id=member.id)
        work.session.add(known)
    known.access = access
    change = {"access": (before, access), "member_id": (None, member.id)}
    audit.record(work, "customer.shared", "customer", customer.id, change)
    await work.session.flush()
    changes.moved(work, Customer, [customer.id])  # a copy of his is told of it
    if work.actor.member_id is not None and member.id != work.actor.member_id:
        me = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
        await post(
            work,
            to=member.id,
            message=partial(shared_with_you, me.name, customer.name, customer.id, access),
            kind="shared",
            once=f"shared-{customer.id}-{member.id}-{work.now:%Y%m%d%H%M%S}",
        )


async def unshare(work: Work, customer_id: str, member_id: str) -> None:
    """Take it back; a collaborator may take himself off.

    Raises NotFound when nothing was shared with this member.
    """
    customer = await held(work, customer_id)
    if member_id != work.actor.member_id:
        require(work, "customers.share")
        await reaches_row(work, "customers.share", Customer, customer.id, Customer.owner_id)
    known = await work.session.get(Collaborator, (work.tenant_id, customer.id, member_id))
    if known is None:
        raise NotFound()
    await work.session.delete(known)
    change = {"access": (known.access, None), "member_id": (member_id, None)}
    audit.record(work, "customer.unshared", "customer", customer.id, change)
    await work.session.flush()
    await no_longer_shared(work, customer.id, [member_id])
    changes.moved(work, Customer, [customer.id])
