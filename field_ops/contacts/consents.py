"""Consent of a contact: one record for everything that we keep of him as a person."""

from sqlalchemy import delete, select

from ..access.fields import eyes_of
from ..access.roles import FieldLevel
from ..customers.models import Contact, Customer
from ..db import new_id
from ..errors import NotFound
from ..history import audit
from ..work import Work
from .models import PRESENT_TEXT, ContactConsent, ContactTraits


async def consent_of(work: Work, contact_id: str) -> ContactConsent | None:
    """The consent that is in force."""
    found: ContactConsent | None = await work.session.scalar(
        select(ContactConsent).where(
            ContactConsent.tenant_id == work.tenant_id,
            ContactConsent.contact_id == contact_id,
            ContactConsent.revoked_at.is_(None),
        )
    )
    return found


async def give(work: Work, contact: Contact, how: str) -> bool:
    """He agrees to the present text. False when he did already; one to less ends with this one.

    The caller holds his customer, and may change it.
    """
    known = await consent_of(work, contact.id)
    if known is not None and known.version >= PRESENT_TEXT:
        return False
    if known is not None:
        known.revoked_at, known.revoked_by = work.now, work.actor.member_id
        await work.session.flush()  # of two in force the database takes one
    work.session.add(
        ContactConsent(
            tenant_id=work.tenant_id,
            id=new_id(),
            contact_id=contact.id,
            how=how,
            given_at=work.now,
            recorded_by=work.actor.member_id,
        )
    )
    change = {
        "how": (None, how),
        "version": (known.version if known else None, PRESENT_TEXT),
    }
    audit.record(work, "contact.consent_given", "contact", contact.id, change)
    await work.session.flush()
    return True


async def take_back(work: Work, contact: Contact) -> bool:
    """He does not agree any more: what was kept of him as a person is erased. False: there was no
    consent. The caller holds his customer, and may change it."""
    consent = await consent_of(work, contact.id)
    if consent is None:
        return False
    consent.revoked_at, consent.revoked_by = work.now, work.actor.member_id
    await work.session.execute(
        delete(ContactTraits).where(
            ContactTraits.tenant_id == work.tenant_id, ContactTraits.contact_id == contact.id
        )
    )
    await work.session.flush()
    return True


async def contact_of(work: Work, customer: Customer, contact_id: str) -> Contact:
    """Raises NotFound unless he is at this customer, and the actor sees who is there."""
    contact = await work.session.get(Contact, (work.tenant_id, contact_id))
    is_shown = eyes_of(work).shows_contacts(customer)
    if contact is None or contact.customer_id != customer.id or not is_shown:
        raise NotFound()
    return contact


def sees_persons(work: Work, customer: Customer) -> bool:
    """Whoever does not see his phone is told nothing else of him as a person, nor notes it."""
    return eyes_of(work).level("phone", customer) >= FieldLevel.READ
