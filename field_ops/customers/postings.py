"""Which documents have a term: compressed bitmaps, the same on both databases.

A term's documents are kept in blocks of `customer_posting`. A change of a customer is noted beside
them, a row of `customer_posting_change` for each term gained or lost, so that two people who change
customers never wait for each other. Who reads adds what was noted, and a job of the worker merges
it into the blocks.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from pyroaring import BitMap
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from ..db import alone_with, is_sqlite
from ..fast_reads import read
from ..work import Work

A_BLOCK = 1 << 18  # documents: a block of the commonest term takes 32 KB
MERGED_AT_ONCE = 500  # noted changes: some milliseconds of the writer
WORTH_MERGING = 2000  # fewer cost a reader little, and each merge writes whole blocks

# A list is one parameter, so that a statement is the same text however long the list is.
LISTED = {
    "sqlite": "(SELECT value FROM json_each(:{name}))",
    "postgresql": "(SELECT unnest(CAST(:{name} AS {kind}[])))",
}
READ = """
SELECT term, documents, 0, 1 FROM customer_posting
WHERE tenant_id = :tenant_id AND term IN {terms}
UNION ALL
SELECT term, NULL, document, is_there FROM customer_posting_change
WHERE tenant_id = :tenant_id AND term IN {terms}
"""
BLOCKS = """
SELECT term, block, documents FROM customer_posting WHERE tenant_id = :tenant_id AND term IN {terms}
"""
STORE = text("""
INSERT INTO customer_posting (tenant_id, term, block, documents)
VALUES (:tenant_id, :term, :block, :documents)
ON CONFLICT (tenant_id, term, block) DO UPDATE SET documents = excluded.documents
""")
DROP = text("""
DELETE FROM customer_posting WHERE tenant_id = :tenant_id AND term = :term AND block = :block
""")
NOTED = text("""
SELECT term, document, is_there FROM customer_posting_change WHERE tenant_id = :tenant_id
ORDER BY term, document LIMIT :most
""")
MUCH = text("""
SELECT 1 FROM customer_posting_change WHERE tenant_id = :tenant_id LIMIT 1 OFFSET :enough
""")
# Both take the changes as lists: a statement for each row would take ten times as long.
CHANGES = {
    "sqlite": """
SELECT :tenant_id AS tenant_id, value ->> 0 AS term, value ->> 1 AS document,
       value ->> 2 AS is_there
FROM json_each(:changes) WHERE true""",
    "postgresql": """
