"""What the lookup index proposes: rows that may fit a question, with what ranks them.

Two questions are asked of it: everything that may fit, and, where that is too much to compare, the
few rows that can be on a page: names that begin so, where I was last, what is near, and the longest
known. Of a broad question distance ranks only what is among the nearest `MOST_NEAR`, and of names
that begin so what is among the longest known `MOST_SORTED`.

Each is one statement, written by hand: putting it together from expressions took longer than
running it.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text

from ..db import UtcDateTime, is_sqlite
from ..geo import Point
from ..work import Work
from .around import nearest_documents
from .sight import Sight
from .terms import Alternative, Group, Word, owner_term, term_number

MOST = 300  # rows that are all compared; a broader question is asked again for its best
MOST_OWNERS = 40  # as terms of one question; the more there are, the more rows are theirs anyway
SPARE = 100  # candidates beyond a page that may turn out not to fit
MOST_VISITED = 200
MOST_NEAR = 400
MOST_SORTED = 1500  # names that begin so, of which the nearest are sought

# Outer joins: with inner ones both planners have been seen to start from every customer.
COLUMNS = "s.document, s.customer_id, s.number, s.name, s.contacts, s.phones, s.asides, s.owner_id"
READ = f"""
SELECT {COLUMNS}, v.last_visit_at AS my_visit_at, s.lat, s.lng
FROM ({{hits}}) AS hit
LEFT JOIN customer_search s ON s.document = hit.document AND s.tenant_id = :tenant_id
LEFT JOIN customer_visitor v
       ON v.tenant_id = :tenant_id AND v.member_id = :me AND v.customer_id = s.customer_id
