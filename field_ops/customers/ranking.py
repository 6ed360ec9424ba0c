"""The first rows of an answer, best first, without comparing all that may fit.

What the index proposes is gone through in the order of the ranking: who is close to the asker, how
well the name fits, where he was last, what is near, what is longest known. Each row is compared
when its turn comes, and the answer is complete when the page is full.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from ..fast_reads import read
from ..geo import Point
from ..work import Work
from .cells import rings
from .matching import ASIDE, BEGINS, WITHIN, Match
from .narrowing import NOT_NARROWED, Narrowing
from .postings import as_list, listed, postings
from .proposals import Proposed, Tier, documents_of, tiers_of
from .sight import Sight
from .terms import square_term

AT_ONCE = 200  # so few in all are read with one statement
FIRST_READ, MOST_READ = 32, 1000
SORTED_AT_ONCE = 400  # of more, the nearest are looked for in ever wider rings
DENSE, SPARSE = 100_000, 5_000  # documents: of many, the smallest ring has enough
WASTED = 1500  # rows of others: then the owners' own documents are sorted out
FAR = float("inf")

# With a sign before it the tenant is compared, and not looked up: SQLite knows no numbers of rows,
# and might go through the whole tenant by another index.
COLUMNS = """
SELECT s.document, s.customer_id, s.name, s.contacts, s.phones, s.asides, s.owner_id, s.lat, s.lng
"""
WHICH = "WHERE s.document IN {documents} AND +s.tenant_id = :tenant_id"
ROWS = f"{COLUMNS}, NULL FROM customer_search s {WHICH}"
# The moment as the database writes it: it sorts as the moment does.
ROWS_WITH_VISITS = f"""
{COLUMNS}, v.last_visit_at FROM customer_search s LEFT JOIN customer_visitor v
ON v.tenant_id = s.tenant_id AND v.member_id = :me AND v.customer_id = s.customer_id {WHICH}
"""
PLACES = f"""
SELECT s.document, s.lat, s.lng FROM customer_search s {WHICH} AND s.lat IS NOT NULL
"""  # noqa: S608
CLOSE = """
SELECT s.document, v.last_visit_at, 0 FROM customer_visitor v
JOIN customer_search s ON s.tenant_id = v.tenant_id AND s.customer_id = v.customer_id
WHERE v.tenant_id = :tenant_id AND v.member_id = :me
UNION ALL
SELECT document, NULL, 1 FROM customer_search
WHERE tenant_id = :tenant_id AND customer_id IN {shared}
"""


@dataclass(slots=True)  # not frozen: hundreds are made for an answer, and freezing takes longer
class Candidate:
    """A row that may fit. `document` counts up: the longest known customer has the smallest."""

    document: int
    customer_id: str
    name: str
    contacts: str
    phones: str
    asides: str
    owner_id: str | None
    lat: float | None
    lng: float | None
    my_visit_at: Any


Judge = Callable[[Candidate], Match | None]  # None: it does not fit


class Ranking:
    """Goes through what was proposed and is in sight; `judge` compares a row.

    `most`: after so many rows of a tier that do not fit, those behind them are left. `only`: what
    the index does not know of what it is narrowed by is asked of the rows as they are read.
    """

    def __init__(
        self,
        work: Work,
        sight: Sight,
        proposed: Proposed,
        near: Point | None,
        judge: Judge,
        most: int | None = None,
        only: Narrowing = NOT_NARROWED,
    ) -> None:
        self._work = work
        self._sight = sight
        self._proposed = proposed
        self._near = near
        self._judge = judge
        self._most = most
        self._narrowing = only
        self._rows: dict[int, Candidate] = {}
        self._places: dict[int, float] = {}  # how far away
        self._visits: dict[int, Any] = {}
        self._only: BitMap | None = None

    async def first(self, wanted: int) -> list[tuple[str, Match]]:
        """The first of the ranking: customer ids, and why each is there."""
        if len(self._proposed.everything) <= AT_ONCE:
            return (await self._few(self._proposed.everything))[:wanted]
        tiers = tiers_of(self._proposed, self._sight, await self._read_what_is_close())
        if sum(len(tier.documents) for tier in tiers) <= AT_ONCE:
            few = BitMap().union(*(tier.documents for tier in tiers))
            return (await self._few(few))[:wanted]
        found: list[tuple[str, Match]] = []
        for tier in tiers:
            async for one in self._of(tier):
                found.append(one)
                if len(found) == wanted:
                    return found
        return found

    async def _few(self, documents: BitMap) -> list[tuple[str, Match]]:
        """All of these that fit, in order: they are read together with the visits to them."""
        await self._read(documents, ROWS_WITH_VISITS, me=self._work.actor.member_id or "")
        await self._locate(documents)
        visited: list[tuple[Candidate, int, Match]] = []
        others: list[tuple[Candidate, int, Match]] = []
        for row in sorted(self._rows.values(), key=lambda row: self._by_distance(row.document)):
            closeness = self._sight.closeness(row.customer_id, row.owner_id)
            match = self._judge(row) if closeness is not None else None
            if closeness is not None and match is not None:
                (others if row.my_visit_at is None else visited).append((row, closeness, match))
        visited.sort(key=lambda one: one[0].my_visit_at, reverse=True)
        ranked = sorted((*visited, *others), key=lambda one: (one[1], one[2].how))
        return [(row.customer_id, match) for row, _, match in ranked]

    async def _of(self, tier: Tier) -> AsyncIterator[tuple[str, Match]]:
        self._only, wasted = None, 0
        late: dict[int, BitMap] = {BEGINS: BitMap(), WITHIN: BitMap(), ASIDE: BitMap()}
        begins = tier.documents & self._proposed.begins
        within = (tier.documents & self._proposed.within) - begins
        beside = tier.documents - begins - within
        for how, documents in ((BEGINS, begins), (WITHIN, within), (ASIDE, beside)):
            async for row in self._in_order(documents | late[how]):
                is_here = self._sight.closeness(row.customer_id, row.owner_id) == tier.closeness
                match = self._judge(row) if is_here else None
                if match is None:
                    wasted += 1
                    if wasted == self._most:
                        return
                    if wasted == WASTED and tier.owners is not None:
                        self._only = await documents_of(self._work, tier.owners)
                elif match.how > how:
                    late[match.how].add(row.document)  # its turn comes later
                else:
                    yield row.customer_id, match

    async def _in_order(self, documents: BitMap) -> AsyncIterator[Candidate]:
        """Where the asker was last, then what is near, then the longest known."""
        visited = [one for one in self._visits if one in documents]
        if visited:
            await self._locate(visited)
            visited.sort(key=self._by_distance)
            visited.sort(key=self._visits.__getitem__, reverse=True)
            async for row in self._read_in_order(visited):
                yield row
        rest = documents - BitMap(visited) if visited else documents
        async for batch in self._nearest(rest) if self._near else _cut(rest):
            async for row in self._read_in_order(batch):
                yield row

    async def _nearest(self, documents: BitMap) -> AsyncIterator[Sequence[int]]:
        if self._near is None:
            return
        first = 0 if len(documents) > DENSE else 1 if len(documents) > SPARSE else 2
        for ring in rings(self._near, first) if len(documents) > SORTED_AT_ONCE else ():
            squares = await postings(self._work, list(map(square_term, ring.squares)))
            if not squares:
                continue
            inside = documents & BitMap.union(*squares.values())
            if self._only is not None:
                inside &= self._only
            await self._locate(inside)
            near = [one for one in inside if self._distance(one) <= ring.radius_m]
            yield sorted(near, key=self._by_distance)
            documents = documents - BitMap(near)
            if len(documents) <= SORTED_AT_ONCE:
                break
        await self._locate(documents if self._only is None else documents & self._only)
        yield sorted(documents, key=self._by_distance)

    async def _read_in_order(self, documents: Sequence[int]) -> AsyncIterator[Candidate]:
        at, size = 0, FIRST_READ
        while at < len(documents):
            batch = documents[at : at + size]
            if self._only is not None:
                batch = [one for one in batch if one in self._only]
            await self._read(batch)
            for document in batch:
                row = self._rows.get(document)  # None: removed since, or not what it is narrowed to
                if row is not None:
                    yield row
            at, size = at + size, min(size * 2, MOST_READ)

    async def _read(self, documents: Iterable[int], sql: str = ROWS, **values: str) -> None:
        unread: Sequence[int] = [one for one in documents if one not in self._rows]
        unread = await self._narrowing.fitting(self._work, unread)
        for row in await self._ask(sql, unread, **values):
            self._rows[row[0]] = Candidate(*row)

    async def _locate(self, documents: Iterable[int]) -> None:
        """How far away these are; those that are nowhere stay unknown."""
        if self._near is None:
            return
        unknown = []
        for one in documents:
            if (row := self._rows.get(one)) is not None:
                if row.lat is not None and row.lng is not None:
                    self._places[one] = self._near.distance_m(Point(row.lat, row.lng))
            elif one not in self._places:
                unknown.append(one)
        for document, lat, lng in await self._ask(PLACES, unknown):
            self._places[document] = self._near.distance_m(Point(lat, lng))

    async def _read_what_is_close(self) -> BitMap:
        """Learn when the asker was where; returns what others share with him."""
        session, shared = self._work.session, BitMap()
        found = await read(
            session,
            CLOSE.format(shared=listed(session, "shared", "text")),
            tenant_id=self._work.tenant_id,
            me=self._work.actor.member_id or "",
            shared=as_list(session, self._sight.shared),
        )
        for document, visit_at, is_shared in found:
            if is_shared:
                shared.add(document)
            else:
                self._visits[document] = visit_at
        return shared

    async def _ask(self, sql: str, documents: Sequence[int], **values: str) -> Sequence[Any]:
        if not documents:
            return ()
        return await read(
            self._work.session,
            sql.format(documents=listed(self._work.session, "documents")),
            tenant_id=self._work.tenant_id,
            documents=as_list(self._work.session, documents),
            **values,
        )

    def _distance(self, document: int) -> float:
        return self._places.get(document, FAR)

    def _by_distance(self, document: int) -> tuple[float, int]:
        return self._places.get(document, FAR), document


async def _cut(documents: BitMap) -> AsyncIterator[Sequence[int]]:
    """The longest known first, a part at a time."""
    at, size = 0, FIRST_READ
    while at < len(documents):
        yield list(documents[at : at + size])
        at, size = at + size, min(size * 2, MOST_READ)
