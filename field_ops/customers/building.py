"""The lookup index of a whole database at once, for a migration: a block of documents at a time.

A million customers take minutes and never more memory than a block. What customers are found by is
read from the rows of `customer_search`, which get what they did not have: address and facets.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson
from pyroaring import BitMap
from sqlalchemy import Connection, Row, text

from . import pinyin
from .documents import FACETS, as_columns, read_row
from .names import matching_form
from .postings import A_BLOCK
from .terms import ADDRESS, Document, terms_of

READ_AT_ONCE = 5000
COUNTED_AT_ONCE = 1 << 15  # documents whose numbers are kept one by one before they are compressed

TENANTS = text("SELECT DISTINCT tenant_id FROM customer_search ORDER BY tenant_id")
NEXT = text(f"""
SELECT s.document, s.customer_id, s.name, s.contacts, s.phones, s.asides, s.facets,
       s.owner_id, s.lat, s.lng,
       c.address, {", ".join("c." + name for name in FACETS)}
FROM customer_search s JOIN customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
WHERE s.tenant_id = :tenant_id AND s.document > :after ORDER BY s.document LIMIT {READ_AT_ONCE}
""")  # noqa: S608
SAID = text("""
SELECT customer_id, source, texts FROM customer_text WHERE tenant_id = :tenant_id
ORDER BY customer_id, source
""")
COMPLETED = {
    "sqlite": """
UPDATE customer_search SET asides = said.value ->> 1, facets = said.value ->> 2
FROM json_each(:rows) AS said WHERE document = said.value ->> 0""",
    "postgresql": """
UPDATE customer_search SET asides = said.asides, facets = said.facets FROM unnest(
    CAST(:documents AS bigint[]), CAST(:asides AS text[]), CAST(:facets AS text[])
) AS said (document, asides, facets) WHERE customer_search.document = said.document""",
}
STORED = {
    "sqlite": "INSERT INTO customer_posting VALUES (:tenant_id, :term, :block, :documents)",
    "postgresql": """
INSERT INTO customer_posting SELECT :tenant_id, * FROM unnest(
    CAST(:terms AS bigint[]), CAST(:blocks AS int[]), CAST(:documents AS bytea[]))""",
}


def build(connection: Connection) -> None:
    """Make every customer findable that has a row in `customer_search`."""
    if connection.dialect.name == "postgresql":
        # Rows of this very transaction are not counted yet, and uncounted tables are read whole.
        connection.execute(text("ANALYZE customer_search, customer"))
    for (tenant_id,) in connection.execute(TENANTS).all():
        pinyin.warm_up()
        said = _said(connection, tenant_id)
        block, compressed = 0, _Block()
        for number, document in _documents(connection, tenant_id, said):
            if number // A_BLOCK != block:
                _store(connection, tenant_id, block, compressed.postings())
                block, compressed = number // A_BLOCK, _Block()
            compressed.add(number, terms_of(document))
        _store(connection, tenant_id, block, compressed.postings())


class _Block:
    """Terms with their documents, compressed a part after the other."""

    def __init__(self) -> None:
        self._loose: dict[int, list[int]] = defaultdict(list)
        self._postings: dict[int, BitMap] = {}
        self._count = 0

    def add(self, number: int, terms: set[int]) -> None:
        for term in terms:
            self._loose[term].append(number)
        self._count += 1
        if self._count % COUNTED_AT_ONCE == 0:
            self._compress()

    def postings(self) -> Mapping[int, BitMap]:
        self._compress()
        return self._postings

    def _compress(self) -> None:
        for term, numbers in self._loose.items():
            if term in self._postings:
                self._postings[term] |= BitMap(numbers)
            else:
                self._postings[term] = BitMap(numbers)
        self._loose.clear()


def _documents(
    connection: Connection, tenant_id: int, said: Mapping[str, list[tuple[str, str]]]
) -> Iterator[tuple[int, Document]]:
    after = -1
    while rows := connection.execute(NEXT, {"tenant_id": tenant_id, "after": after}).all():
        documents = [(row.document, _complete(row, said.get(row.customer_id, []))) for row in rows]
        _write_what_is_new(connection, rows, documents)
        yield from documents
        after = rows[-1].document


def _complete(row: Row[Any], said: list[tuple[str, str]]) -> Document:
    address = matching_form(row.address)
    return replace(
        read_row(row),
        asides=(*(((ADDRESS, address),) if address else ()), *said),
        facets=tuple((name, getattr(row, name)) for name in FACETS),
    )


def _said(connection: Connection, tenant_id: int) -> dict[str, list[tuple[str, str]]]:
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for customer_id, source, texts in connection.execute(SAID, {"tenant_id": tenant_id}):
        said[customer_id] += [(source, one) for one in texts.split("\n")]
    return said


def _write_what_is_new(
    connection: Connection, rows: Sequence[Row[Any]], documents: Sequence[tuple[int, Document]]
) -> None:
    """Only that: writing every row once more takes as long as reading them all."""
    changed = [
        (number, columns["asides"], columns["facets"])
        for row, (number, document) in zip(rows, documents, strict=True)
        if (columns := as_columns(document))
        and (columns["asides"], columns["facets"]) != (row.asides, row.facets)
    ]
    if not changed:
        return
    if connection.dialect.name == "sqlite":
        values: dict[str, Any] = {"rows": orjson.dumps(changed).decode()}
    else:
        names = ("documents", "asides", "facets")
        values = dict(zip(names, map(list, zip(*changed, strict=True)), strict=True))
    connection.execute(text(COMPLETED[connection.dialect.name]), values)


def _store(
    connection: Connection, tenant_id: int, block: int, postings: Mapping[int, BitMap]
) -> None:
    statement = text(STORED[connection.dialect.name])
    kept = iter(sorted(postings.items()))
    while some := [(term, documents.serialize()) for term, documents in islice(kept, READ_AT_ONCE)]:
        if connection.dialect.name == "sqlite":
            key = {"tenant_id": tenant_id, "block": block}
            connection.execute(statement, [{**key, "term": t, "documents": d} for t, d in some])
        else:
            connection.execute(
                statement,
                {
                    "tenant_id": tenant_id,
                    "terms": [term for term, _ in some],
                    "blocks": [block] * len(some),
                    "documents": [documents for _, documents in some],
                },
            )
