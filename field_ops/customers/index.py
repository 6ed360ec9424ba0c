"""The lookup index, kept in the transaction that changes a customer; `proposals.py` asks it.

`customer_search` has what is compared, a row a customer; `postings.py` says which of these rows
have a term. Whatever changes a customer calls `refresh`, which compares what the index knew of it
with what is so now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pyroaring import BitMap
from sqlalchemy import Table, delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..db import is_sqlite
from ..geo import Point
from ..work import Work
from . import pinyin, postings
from .documents import as_columns, document_of, read_row
from .models import (
    Contact,
    Customer,
    CustomerLocation,
    CustomerPosting,
    CustomerPostingChange,
    CustomerSearch,
    CustomerText,
)
from .terms import Document, terms_of

CHUNK = 1000
MENDED_AT_ONCE = 200  # of one transaction, about a tenth of a second
MANY = 100  # so many new documents are not noted one by one

COUNTED = (
    "customer",
    "customer_location",
    "customer_search",
    "customer_posting",
    "customer_posting_change",
    "customer_visitor",
    "contact",
)
KEPT = ("document", "tenant_id", "customer_id", "number")  # for good; the rest changes
_COLUMNS = cast(Table, CustomerSearch.__table__).columns.keys()
CHANGING = [name for name in _COLUMNS if name not in KEPT]


async def refresh(work: Work, customer_ids: Iterable[str]) -> None:
    """Make these customers findable as they are now; removed ones are forgotten."""
    await pinyin.ready()
    ids = sorted(customer_ids)
    for at in range(0, len(ids), CHUNK):
        await _refresh(work, ids[at : at + CHUNK])


async def rebuild(work: Work) -> int:
    """Index every customer of the tenant anew; returns how many there are."""
    for table in (CustomerSearch, CustomerPosting, CustomerPostingChange):
        await work.session.execute(delete(table).where(table.tenant_id == work.tenant_id))
    present = select(Customer.id).where(
        Customer.tenant_id == work.tenant_id, Customer.removed_at.is_(None)
    )
    ids = (await work.session.scalars(present)).all()
    await refresh(work, ids)
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


async def _refresh(work: Work, ids: Sequence[str]) -> None:
    present = await _documents(work, ids)
    known = await _known(work, ids)
    gone = [one for one in ids if one in known and one not in present]
    changed = [one for one, (_, now) in present.items() if one not in known or known[one][1] != now]
    numbered = await _remember(work, {one: present[one] for one in changed})
    changes: list[postings.Change] = []
    for one in (*gone, *(one for one in changed if one in known)):
        document, before = known[one]
        was = terms_of(before)
        now = terms_of(present[one][1]) if one in present else set()
        changes += [(term, document, 1) for term in now - was]
        changes += [(term, document, 0) for term in was - now]
    new = {numbered[one]: present[one][1] for one in changed if one not in known}
    if len(new) >= MANY:
        await postings.add(work, by_term(new))
    else:
        changes += [(term, number, 1) for number, now in new.items() for term in terms_of(now)]
    await postings.note(work, sorted(changes))
    await _forget(work, gone)


def by_term(documents: Mapping[int, Document]) -> dict[int, BitMap]:
    """Which of these documents have a term."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, document in documents.items():
        for term in terms_of(document):
            found[term].append(number)
    return {term: BitMap(numbers) for term, numbers in found.items()}


async def _documents(work: Work, ids: Sequence[str]) -> dict[str, tuple[str, Document]]:
    """By customer: its short number, and what it can be found by now."""
    # Held, so that of two who change something of one customer the second one sees the first's.
    held = (
        select(*(getattr(Customer, name) for name in READ))
        .where(Customer.tenant_id == work.tenant_id, Customer.id.in_(ids))
        .where(Customer.removed_at.is_(None))
        .order_by(Customer.id)  # the longest known get the smallest documents
        .with_for_update(key_share=True)
    )
    customers = (await work.session.execute(held)).all()
    people = await _lines(
        work, select(Contact.customer_id, Contact.id, Contact.name, Contact.phone), Contact, ids
    )
    said = await _lines(
        work,
        select(CustomerText.customer_id, CustomerText.source, CustomerText.texts),
        CustomerText,
        ids,
    )
    places = await _places(work, ids)
    return {
        one.id: (
            one.number,
            document_of(
                one,
                [(name, phone) for _, name, phone in people.get(one.id, ())],
                [
                    (source, line)
                    for source, lines in said.get(one.id, ())
                    for line in lines.split("\n")
                ],
                places.get(one.id),
            ),
        )
        for one in customers
    }


READ = ("id", "number", "name", "owner_id", "phone", "address", "level", "lifecycle_stage", "type",
        "customer_kind", "city")  # fmt: skip


async def _lines(
    work: Work, rows: Any, table: type[Contact] | type[CustomerText], ids: Sequence[str]
) -> dict[str, list[Any]]:
    """By customer what is behind its id in these rows, in order.

    Sorted here: SQLite would read every contact of the company in the order of their ids.
    """
    found = await work.session.execute(
        rows.where(table.tenant_id == work.tenant_id, table.customer_id.in_(ids))
    )
    lines: dict[str, list[Any]] = {}
    for customer_id, *line in sorted(map(tuple, found)):
        lines.setdefault(customer_id, []).append(line)
    return lines


async def _places(work: Work, ids: Sequence[str]) -> dict[str, Point]:
    """Where each customer is: of several places the confirmed one, else the newest proposal."""
    found = await work.session.execute(
        select(CustomerLocation.customer_id, CustomerLocation.lat, CustomerLocation.lng)
        .where(CustomerLocation.tenant_id == work.tenant_id)
        .where(CustomerLocation.customer_id.in_(ids), CustomerLocation.status != "past")
        .order_by(CustomerLocation.status.desc(), CustomerLocation.id)  # the last one stays
    )
    return {customer_id: Point(lat, lng) for customer_id, lat, lng in found}


async def _known(work: Work, ids: Sequence[str]) -> dict[str, tuple[int, Document]]:
    """By customer: its row in the index, and by what it can be found until now."""
    table = CustomerSearch.__table__.c
    found = await work.session.execute(
        select(*table).where(table.tenant_id == work.tenant_id, table.customer_id.in_(ids))
    )
    return {row.customer_id: (row.document, read_row(row)) for row in found}


async def _remember(work: Work, documents: dict[str, tuple[str, Document]]) -> dict[str, int]:
    """Write the rows; returns the number of each."""
    if not documents:
        return {}
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
                "number": number,
                **as_columns(document),
            }
            for customer_id, (number, document) in documents.items()
        ],
    )
    return {row.customer_id: row.document for row in numbered}


async def _forget(work: Work, customer_ids: Sequence[str]) -> None:
    if customer_ids:
        await work.session.execute(
            delete(CustomerSearch).where(
                CustomerSearch.tenant_id == work.tenant_id,
                CustomerSearch.customer_id.in_(customer_ids),
            )
        )
