"""Whom to talk to there."""

from typing import Any

from sqlalchemy import func, select, update

from ...access.fields import eyes_of
from ...custom_fields.values import Changed
from ...errors import NotFound
from ...history import audit
from ...work import Work
from .. import contact_fields, index
from ..duplicates import claim_keys
from ..errors import TooManyContacts
from ..field_view import refuse_guarded
from ..models import Contact, Customer
from ..new_rows import contact_values, refuse_unreadable
from ..org_chart import let_go, refuse_circle
from ..own_fields import audited
from ..phones import phone_key
from ..schemas import ContactChange, ContactIn
from .holding import held_for_editing, touch

MOST_CONTACTS = 100
TAKEN_BACK = ("attitude", "reports_to")
WHICH = "contact_id"  # the name under which an audit entry has the contact's id


async def add_contact(work: Work, customer_id: str, new: ContactIn) -> Contact:
    """The first contact of a customer is its main one. Raises as `contact_fields.begin`, too."""
    own = await contact_fields.eyes_to_add(work)
    customer = await held_for_editing(work, customer_id)
    refuse_guarded(work, customer, {"phone": new.phone, "contacts": new.name})
    refuse_unreadable(new.phone)
    known = await work.session.scalar(
        select(func.count()).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id
        )
    )
    if known and known >= MOST_CONTACTS:
        raise TooManyContacts(name=customer.name, limit=MOST_CONTACTS)
    contact = Contact(**contact_values(work, customer.id, new))
    contact.is_main = new.is_main or not known
    await refuse_circle(work, contact, contact.reports_to)
    kept = await contact_fields.begin(work, own, customer.owner_id, contact, new.custom)
    work.session.add(contact)
    await _keep(work, customer, contact)
    audit.record(work, "contact.added", "customer", customer.id, audited_new(contact, kept))
    return contact


async def edit_contact(
    work: Work, customer_id: str, contact_id: str, change: ContactChange
) -> Contact:
    """Change what is set in `change`; raises as `contact_fields.put`, too."""
    customer = await held_for_editing(work, customer_id)
    contact = await _contact_of(work, customer, contact_id)
    wanted = change.model_dump(exclude_unset=True)
    wanted = {key: to for key, to in wanted.items() if to is not None or key in TAKEN_BACK}
    own = wanted.pop("custom", {})
    wanted = refuse_guarded(work, customer, wanted, contact)
    refuse_unreadable(wanted.get("phone", ""))
    await refuse_circle(work, contact, wanted.get("reports_to"))
    changed = {
        key: (getattr(contact, key), to)
        for key, to in wanted.items()
        if getattr(contact, key) != to
    }
    for key, (_, to) in changed.items():
        setattr(contact, key, to)
    contact.phone_key = phone_key(contact.phone)
    kept = await contact_fields.put(work, customer.owner_id, contact, own) if own else {}
    await _keep(work, customer, contact)
    change_of = {**whose(contact), **changed, **audited(kept)}
    audit.record(work, "contact.edited", "customer", customer.id, change_of)
    return contact


async def remove_contact(work: Work, customer_id: str, contact_id: str) -> None:
    customer = await held_for_editing(work, customer_id)
    contact = await _contact_of(work, customer, contact_id)
    await let_go(work, contact)
    lost = {"name": (contact.name, None), WHICH: (contact.id, None)}
    lost |= await contact_fields.let_go(work, contact)
    await work.session.delete(contact)
    await work.session.flush()
    touch(work, customer)
    await claim_keys(work, customer, is_named_anew=False)
    audit.record(work, "contact.removed", "customer", customer.id, lost)
    await contact_fields.say(work, [customer.id])
    await index.refresh(work, [customer.id])


def whose(contact: Contact) -> dict[str, tuple[Any, Any]]:
    """How an audit entry of his customer says that it is about him."""
    return {"contact": (None, contact.name), WHICH: (None, contact.id)}


def audited_new(contact: Contact, kept: Changed) -> dict[str, tuple[Any, Any]]:
    """What an audit entry says of a contact that was added."""
    return {"name": (None, contact.name), WHICH: (None, contact.id), **audited(kept)}


async def _keep(work: Work, customer: Customer, contact: Contact) -> None:
    """What every change of a contact brings with it."""
    await work.session.flush()
    if contact.is_main:
        await work.session.execute(
            update(Contact)
            .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == customer.id)
            .where(Contact.id != contact.id, Contact.is_main)
            .values(is_main=False)
        )
    touch(work, customer)
    await claim_keys(work, customer, is_named_anew=False)
    await contact_fields.say(work, [customer.id])
    await index.refresh(work, [customer.id])


async def _contact_of(work: Work, customer: Customer, contact_id: str) -> Contact:
    contact = await work.session.get(Contact, (work.tenant_id, contact_id))
    is_shown = eyes_of(work).shows_contacts(customer)
    if contact is None or contact.customer_id != customer.id or not is_shown:
        raise NotFound()
    return contact
