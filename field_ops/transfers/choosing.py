"""Which customers are meant, who may get them, and how they are shared out.

Preview and transfer ask the same questions, so that what is done is what was shown.
"""

from collections.abc import Sequence

from sqlalchemy import Select, and_, func, select

from ..access import reaches, require, visible
from ..customers.models import Customer
from ..errors import NotAllowed
from ..people.models import Member
from ..work import Work
from .errors import NothingToTransfer, ReceiverNotYours, ToHimself, TooManyAtOnce
from .schemas import TransferAsk

MAY = "customers.transfer"
MOST = 2000


async def chosen(work: Work, wanted: TransferAsk) -> list[tuple[Customer, str]]:
    """(customer, who gets it) in the order in which they are dealt. Needs `customers.transfer`.

    Raises ToHimself, NotAllowed, ReceiverNotYours, NothingToTransfer or TooManyAtOnce.
    """
    require(work, MAY)
    receivers = list(dict.fromkeys(wanted.to_ids))
    if wanted.from_id in receivers:
        raise ToHimself()
    known = await work.session.execute(
        select(Member.id, Member.state).where(
            Member.tenant_id == work.tenant_id,
            Member.id.in_([wanted.from_id, *receivers]),
            reaches(work, MAY, Member.id),
        )
    )
    states = {member_id: state for member_id, state in known}  # noqa: C416 - rows are not pairs
    if wanted.from_id not in states:
        raise NotAllowed()
    if any(states.get(one) != "active" for one in receivers):
        raise ReceiverNotYours()
    rows = (await work.session.scalars(_meant(work, wanted).limit(MOST + 1))).all()
    if not rows:
        raise NothingToTransfer()
    if len(rows) > MOST:
        raise TooManyAtOnce(limit=MOST)
    return [(row, receivers[at % len(receivers)]) for at, row in enumerate(rows)]


async def people_of(work: Work) -> Sequence[tuple[str, str, int, bool]]:
    """(id, name, how many he owns, whether he is here) of whom I look over, who has some first."""
    require(work, MAY)
    held = func.count(Customer.id)
    rows = await work.session.execute(
        select(Member.id, Member.name, held, Member.state)
        .outerjoin(
            Customer,
            and_(
                Customer.tenant_id == Member.tenant_id,
                Customer.owner_id == Member.id,
                Customer.removed_at.is_(None),
            ),
        )
        .where(Member.tenant_id == work.tenant_id, reaches(work, MAY, Member.id))
        .group_by(Member.id, Member.name, Member.state)
        .order_by(held.desc(), Member.name, Member.id)
    )
    found = [(id_, name, count, state == "active") for id_, name, count, state in rows]
    return [one for one in found if one[2] or one[3]]


def _meant(work: Work, wanted: TransferAsk) -> Select[Customer]:
    """By level, so that several receivers get as many of each."""
    query: Select[Customer] = visible(work, Customer).where(
        Customer.owner_id == wanted.from_id, reaches(work, MAY, Customer.owner_id)
    )
    for column, value in (
        (Customer.level, wanted.level),
        (Customer.lifecycle_stage, wanted.lifecycle_stage),
        (Customer.city, wanted.city),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.customer_ids:
        query = query.where(Customer.id.in_(wanted.customer_ids))
    return query.order_by(Customer.level, Customer.id)