SELECT CAST(:tenant_id AS int) AS tenant_id, noted.* FROM unnest(
    CAST(:terms AS bigint[]), CAST(:documents AS bigint[]), CAST(:there AS smallint[])
) AS noted (term, document, is_there)""",
}
NOTE = """
INSERT INTO customer_posting_change (tenant_id, term, document, is_there) {changes}
ON CONFLICT (tenant_id, term, document) DO UPDATE SET is_there = excluded.is_there
"""
# Not what was changed once more since it was read: that is another `is_there`.
TAKEN = """
DELETE FROM customer_posting_change
WHERE tenant_id = :tenant_id AND (tenant_id, term, document, is_there) IN ({changes})
"""

NOTING = {dialect: text(NOTE.format(changes=changes)) for dialect, changes in CHANGES.items()}

Change = tuple[int, int, int]  # term, document, 1 or 0: whether it is there


def listed(session: AsyncSession, name: str, kind: str = "bigint") -> str:
    """SQL for the values of the list parameter `name`."""
    return LISTED[_dialect(session)].format(name=name, kind=kind)


def as_list(session: AsyncSession, values: Iterable[Any]) -> Any:
    """A list as the value of such a parameter."""
    return orjson.dumps(list(values)).decode() if is_sqlite(session) else list(values)


async def postings(work: Work, terms: Collection[int]) -> dict[int, BitMap]:
    """The documents of each term. A term that nothing has is absent."""
    if not terms:
        return {}
    rows = await read(
        work.session,
        READ.format(terms=listed(work.session, "terms")),
        tenant_id=work.tenant_id,
        terms=as_list(work.session, terms),
    )
    found: dict[int, BitMap] = {}
    noted: list[Change] = []
    for term, documents, document, is_there in rows:
        if documents is None:
            noted.append((term, document, is_there))
            continue
        block = BitMap.deserialize(documents)
        if term in found:
            found[term] |= block
        else:
            found[term] = block
    _apply(found, noted)
    return found


async def note(work: Work, changes: Sequence[Change]) -> None:
    """Remember which terms documents gained and lost."""
    if changes:
        statement = NOTING[_dialect(work.session)]
        await _run(work.session, statement, **_values(work, changes))


async def add(work: Work, gained: Mapping[int, BitMap]) -> None:
    """Terms of many new documents, into the blocks at once."""
    await alone_with(work.session, _lock(work))
    await _store(work, gained, {})


async def merge_some(work: Work) -> bool:
    """Take some noted changes into the blocks; False when there are none left."""
    await alone_with(work.session, _lock(work))
    rows = await _run(work.session, NOTED, tenant_id=work.tenant_id, most=MERGED_AT_ONCE)
    changes: list[Change] = [tuple(row) for row in rows]
    gained: dict[int, BitMap] = defaultdict(BitMap)
    lost: dict[int, BitMap] = defaultdict(BitMap)
    for term, document, is_there in changes:
        (gained if is_there else lost)[term].add(document)
    await _store(work, gained, lost)
    if changes:
        statement = TAKEN.format(changes=CHANGES[_dialect(work.session)])
        await _run(work.session, text(statement), **_values(work, changes))
    return len(changes) == MERGED_AT_ONCE


async def are_worth_merging(work: Work) -> bool:
    """Whether so much was noted that it costs readers."""
    rows = await _run(work.session, MUCH, tenant_id=work.tenant_id, enough=WORTH_MERGING)
    return bool(rows)


def blocks_of(documents: BitMap) -> dict[int, BitMap]:
    """The documents by the block in which they are kept."""
    first, last = documents.min() // A_BLOCK, documents.max() // A_BLOCK
    if first == last:
        return {first: documents}
    parts = {
        block: documents & BitMap(range(block * A_BLOCK, (block + 1) * A_BLOCK))
        for block in range(first, last + 1)
    }
    return {block: part for block, part in parts.items() if part}


async def _store(work: Work, gained: Mapping[int, BitMap], lost: Mapping[int, BitMap]) -> None:
    """Change the blocks. In the order of the terms, as whoever else changes some does."""
    terms = sorted({*gained, *lost})
    if not terms:
        return
    statement = text(BLOCKS.format(terms=listed(work.session, "terms")))
    kept = {
        (term, block): BitMap.deserialize(documents)
        for term, block, documents in await _run(
            work.session,
            statement,
            tenant_id=work.tenant_id,
            terms=as_list(work.session, terms),
        )
    }
    stored, dropped = [], []
    for term in terms:
        more, less = gained.get(term) or BitMap(), lost.get(term) or BitMap()
        for block in sorted({*blocks_of(more | less)}):
            key = {"tenant_id": work.tenant_id, "term": term, "block": block}
            within = BitMap(range(block * A_BLOCK, (block + 1) * A_BLOCK))
            now = (kept.get((term, block), BitMap()) | (more & within)) - less
            if now:
                stored.append({**key, "documents": now.serialize()})
            else:
                dropped.append(key)
    for change, rows in ((STORE, stored), (DROP, dropped)):
        if rows:
            await (await work.session.connection()).execute(change, rows)


def _apply(found: dict[int, BitMap], noted: Iterable[Change]) -> None:
    for term, document, is_there in noted:
        if is_there:
            found.setdefault(term, BitMap()).add(document)
        elif term in found:
            found[term].discard(document)


def _values(work: Work, changes: Sequence[Change]) -> dict[str, Any]:
    if is_sqlite(work.session):
        return {"tenant_id": work.tenant_id, "changes": orjson.dumps(changes).decode()}
    terms, documents, there = zip(*changes, strict=True)
    return {
        "tenant_id": work.tenant_id,
        "terms": list(terms),
        "documents": list(documents),
        "there": list(there),
    }


async def _run(session: AsyncSession, statement: Any, **values: Any) -> Sequence[Any]:
    """Past the session's own bookkeeping, which takes longer than the statement."""
    connection: AsyncConnection = await session.connection()
    result = await connection.execute(statement, values)
    return result.all() if result.returns_rows else ()


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def _lock(work: Work) -> str:
    return f"customer_posting {work.tenant_id}"
