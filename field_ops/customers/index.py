"""The lookup index, kept in the transaction that changes a customer; `candidates.py` asks it.

`customer_terms` is made by hand in a migration: FTS5 on SQLite; on PostgreSQL the owner, and an
array with GIN, as numbers. Every term carries its tenant, so that one company's words never cost
another company time.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import (
    Table,
    delete,
    exists,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..db import is_sqlite
from ..geo import Point
from ..work import Work
from . import pinyin
from .cells import cell_of
from .models import Contact, Customer, CustomerLocation, CustomerSearch, CustomerText
from .names import matching_form
from .phones import read_phones
from .terms import ADDRESS, Document, owner_term, term_number, terms_of

CHUNK = 1000
MENDED_AT_ONCE = 200  # of one transaction, about a tenth of a second
LONGEST_NAME = 400  # NFKC makes some names longer than they were typed

CHANGING = ("name", "contacts", "phones", "asides", "owner_id", "lat", "lng", "cell")

COUNTED = (
    "customer",
    "customer_location",
    "customer_search",
    "customer_terms",
    "customer_visitor",
    "contact",
)


async def refresh(work: Work, customer_ids: Iterable[str]) -> None:
    """Make these customers findable as they are now; removed ones are forgotten."""
    await pinyin.ready()
    ids = sorted(customer_ids)
    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        documents = await _documents(work, chunk)
        await _forget(work, [one for one in chunk if one not in documents])
        if documents:
            await _remember(work, documents, await _places(work, chunk))


async def place(work: Work, customer_id: str) -> None:
    """Make this customer findable where it is now; what it is called did not change."""
    places = await _places(work, [customer_id])
    await work.session.execute(
        update(CustomerSearch)
        .where(CustomerSearch.tenant_id == work.tenant_id)
        .where(CustomerSearch.customer_id == customer_id)
        .values(_placed(places.get(customer_id)))
    )


async def rebuild(work: Work) -> int:
    """Index every customer of the tenant again; returns how many there are."""
    known = select(CustomerSearch.customer_id).where(CustomerSearch.tenant_id == work.tenant_id)
    present = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id, Customer.removed_at.is_(None)
    )
    ids = (await work.session.scalars(present)).all()
    await refresh(work, {*ids, *(await work.session.scalars(known))})
    await take_stock(work)
    return len(ids)


async def missing(work: Work, after: str = "") -> Sequence[str]:
    """The next customers behind `after` that are there and cannot be found, as after an upgrade."""
    indexed = exists().where(
        CustomerSearch.tenant_id == Customer.tenant_id, CustomerSearch.customer_id == Customer.id
    )
    found = await work.session.scalars(
        select(Customer.id)
        .where(
            Customer.tenant_id == work.tenant_id,
            Customer.id > after,
            Customer.removed_at.is_(None),
            ~indexed,
        )
        .order_by(Customer.id)
        .limit(MENDED_AT_ONCE)
    )
    return found.all()


async def take_stock(work: Work) -> None:
    """Tell PostgreSQL how much there is, after many rows at once.

    It would find out by itself within a minute of the commit, and read whole tables until then.
    SQLite is asked in ways that need no statistics.
    """
    if not is_sqlite(work.session):
        await work.session.execute(text(f"ANALYZE {', '.join(COUNTED)}"))


async def _documents(work: Work, ids: Sequence[str]) -> dict[str, Document]:
    """What these customers can be found by now."""
    customers = await work.session.execute(
        select(
            Customer.id,
            Customer.number,
            Customer.name,
            Customer.owner_id,
            Customer.phone,
            Customer.address,
        )
        .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
        .where(Customer.removed_at.is_(None))
        .order_by(Customer.id)  # the longest known get the smallest documents
    )
    contacts = await work.session.execute(
        select(Contact.id, Contact.customer_id, Contact.name, Contact.phone).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id.in_(ids)
        )
    )
    people: dict[str, list[tuple[str, str]]] = {}
    # Sorted here: SQLite would read every contact of the company in the order of their ids.
    for _, customer_id, name, phone in sorted(contacts):
        people.setdefault(customer_id, []).append((name, phone))
    asides = await _asides(work, ids)
    return {
        customer_id: Document(
            number=number,
            name=matching_form(name)[:LONGEST_NAME],
            contacts=tuple(matching_form(name) for name, _ in people.get(customer_id, ())),
            phones=_digits([phone, *(phone for _, phone in people.get(customer_id, ()))]),
            owner_id=owner_id,
            asides=(*_address(address), *asides.get(customer_id, ())),
        )
        for customer_id, number, name, owner_id, phone, address in customers
    }


async def _asides(work: Work, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """What other folders said of these customers (`searchable.py`), as pairs of source and text."""
    found = await work.session.execute(
        select(CustomerText.customer_id, CustomerText.source, CustomerText.texts)
        .where(CustomerText.tenant_id == work.tenant_id, CustomerText.customer_id.in_(ids))
        .order_by(CustomerText.source)
    )
    asides: dict[str, list[tuple[str, str]]] = {}
    for customer_id, source, lines in found:
        asides.setdefault(customer_id, []).extend((source, one) for one in lines.split("\n"))
    return asides


def _address(written: str) -> tuple[tuple[str, str], ...]:
    address = matching_form(written)
    return ((ADDRESS, address),) if address else ()


async def _places(work: Work, ids: Sequence[str]) -> dict[str, Point]:
    """Where each customer is: of several places the confirmed one, else the newest proposal."""
    found = await work.session.execute(
        select(CustomerLocation.customer_id, CustomerLocation.lat, CustomerLocation.lng)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id.in_(ids), CustomerLocation.status != "past")
        .order_by(CustomerLocation.status.desc(), CustomerLocation.id)  # the last one stays
    )
    return {customer_id: Point(lat, lng) for customer_id, lat, lng in found}


def _placed(place: Point | None) -> dict[str, float | None]:
    if place is None:
        return {"lat": None, "lng": None, "cell": None}
    return {"lat": place.lat, "lng": place.lng, "cell": cell_of(place)}


def _digits(phones: Iterable[str]) -> tuple[str, ...]:
    """The digits that people type; an unreadable number is found by the digits it has."""
    found: dict[str, None] = {}
    for written in filter(None, phones):
        read = read_phones(written)
        digits = (
            [phone.digits for phone in read] if read else ["".join(filter(str.isdecimal, written))]
        )
        found |= dict.fromkeys(filter(None, digits))
    return tuple(found)


async def _remember(work: Work, documents: dict[str, Document], places: dict[str, Point]) -> None:
    insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    statement = insert(cast(Table, CustomerSearch.__table__))
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "customer_id"],
        set_={name: statement.excluded[name] for name in CHANGING},
    )
    numbered = await work.session.execute(
        statement.returning(CustomerSearch.customer_id, CustomerSearch.document),
        [
            {
                "tenant_id": work.tenant_id,
                "customer_id": customer_id,
                "number": document.number,
                "name": document.name,
                "contacts": "\n".join(document.contacts),
                "phones": " ".join(document.phones),
                "asides": "\n".join(f"{source}:{said}" for source, said in document.asides),
                "owner_id": document.owner_id,
                **_placed(places.get(customer_id)),
            }
            for customer_id, document in documents.items()
        ],
    )
    by_row = {row: documents[customer_id] for customer_id, row in numbered}
    await _forget_terms(work, list(by_row))
    await _remember_terms(work, by_row)


async def _remember_terms(work: Work, documents: dict[int, Document]) -> None:
    if is_sqlite(work.session):
        tenant = str(work.tenant_id)
        await work.session.execute(
            text("INSERT INTO customer_terms (rowid, terms) VALUES (:row, :terms)"),
            [
                {"row": row, "terms": " ".join(tenant + term for term in terms_of(document))}
                for row, document in documents.items()
            ],
        )
    else:
        await work.session.execute(
            text("INSERT INTO customer_terms VALUES (:row, :owner, CAST(:terms AS int[]))"),
            [
                {
                    "row": row,
                    "owner": term_number(work.tenant_id, owner_term(document.owner_id)),
                    "terms": [term_number(work.tenant_id, term) for term in terms_of(document)],
                }
                for row, document in documents.items()
            ],
        )


async def _forget(work: Work, customer_ids: Sequence[str]) -> None:
    if not customer_ids:
        return
    rows = await work.session.scalars(
        delete(CustomerSearch)
        .where(CustomerSearch.tenant_id == work.tenant_id)
        .where(CustomerSearch.customer_id.in_(customer_ids))
        .returning(CustomerSearch.document)
    )
    await _forget_terms(work, rows.all())


async def _forget_terms(work: Work, documents: Sequence[int]) -> None:
    if documents:
        await work.session.execute(
            text("DELETE FROM customer_terms WHERE rowid = :rowid"),
            [{"rowid": document} for document in documents],
        )
