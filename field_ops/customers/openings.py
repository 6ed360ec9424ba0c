"""Who opened the phones of another's customer (domain.md §14.5): kept, and told to the owner."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, and_, select

from ..access import reaches_row
from ..access.fields import eyes_of
from ..access.roles import FieldLevel
from ..db import kept_after, new_id
from ..people.models import Member
from ..work import Work
from .models import Customer, PhoneOpening
from .queries import Detail, find_customer

MOST = 100


def note_opened(work: Work, detail: Detail) -> None:
    """Remember it, when there is a phone, it is shown in full, and the customer is not my own."""
    phones = [detail.customer.phone, *(contact.phone for contact in detail.contacts)]
    note_phones_shown(work, detail.customer, phones)


def note_phones_shown(work: Work, customer: Customer, phones: Iterable[str]) -> None:
    """The same where only these phones of it are shown."""
    me = work.actor.member_id
    if me is None or customer.owner_id == me or not any(phones):
        return
    if eyes_of(work).level("phone", customer) < FieldLevel.READ:
        return
    opening = PhoneOpening(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=customer.id,
        member_id=me,
        at=work.now,
        via=work.actor.via,
    )
    kept_after(work.session, opening)


async def openings_of(work: Work, customer_id: str) -> Sequence[Row[PhoneOpening, str]]:
    """(opening, name of who it was), the newest first. Raises NotFound and NotAllowed."""
    customer = await find_customer(work, customer_id)
    if customer.owner_id is None or customer.owner_id != work.actor.member_id:
        allowed = "customers.view_log"
        await reaches_row(work, allowed, Customer, customer.id, Customer.owner_id)
    found = await work.session.execute(
        select(PhoneOpening, Member.name)
        .join(
            Member,
            and_(Member.tenant_id == PhoneOpening.tenant_id, Member.id == PhoneOpening.member_id),
        )
        .where(PhoneOpening.tenant_id == work.tenant_id, PhoneOpening.customer_id == customer.id)
        .order_by(PhoneOpening.id.desc())
        .limit(MOST)
    )
    return found.all()
