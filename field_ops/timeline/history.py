"""The history of one field of a customer: who made what of it, when, through what."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from sqlalchemy import Text as SqlText
from sqlalchemy import cast, select

from ..access.fields import eyes_of
from ..customers.models import Customer
from ..customers.queries import find_customer
from ..errors import Invalid
from ..history.models import AuditEntry
from ..texts import Text
from ..work import Work
from . import cursor
from .cursor import Place, older
from .kinds import MEMBERS, WITH_HISTORY
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

    customer: Customer
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
    newest = nlargest(limit + 1, entries, key=lambda entry: _place(entry).order)
    page = newest[:limit]
    name_of = await names_of_actors(work, _mentioned(customer, name, page))
    return FieldHistory(
        customer=customer,
        entries=page,
        next=_place(page[-1]).written() if len(newest) > limit else "",
        teller=Teller(
            eyes_of(work),
            await own_words(work, page),
            customer,
            name_of,
            is_close=await is_close(work, customer),
        ),
        name_of=name_of,
    )


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
