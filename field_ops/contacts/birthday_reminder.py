"""The owner hears of a contact's birthday three days before and on the day (domain.md §12.1)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import and_, or_, select

from ..customers.models import Contact, Customer
from ..host.messages import Wording
from ..reminders.actions import remind
from ..reminders.rules import Due, Rule
from ..work import Work
from .birthdays import next_birthday
from .messages import birthday_card
from .models import ContactTraits

SENT_AT = time(9)
BEFORE = (timedelta(days=3), timedelta())
LOOKS_AHEAD = timedelta(days=4)  # a day more than needed: the job may run late
AT_ONCE = 200


async def promise_birthdays(work: Work, after: str = "") -> str:
    """Promise the birthdays of the days to come, and reckon anew those that are over, of the next
    contacts behind `after`. Returns the last of them, "" when there are no more. Again is nothing.
    """
    rows = await work.session.execute(
        select(ContactTraits, Customer.owner_id)
        .join(
            Contact,
            and_(
                Contact.tenant_id == ContactTraits.tenant_id,
                Contact.id == ContactTraits.contact_id,
            ),
        )
        .join(
            Customer,
            and_(Customer.tenant_id == Contact.tenant_id, Customer.id == Contact.customer_id),
        )
        .where(
            ContactTraits.tenant_id == work.tenant_id,
            ContactTraits.next_birthday_on <= work.today + LOOKS_AHEAD,
            ContactTraits.contact_id > after,
            Customer.removed_at.is_(None),
        )
        .order_by(ContactTraits.contact_id)
        .limit(AT_ONCE)
    )
    last = ""
    for traits, owner_id in rows.all():
        last = traits.contact_id
        birthday = traits.birthday
        if birthday is None:
            continue
        day = traits.next_birthday_on = next_birthday(birthday, work.today)
        for before in BEFORE:
            due_at = _due_at(work, day - before)
            if owner_id is not None and work.now <= due_at <= work.now + LOOKS_AHEAD:
                await remind(work, BIRTHDAY.name, due_at, [(traits.contact_id, owner_id)])
    await work.session.flush()
    return last


async def birthday_cards(work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
    """A card for each whose birthday it still is, to whoever still owns the customer."""
    rows = await work.session.execute(
        select(ContactTraits, Contact, Customer)
        .join(
            Contact,
            and_(
                Contact.tenant_id == ContactTraits.tenant_id,
                Contact.id == ContactTraits.contact_id,
            ),
        )
        .join(
            Customer,
            and_(Customer.tenant_id == Contact.tenant_id, Customer.id == Contact.customer_id),
        )
        .where(
            ContactTraits.tenant_id == work.tenant_id,
            or_(*(ContactTraits.contact_id == one.subject_id for one in due)),
        )
    )
    known = {traits.contact_id: (traits, contact, customer) for traits, contact, customer in rows}
    cards: dict[str, Wording] = {}
    for one in due:
        if one.subject_id not in known:
            continue  # he took his consent back, or is not there any more
        traits, contact, customer = known[one.subject_id]
        birthday, told_on = traits.birthday, work.on(one.due_at)
        if birthday is None or customer.owner_id != one.member_id:
            continue
        day = next_birthday(birthday, told_on)
        if day - told_on in BEFORE:
            about = " · ".join(filter(None, (customer.name, contact.title)))
            cards[one.id] = partial(
                birthday_card, contact.name, about, birthday, day, day == told_on, customer.id
            )
    return cards


def _due_at(work: Work, day: date) -> datetime:
    return datetime.combine(day, SENT_AT, work.zone).astimezone(UTC)


BIRTHDAY = Rule("birthday", birthday_cards)
