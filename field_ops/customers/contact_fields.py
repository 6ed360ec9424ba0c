"""Fields that the company made for contacts, where these are added, changed, shown and let go.

How far one sees them goes by the customer where somebody works: a pool that hides its contacts
hides all of it. The values stand in the contact's own row, so they go along wherever it goes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ..access.fields import Eyes
from ..custom_fields import values
from ..custom_fields.fields import BUILT_IN, Fields, fields_for
from ..custom_fields.models import CONTACT
from ..custom_fields.sight import OwnEyes, own_eyes
from ..custom_fields.types import Value
from ..custom_fields.values import Changed
from ..work import Work
from .models import Contact, Customer
from .own_fields import audited, find, texts_of
from .schemas import ContactOut
from .searchable import say_searchable


async def eyes_to_add(work: Work) -> OwnEyes:
    """For whoever adds contacts: nobody changes the fields before the commit. Asked before a
    customer is held, in the order in which the background takes the two."""
    return await own_eyes(work, CONTACT, until_commit=True)


async def begin(
    work: Work, eyes: OwnEyes, owner_id: str | None, contact: Contact, wanted: Mapping[str, Value]
) -> Changed:
    """The values of a new contact, with what is usual where nothing was said.

    Raises FieldValueMissing, or as `put`.
    """
    if not eyes.fields.by_key and not wanted:
        return {}
    read = await values.read(work, eyes, owner_id, {}, wanted, find)
    given = {**values.usual(eyes.fields, wanted), **read}
    values.refuse_missing(eyes, owner_id, {**given, **built_in(contact)}, None)
    return await values.keep(work, eyes.fields, contact, given)


async def put(
    work: Work, owner_id: str | None, contact: Contact, wanted: Mapping[str, Value]
) -> Changed:
    """Change these values of a contact whose customer the caller holds; None empties one.

    Raises NoSuchField, FieldIsComputed, OwnFieldNotYours, FieldValueWrong or FieldValueMissing.
    """
    eyes = await own_eyes(work, CONTACT)
    before = contact.custom
    changed = await values.read(work, eyes, owner_id, before, wanted, find)
    after = {**before, **changed, **built_in(contact)}
    values.refuse_missing(eyes, owner_id, after, list(changed))
    return await values.keep(work, eyes.fields, contact, changed)


async def settle(work: Work, contact: Contact, chosen: Mapping[str, Value]) -> Changed:
    """Give a contact values that were right before, as when an import is taken back."""
    return await values.keep(work, await fields_for(work, CONTACT), contact, chosen)


async def let_go(work: Work, contact: Contact) -> dict[str, tuple[Value, Value]]:
    """The contact is about to be deleted; what the audit trail says was lost with it."""
    await values.forget(work, [contact.id])
    return audited({key: (value, None) for key, value in contact.custom.items()})


async def say(work: Work, customer_ids: Iterable[str]) -> None:
    """Let customers be looked up by what their contacts have now. Who writes contacts calls it
    last: it asks the database."""
    fields = await fields_for(work, CONTACT)
    if not any(one.spec.searchable for one in fields):
        return
    await work.session.flush()
    await say_searchable(work, "contact", await texts_by_customer(work, fields, customer_ids))


async def texts_by_customer(
    work: Work, fields: Fields, customer_ids: Iterable[str]
) -> dict[str, list[str]]:
    """By what of the own fields of its contacts each customer is looked up."""
    texts: dict[str, list[str]] = {one: [] for one in customer_ids}
    rows = await work.session.execute(
        select(Contact.customer_id, Contact.id, Contact.custom).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(texts)
        )
    )
    for customer_id, _, kept in sorted(rows, key=lambda row: row[1]):
        texts[customer_id] += texts_of(fields, kept)
    return texts


def built_in(contact: Any) -> dict[str, Value]:
    """What a field's conditions may ask for, beside other fields of the company's own."""
    return {name: getattr(contact, name) for name in BUILT_IN[CONTACT]}


def guarded(own: OwnEyes, customer: Customer) -> dict[str, str]:
    """Which own fields of its contacts are not open, and how far they are."""
    levels = own.guarded(customer.owner_id)
    return {f"contacts.{name}": level for name, level in levels.items()}


def contacts_out(
    eyes: Eyes,
    own: OwnEyes,
    customer: Customer,
    contacts: Sequence[Contact],
    phone_of: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Whom to talk to there as JSON; nobody where the reader does not see contacts. `phone_of` has
    the phones by contact, as they are shown in that place."""
    if not eyes.shows_contacts(customer):
        return []
    return [
        {
            **{name: getattr(contact, name) for name in PLAIN},
            "phone": phone_of[contact.id],
            "custom": own.shown(customer.owner_id, contact.custom),
        }
        for contact in contacts
    ]


PLAIN = tuple(name for name in ContactOut.model_fields if name not in ("phone", "custom"))


async def forget_of(work: Work, customer_ids: Collection[str]) -> None:
    """All contacts of these customers are about to be deleted."""
    ids = await work.session.scalars(
        select(Contact.id).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(customer_ids)
        )
    )
    await values.forget(work, ids.all())
