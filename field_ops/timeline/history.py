"""The history of one field of a customer or a contact: who made what of it, when, through what."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from sqlalchemy import Text as SqlText
from sqlalchemy import cast, or_, select

from ..access.fields import eyes_of
from ..contacts.consents import contact_of
from ..contacts.models import ContactMove
from ..custom_fields.models import CONTACT, CUSTOMER
from ..customers.actions.contacts import WHICH
from ..customers.models import Contact, Customer
from ..customers.queries import find_customer
from ..errors import Invalid
from ..history.models import AuditEntry
from ..merges.models import CustomerMerge
from ..texts import Text
from ..work import Work
from . import cursor
from .cursor import Place, older
from .kinds import MEMBERS, OF_CONTACTS, WITH_HISTORY
from .own import own_words
from .queries import is_close, merged_into, names_of_actors
from .telling import Teller


class FieldWithoutHistory(Invalid):
    sentence = Text(
        "没有「{field}」这个字段的变更记录，可以看的有：{known}。",
        "There is no history of a field {field}. Known fields: {known}.",
    )


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """Newest first; `next` is where the older ones begin."""

    record: Customer | Contact
    entries: Sequence[AuditEntry]
    next: str
    teller: Teller
    name_of: dict[str, str]


async def field_history(
    work: Work, customer_id: str, name: str, after: str, limit: int
) -> FieldHistory:
    """Raises NotFound, FieldWithoutHistory and TimelineCursorUnreadable."""
    customer = await find_customer(work, customer_id)
    if name not in WITH_HISTORY and (await own_words(work, ())).field(name) is None:
        raise FieldWithoutHistory(field=name, known=", ".join(WITH_HISTORY))
    below, entries = cursor.read(after), list[AuditEntry]()
    for one in [customer.id, *await merged_into(work, customer.id)]:
        entries += await _changes(work, one, name, below, limit + 1)
    return await _page(work, customer, customer, name, entries, limit)


async def contact_history(
    work: Work, customer_id: str, contact_id: str, name: str, after: str, limit: int
) -> FieldHistory:
    """Of a contact: it goes along when he works elsewhere. Raises as `field_history`."""
    customer = await find_customer(work, customer_id)
    contact = await contact_of(work, customer, contact_id)
    if name not in OF_CONTACTS and (await own_words(work, (), CONTACT)).field(name) is None:
        raise FieldWithoutHistory(field=name, known=", ".join(OF_CONTACTS))
    below, entries = cursor.read(after), list[AuditEntry]()
    for one in await _where_he_was(work, customer.id, contact.id):
        entries += await _changes_of_contact(work, one, contact.id, name, below, limit + 1)
    return await _page(work, customer, contact, name, entries, limit)


async def _page(
    work: Work,
    customer: Customer,
    record: Customer | Contact,
    name: str,
    entries: Sequence[AuditEntry],
    limit: int,
) -> FieldHistory:
    newest = nlargest(limit + 1, entries, key=lambda entry: _place(entry).order)
    page = newest[:limit]
    name_of = await names_of_actors(work, _mentioned(customer, name, page))
    return FieldHistory(
        record=record,
        entries=page,
        next=_place(page[-1]).written() if len(newest) > limit else "",
        teller=Teller(
            eyes_of(work),
            await own_words(work, page, CONTACT if isinstance(record, Contact) else CUSTOMER),
            customer,
            name_of,
            is_close=await is_close(work, customer),
        ),
        name_of=name_of,
    )


async def _where_he_was(work: Work, customer_id: str, contact_id: str) -> set[str]:
    """Customers whose entries tell of him: where he is, where he was, and what these were merged
    with, whether that was undone or not."""
    moves = await work.session.execute(
        select(ContactMove.from_id, ContactMove.to_id).where(
            ContactMove.tenant_id == work.tenant_id, ContactMove.contact_id == contact_id
        )
    )
    were = {customer_id, *(one for move in moves for one in move)}
    merges = await work.session.execute(
        select(CustomerMerge.master_id, CustomerMerge.loser_id).where(
            CustomerMerge.tenant_id == work.tenant_id,
            or_(CustomerMerge.master_id.in_(were), CustomerMerge.loser_id.in_(were)),
        )
    )
    return were | {one for merge in merges for one in merge}


async def _changes_of_contact(
    work: Work, customer_id: str, contact_id: str, name: str, below: Place | None, limit: int
) -> Sequence[AuditEntry]:
    """The entries of one customer that are about this contact and name the field."""
    written = cast(AuditEntry.change, SqlText)
    found = await work.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.tenant_id == work.tenant_id, AuditEntry.subject_id == customer_id)
        .where(AuditEntry.subject == "customer", AuditEntry.action.startswith("contact."))
        .where(written.contains(f'"{name}":'), written.contains(f'"{contact_id}"'))
        .where(older(AuditEntry.at, AuditEntry.id, 0, below))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return [
        entry
        for entry in found
        if name in entry.change and contact_id in entry.change.get(WHICH, ())
    ]


async def _changes(
    work: Work, customer_id: str, name: str, below: Place | None, limit: int
) -> Sequence[AuditEntry]:
    """The entries of the record itself, not of its contacts, that name the field."""
    found = await work.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.tenant_id == work.tenant_id, AuditEntry.subject_id == customer_id)
        .where(AuditEntry.subject == "customer", AuditEntry.action.startswith("customer."))
        .where(cast(AuditEntry.change, SqlText).contains(f'"{name}":'))
        .where(older(AuditEntry.at, AuditEntry.id, 0, below))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    # A value may quote the name of a field; only a key is a change of it.
    return [entry for entry in found if name in entry.change]


def _place(entry: AuditEntry) -> Place:
    return Place(entry.at, 0, entry.id)


def _mentioned(customer: Customer, name: str, page: Sequence[AuditEntry]) -> set[str | None]:
    mentioned = {entry.member_id for entry in page}
    if name in MEMBERS:
        mentioned |= {one for entry in page for one in entry.change[name]} | {customer.owner_id}
    return mentioned