"""  # noqa: S608 - nothing that somebody typed
VISITED = """
SELECT s.document FROM (
    SELECT customer_id FROM customer_visitor WHERE tenant_id = :tenant_id AND member_id = :me
    ORDER BY last_visit_at DESC LIMIT {limit}
) AS visited
LEFT JOIN customer_search s ON s.tenant_id = :tenant_id AND s.customer_id = visited.customer_id
"""
DOCUMENTS = "SELECT document FROM customer_search WHERE document IN {documents}"
SHARED = """
SELECT document FROM customer_search WHERE tenant_id = :tenant_id AND customer_id IN {ids}
"""
# The condition holds names of parameters only, never what somebody typed.
HITS = """
SELECT * FROM (
    SELECT t.{key} AS document FROM {source} t WHERE {condition} ORDER BY t.{key} LIMIT {limit}
) AS hit
"""
# Of the longest known that have the terms, those which are nearest.
NEAREST_HITS = """
SELECT * FROM (
    SELECT s.document FROM ({hits}) AS found
    LEFT JOIN customer_search s ON s.document = found.document AND s.tenant_id = :tenant_id
    WHERE s.lat IS NOT NULL ORDER BY {distance} LIMIT {limit}
) AS nearest
"""
DISTANCE = "(s.lat - :lat) * (s.lat - :lat) + (s.lng - :lng) * (s.lng - :lng) * :shrink"
# Asked row by row until there are enough: OFFSET keeps PostgreSQL from starting with the owners.
OF_OWNERS = """
EXISTS (
    SELECT 1 FROM customer_search s
    WHERE s.document = t.{key} AND s.tenant_id = :tenant_id AND s.owner_id IN {owners}
    LIMIT 1 OFFSET 0
)
"""


@dataclass(slots=True)  # not frozen: hundreds are made for an answer, and freezing takes longer
class Candidate:
    """A row that may fit. `document` counts up: the longest known customer has the smallest.

    `place`: the confirmed one, else the newest proposal. `my_visit_at`: when the asker was there
    last.
    """

    place: Point | None
    document: int
    customer_id: str
    number: str
    name: str
    contacts: str
    phones: str
    asides: str
    owner_id: str | None
    my_visit_at: datetime | None


async def all_candidates(
    work: Work, words: Sequence[Word], sight: Sight
) -> tuple[list[Candidate], bool]:
    """Rows that may fit and may be in sight, and whether they are all of them."""
    question = _Question(work, words)
    question.hits(sight.owners, MOST)
    if sight.shared and sight.others is not None:
        question.shared(sight.shared)
    rows = await question.read()
    return rows, len(rows) < MOST


async def best_candidates(
    work: Work, words: Sequence[Word], sight: Sight, near: Point | None, wanted: int
) -> list[Candidate]:
    """Rows among which are the first `wanted` of the ranking."""
    question = _Question(work, words)
    question.visited()
    if near is not None:
        question.documents(await nearest_documents(work, near, MOST_NEAR))
        question.here(near)
    if sight.shared:
        question.shared(sight.shared)
    for owners in ({sight.me} if sight.me else (), sight.colleagues, sight.others):
        if owners is None or owners:
            question.hits(owners, wanted + SPARE)
            if words:
                question.hits(owners, wanted + SPARE, beginning=True)
                if near is not None:
                    question.nearest_hits(owners, wanted + SPARE)
    return await question.read()


class _Question:
    """One statement: the documents of some sources, and what is known about them."""

    def __init__(self, work: Work, words: Sequence[Word]) -> None:
        self._session = work.session
        self._words = words
        self._sources: list[str] = []
        self._lists: list[str] = []  # names of the parameters that are lists
        self._parameters: dict[str, Any] = {
            "tenant_id": work.tenant_id,
            "me": work.actor.member_id or "",
        }

    def visited(self) -> None:
        """Where the asker was last."""
        self._sources.append(VISITED.format(limit=MOST_VISITED))

    def here(self, here: Point) -> None:
        """Where the asker is. By the plane: good enough within a few kilometres."""
        shrink = math.cos(math.radians(here.lat)) ** 2
        self._parameters |= {"lat": here.lat, "lng": here.lng, "shrink": shrink}

    def documents(self, documents: Collection[int]) -> None:
        """Rows that were found in another way."""
        self._sources.append(DOCUMENTS.format(documents=self._list(documents)))

    def shared(self, customer_ids: Collection[str]) -> None:
        self._sources.append(SHARED.format(ids=self._list(customer_ids)))

    def hits(self, owners: Collection[str] | None, limit: int, *, beginning: bool = False) -> None:
        """The longest known rows of these owners (None: anybody's, nobody's) that have the terms.

        `beginning` asks only for names that begin with the first word.
        """
        self._sources.append(self._hits(owners, limit, beginning=beginning))

    def nearest_hits(self, owners: Collection[str] | None, limit: int) -> None:
        """Of the names that begin with the first word, the nearest; `here` says to what."""
        hits = self._hits(owners, MOST_SORTED, beginning=True)
        self._sources.append(NEAREST_HITS.format(hits=hits, distance=DISTANCE, limit=limit))

    def _hits(self, owners: Collection[str] | None, limit: int, *, beginning: bool) -> str:
        asked: list[tuple[Alternative, ...]] = [word.alternatives for word in self._words]
        if beginning:
            asked[0] = self._words[0].beginnings
        are_few = owners is not None and len(owners) <= MOST_OWNERS
        if owners is not None and are_few:
            asked = _with_group(asked, tuple(map(owner_term, sorted(owners))))
        source = "customer_search" if not asked else "customer_terms"
        key = "document" if not asked else "rowid"
        condition = self._has_terms(asked) if asked else "t.tenant_id = :tenant_id"
        if owners is not None and not (are_few and is_sqlite(self._session)):
            # First, and of few owners too: reading row by row, PostgreSQL then skips most at once.
            condition = f"{self._are_of(owners, key)} AND {condition}"
        return HITS.format(key=key, source=source, condition=condition, limit=limit)

    async def read(self) -> list[Candidate]:
        sql = READ.format(hits=" UNION ".join(self._sources))
        statement = text(sql).bindparams(*(bindparam(one, expanding=True) for one in self._lists))
        found = await self._session.execute(
            statement.columns(my_visit_at=UtcDateTime), self._parameters
        )
        rows: dict[int, Candidate] = {}
        for document, *known, lat, lng in found.all():  # one by one takes twice as long
            if document is not None:  # else a visit to a customer that was removed since
                place = None if lat is None else Point(lat, lng)
                rows[document] = Candidate(place, document, *known)
        return list(rows.values())

    def _has_terms(self, asked: Sequence[tuple[Alternative, ...]]) -> str:
        if is_sqlite(self._session):
            tenant_id = self._parameters["tenant_id"]
            return f"t.customer_terms MATCH {self._parameter(_fts5(asked, str(tenant_id)))}"

        def has(operator: str, terms: Iterable[str]) -> str:
            return f"t.terms {operator} {self._numbers(terms)}"

        def alternative(groups: Alternative) -> str:
            single = [group[0] for group in groups if len(group) == 1]
            parts = [has("&&", group) for group in groups if len(group) > 1]
            if single:
                parts.append(has("@>", single))
            return "(" + " AND ".join(parts) + ")"

        return " AND ".join("(" + " OR ".join(map(alternative, one)) + ")" for one in asked)

    def _are_of(self, owners: Collection[str], key: str) -> str:
        if key == "document" or is_sqlite(self._session):
            return OF_OWNERS.format(key=key, owners=self._list(owners))
        return f"t.owner = ANY({self._numbers(map(owner_term, owners))})"

    def _numbers(self, terms: Iterable[str]) -> str:
        numbers = [term_number(self._parameters["tenant_id"], term) for term in terms]
        return f"CAST({self._parameter(numbers)} AS int[])"

    def _parameter(self, value: Any) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters[name] = value
        return f":{name}"

    def _list(self, values: Collection[str] | Collection[int]) -> str:
        name = self._parameter(sorted(values))
        self._lists.append(name[1:])
        return name


def _with_group(
    asked: Sequence[tuple[Alternative, ...]], terms: Group
) -> list[tuple[Alternative, ...]]:
    """The question with one more group in every alternative of its first word.

    PostgreSQL looks for each alternative alone: without the owners it would read everybody's rows.
    """
    first, rest = (asked[0], asked[1:]) if asked else (((),), ())
    return [tuple((*alternative, terms) for alternative in first), *rest]


def _fts5(asked: Sequence[tuple[Alternative, ...]], tenant: str) -> str:
    """Terms are letters, digits and Chinese characters only: quoting them cannot be broken."""

    def group(terms: Sequence[str]) -> str:
        return "(" + " OR ".join(f'"{tenant}{term}"' for term in terms) + ")"

    def alternative(groups: Alternative) -> str:
        return "(" + " AND ".join(map(group, groups)) + ")"

    return " AND ".join("(" + " OR ".join(map(alternative, word)) + ")" for word in asked)
