"""Who else sees a customer: asked of `access` with each one's own eyes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import or_, select

from ..access import visible
from ..customers.models import Collaborator, Customer
from ..people.models import Member
from ..people.queries import actor_again, leaders_of
from ..work import Actor, Work

MOST_OFFERED = 10
MOST_ASKED = 30  # of a name that many have, the first ones


async def sees(work: Work, member_id: str, customer_id: str) -> bool:
    """Whether this member, as he may act now, sees the customer. Who is not active does not."""
    door = Actor(work.tenant_id, None, via=work.actor.via)
    acting = await actor_again(work.session, door, member_id)
    if acting is None:
        return False
    his = replace(work, actor=acting[0])
    seen = visible(his, Customer).where(Customer.id == customer_id)
    return await work.session.scalar(seen.with_only_columns(Customer.id)) is not None


async def who_see(work: Work, member_ids: Iterable[str], customer_id: str) -> set[str]:
    return {one for one in member_ids if await sees(work, one, customer_id)}


async def mentionable(work: Work, customer: Customer, typed: str) -> list[Member]:
    """Whom I may mention, for a list of few: by a part of the name, else who is close to it."""
    candidates = await (_named(work, typed) if typed else _close(work, customer))
    offered = list[Member]()
    for one in candidates:
        if one.id != work.actor.member_id and await sees(work, one.id, customer.id):
            offered.append(one)
        if len(offered) == MOST_OFFERED:
            break
    return offered


async def _named(work: Work, typed: str) -> Sequence[Member]:
    found = await work.session.scalars(
        select(Member)
        .where(Member.tenant_id == work.tenant_id, Member.state == "active")
        .where(Member.name.contains(typed, autoescape=True))
        .order_by(Member.name, Member.id)
        .limit(MOST_ASKED)
    )
    return found.all()


async def _close(work: Work, customer: Customer) -> Sequence[Member]:
    """Its owner, those above him and me, and those with whom it is shared."""
    close = {customer.owner_id or ""}
    for one in {customer.owner_id, work.actor.member_id} - {None}:
        close |= set(await leaders_of(work, str(one)))
    shared = select(Collaborator.member_id).where(
        Collaborator.tenant_id == work.tenant_id, Collaborator.customer_id == customer.id
    )
    found = await work.session.scalars(
        select(Member)
        .where(Member.tenant_id == work.tenant_id, Member.state == "active")
        .where(or_(Member.id.in_(close), Member.id.in_(shared)))
        .order_by(Member.name, Member.id)
        .limit(MOST_ASKED)
    )
    return found.all()
