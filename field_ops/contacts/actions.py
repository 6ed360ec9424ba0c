"""The verbs of contacts as persons: noting what he is like, and that he went to another company."""

from sqlalchemy import func, select

from ..access.fields import eyes_of
from ..customers import contact_fields, index
from ..customers.actions.contacts import MOST_CONTACTS, WHICH
from ..customers.actions.holding import held_for_editing, touch
from ..customers.duplicates import claim_keys
from ..customers.errors import OnlyReading, TooManyContacts
from ..customers.models import Contact, Customer
from ..customers.org_chart import let_go
from ..db import new_id
from ..errors import NotAllowed, NotFound
from ..history import audit
from ..work import Work
from .birthdays import Birthday, next_birthday
from .consents import consent_of, contact_of, sees_persons
from .errors import ConsentMissing, MovedNowhere, NoSuchDay
from .models import CHATS_AND_PERSON, ContactMove, ContactTraits
from .schemas import TraitsIn

NOTED = ("gender", "age_band", "income_band", "style", "preferences")


async def note_traits(work: Work, customer_id: str, contact_id: str, said: TraitsIn) -> None:
    """Keep all of it in the place of what was kept. Raises ConsentMissing and NoSuchDay."""
    customer = await held_for_editing(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    if not sees_persons(work, customer):
        raise NotAllowed()
    consent = await consent_of(work, contact.id)
    if consent is None or consent.version < CHATS_AND_PERSON:
        raise ConsentMissing(name=contact.name)
    birthday = Birthday(**said.birthday.model_dump()) if said.birthday else None
    if birthday is not None and not birthday.exists:
        raise NoSuchDay()
    traits = await work.session.get(ContactTraits, (work.tenant_id, contact.id))
    if traits is None:
        traits = ContactTraits(tenant_id=work.tenant_id, contact_id=contact.id)
        work.session.add(traits)
    wanted = {name: getattr(said, name) for name in NOTED} | _birth(birthday)
    changed = sorted(name for name, to in wanted.items() if getattr(traits, name) != to)
    for name, to in wanted.items():
        setattr(traits, name, to)
    traits.next_birthday_on = next_birthday(birthday, work.today) if birthday else None
    traits.noted_by, traits.noted_at = work.actor.member_id, work.now
    # The audit trail is kept for ever: what he is like stays out of it.
    audit.record(work, "contact.traits_noted", "contact", contact.id, {"fields": (None, changed)})
    await work.session.flush()


async def move(
    work: Work, customer_id: str, contact_id: str, to_customer_id: str, title: str
) -> None:
    """He works at another customer now; where he was keeps it as history. Needs the right to
    change both. Said a second time it changes nothing."""
    if to_customer_id == customer_id:
        raise MovedNowhere()
    # In one order, so that two who move people to and fro wait for each other.
    held: dict[str, Customer] = {}
    for one in sorted((customer_id, to_customer_id)):
        try:
            held[one] = await held_for_editing(work, one)
        except (NotFound, OnlyReading) as failure:
            if one == customer_id:
                raise
            raise MovedNowhere() from failure
    old, new = held[customer_id], held[to_customer_id]
    contact = await work.session.get(Contact, (work.tenant_id, contact_id))
    if contact is None or contact.customer_id not in (old.id, new.id) or old is new:
        raise NotFound()
    if contact.customer_id == new.id:
        return
    if not eyes_of(work).shows_contacts(old):
        raise NotFound()
    there = await _count(work, new.id)
    if there >= MOST_CONTACTS:
        raise TooManyContacts(name=new.name, limit=MOST_CONTACTS)
    _remember(work, contact, old, new)
    await let_go(work, contact)
    was_main, contact.is_main = contact.is_main, there == 0
    contact.customer_id, contact.title = new.id, title
    await work.session.flush()
    if was_main:
        await _choose_main(work, old.id)
    for customer in (old, new):  # where he was lets go of his phone before the other asks for it
        touch(work, customer)
        await claim_keys(work, customer, is_named_anew=False)
    await contact_fields.say(work, [old.id, new.id])
    await index.refresh(work, [old.id, new.id])


def _remember(work: Work, contact: Contact, old: Customer, new: Customer) -> None:
    work.session.add(
        ContactMove(
            tenant_id=work.tenant_id,
            id=new_id(),
            contact_id=contact.id,
            name=contact.name,
            title=contact.title,
            from_id=old.id,
            to_id=new.id,
            at=work.now,
            by_id=work.actor.member_id,
        )
    )
    change = {
        "name": (None, contact.name),
        WHICH: (None, contact.id),
        "customer": (old.id, new.id),
    }
    for customer in (old, new):
        audit.record(work, "contact.moved", "customer", customer.id, change)


async def _count(work: Work, customer_id: str) -> int:
    found = await work.session.scalar(
        select(func.count()).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id == customer_id
        )
    )
    return found or 0


async def _choose_main(work: Work, customer_id: str) -> None:
    """Who is known longest of those who stayed."""
    contact: Contact | None = await work.session.scalar(
        select(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == customer_id)
        .order_by(Contact.id)
        .limit(1)
    )
    if contact is not None:
        contact.is_main = True
        await work.session.flush()


def _birth(birthday: Birthday | None) -> dict[str, object]:
    return {
        "birth_calendar": birthday.calendar if birthday else "",
        "birth_year": birthday.year if birthday else None,
        "birth_month": birthday.month if birthday else None,
        "birth_day": birthday.day if birthday else None,
        "birth_is_leap": birthday.is_leap if birthday else False,
    }
