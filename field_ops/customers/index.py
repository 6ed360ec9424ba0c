"""The lookup index, kept in the transaction that changes a customer; `proposals.py` asks it.

`customer_search` has what is compared, a row a customer; `postings.py` says which of these rows
have a term. Whatever changes a customer calls `refresh`, which compares what the index knew of it
with what is so now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from pyroaring import BitMap
from sqlalchemy import Table, and_, bindparam, delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..db import is_sqlite
from ..fast_reads import read
from ..geo import Point
from ..work import Work
from . import pinyin, postings
from .documents import FACETS, as_columns, document_of, read_row
from .models import (
    Customer,
    CustomerPosting,
    CustomerPostingChange,
    CustomerSearch,
)
from .postings import as_list, listed
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


class Indexed(NamedTuple):
    """What the index knows of a customer; None when it knows nothing."""

    document: int | None
    name: str
    contacts: str
    phones: str
    asides: str
    facets: str
    owner_id: str | None
    lat: float | None
    lng: float | None


# Held, so that of two who change something of one customer the second one sees what the first did.
HELD = (
    select(
        Customer.id,
        Customer.number,
        Customer.name,
        Customer.owner_id,
        Customer.phone,
        Customer.address,
        *(getattr(Customer, name) for name in FACETS),
        Customer.removed_at,
        *(getattr(CustomerSearch, name).label(f"known_{name}") for name in Indexed._fields),
    )
    .outerjoin(
        CustomerSearch,
        and_(
            CustomerSearch.tenant_id == Customer.tenant_id,
            CustomerSearch.customer_id == Customer.id,
        ),
    )
    .where(
        Customer.tenant_id == bindparam("tenant_id"),
        Customer.id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(Customer.id)  # the longest known get the smallest documents
    .with_for_update(key_share=True, of=Customer)
)
CONTACT, TEXT, PLACE = range(3)
UNKNOWN = "CAST(NULL AS float), CAST(NULL AS float)"
WHOSE = "tenant_id = :tenant_id AND customer_id IN {ids}"
LINES = f"""
SELECT {CONTACT}, customer_id, id, name, phone, {UNKNOWN} FROM contact WHERE {WHOSE}
UNION ALL
SELECT {TEXT}, customer_id, source, texts, source, {UNKNOWN} FROM customer_text WHERE {WHOSE}
UNION ALL
SELECT {PLACE}, customer_id,
       CASE WHEN status <> 'confirmed' THEN '' WHEN door = 'main' THEN 'zz' ELSE 'z' END || id, '',
       '', lat, lng
FROM customer_location WHERE {WHOSE} AND status <> 'past'
"""  # noqa: S608 - nothing that somebody typed


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
    present, known = await _documents(work, ids)
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


async def _documents(
    work: Work, ids: Sequence[str]
) -> tuple[dict[str, tuple[str, Document]], dict[str, tuple[int, Document]]]:
    """By customer: its short number, and what it can be found by now; its row in the index, and
    by what it can be found until now."""
    rows = (await work.session.execute(HELD, {"tenant_id": work.tenant_id, "ids": ids})).all()
    people: dict[str, list[tuple[str, str]]] = {}
    said: dict[str, list[tuple[str, str]]] = {}
    places: dict[str, Point] = {}
    found = await read(
        work.session,
        LINES.format(ids=listed(work.session, "ids", "text")),
        tenant_id=work.tenant_id,
        ids=as_list(work.session, ids),
    )
    # Sorted here: SQLite would read every contact of the company in the order of their ids.
    for kind, customer_id, _, name, more, lat, lng in sorted(found, key=lambda row: row[:3]):
        if kind == CONTACT:
            people.setdefault(customer_id, []).append((name, more))
        elif kind == TEXT:
            said.setdefault(customer_id, []).extend((more, one) for one in name.split("\n"))
        else:  # of several places the last one stays: the confirmed, else the newest proposal
            places[customer_id] = Point(lat, lng)
    present: dict[str, tuple[str, Document]] = {}
    known: dict[str, tuple[int, Document]] = {}
    for row in rows:
        if row.removed_at is None:
            parts = (people.get(row.id, ()), said.get(row.id, ()), places.get(row.id))
            present[row.id] = row.number, document_of(row, *parts)
        indexed = Indexed(*row[-len(Indexed._fields) :])
        if indexed.document is not None:
            known[row.id] = indexed.document, read_row(indexed)
    return present, known


async def _remember(work: Work, documents: dict[str, tuple[str, Document]]) -> dict[str, int]:
    """Write the rows; returns the number of each."""
    if not documents:
        return {}
    numbered = await work.session.execute(
        _remembering(is_sqlite(work.session)),
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


@cache  # making it takes longer than asking it
def _remembering(on_sqlite: bool) -> Any:
    insert = sqlite_insert if on_sqlite else postgres_insert
    statement = insert(cast(Table, CustomerSearch.__table__))
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "customer_id"],
        set_={name: statement.excluded[name] for name in CHANGING},
    ).returning(CustomerSearch.customer_id, CustomerSearch.document)


async def _forget(work: Work, customer_ids: Sequence[str]) -> None:
    if customer_ids:
        await work.session.execute(
            delete(CustomerSearch).where(
                CustomerSearch.tenant_id == work.tenant_id,
                CustomerSearch.customer_id.in_(customer_ids),
            )
        )
