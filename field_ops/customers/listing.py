"""All customers in the order of their last change, in pages: for programs that keep a copy."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, tuple_

from ..access import visible
from ..errors import Invalid
from ..texts import Text
from ..work import Work
from .filters import CustomerFilter, conditions
from .models import Contact, Customer


class CursorUnreadable(Invalid):
    sentence = Text(
        "分页位置无效，请从第一页重新开始。",
        "The cursor cannot be read. Begin again without one.",
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A page; `cursor` leads to what comes after it, and stays good when there is nothing yet."""

    customers: Sequence[Customer]
    contacts: dict[str, list[Contact]]
    cursor: str
    more: bool


async def all_customers(
    work: Work, wanted: CustomerFilter, cursor: str, limit: int, *, with_contacts: bool
) -> Listed:
    """The next customers that the actor may see, the longest unchanged first.

    Who goes on with the last cursor gets what was changed since, each customer once per change.
    Raises CursorUnreadable.
    """
    query = visible(work, Customer).where(*conditions(wanted))
    if cursor:
        query = query.where(tuple_(Customer.updated_at, Customer.id) > _position(cursor))
    found = await work.session.scalars(
        query.order_by(Customer.updated_at, Customer.id).limit(limit + 1)
    )
    rows = found.all()
    page = rows[:limit]
    contacts = await _contacts(work, [one.id for one in page]) if with_contacts else {}
    last = _cursor(page[-1]) if page else cursor
    return Listed(page, contacts, last, more=len(rows) > limit)


async def _contacts(work: Work, customer_ids: Sequence[str]) -> dict[str, list[Contact]]:
    found = await work.session.scalars(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(customer_ids))
        .order_by(Contact.is_main.desc(), Contact.id)
    )
    by_customer: dict[str, list[Contact]] = {}
    for contact in found:
        by_customer.setdefault(contact.customer_id, []).append(contact)
    return by_customer


def _cursor(last: Customer) -> str:
    written = f"{last.updated_at.astimezone(UTC).isoformat()}|{last.id}"
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        moment, _, customer_id = written.partition("|")
        at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError) as failure:
        raise CursorUnreadable() from failure
    if at.tzinfo is None or "\0" in customer_id or not 1 < at.year < 9999:
        raise CursorUnreadable()
    return at, customer_id
