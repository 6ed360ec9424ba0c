"""Daily heads of the evidence chain (domain.md §21), written to the audit log when a day is over.

    root = SHA-256(day ‖ link ‖ … ‖ link)      each link canonical, as `chain.py` hashes it
    hash = the hash of the last of these links, which covers every link before it

A head covers the links from the one after the last head's to the last one of its day, so that each
link is under exactly one head. A day without links has none. The root does not depend on other
days: whoever rewrites the chain from a link on changes every hash behind it, and one day's root.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ..work import Work
from . import audit, chain, queries
from .chain import ChainReport, Walk
from .models import AuditEntry, EvidenceLink

ACTION = "daily_head"
SUBJECT = "evidence"
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Head:
    """What the links `first` to `last` were together at the end of `day`."""

    day: date
    first: int
    last: int
    root: str
    hash: str


NOTHING_YET = Head(date.min, 1, 0, "", chain.GENESIS)


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """The chain and its heads. `changed` says of each day that no longer agrees what is wrong."""

    chain: ChainReport
    heads: int
    sealed_until: date | None
    changed: dict[date, str]

    @property
    def is_whole(self) -> bool:
        return self.chain.is_whole and not self.changed

    @property
    def problems(self) -> list[str]:
        """What is wrong, one sentence each; empty when all is whole."""
        of_the_chain = [] if self.chain.is_whole else [self.chain.problem]
        return of_the_chain + [f"{day}: {problem}" for day, problem in self.changed.items()]


@dataclass(frozen=True, slots=True)
class Found:
    """The heads to be written behind the head `after`, and what was seen of their links."""

    after: Head
    heads: list[Head]
    walked: ChainReport


async def write_heads(work: Work, found: Found | None = None) -> tuple[list[Head], ChainReport]:
    """Write the head of each day that is over and has none, and check its links on the way.

    Run again, or by two at once, it finds nothing to write: the chain is held until the commit.
    Nobody can check in so long; therefore the links, which do not change, are walked before
    (`find_heads`), and here only when another was faster.
    """
    await chain.hold(work)
    newest = await _newest(work)
    if found is None or found.after != newest:
        found = await find_heads(work)
    for head in found.heads:
        _record(work, newest, head)
        newest = head
    return found.heads, found.walked


async def find_heads(work: Work) -> Found:
    """The head of each day that is over and has none. Writes nothing."""
    newest = after = await _newest(work)
    ends = await _ends_of_days(work, newest)
    walk, fresh = Walk(newest.last, newest.hash), list[Head]()
    for day, last in ends:
        root = _Root(day)
        async for link in queries.links_after(work, newest.last, last):
            root.add(walk.take(link))
            own = link.hash
        newest = Head(day, newest.last + 1, last, root.hexdigest(), own)
        fresh.append(newest)
    return Found(after, fresh, walk.report())


async def _newest(work: Work) -> Head:
    written = await heads_of(work)
    return written[-1] if written else NOTHING_YET


async def heads_of(work: Work) -> list[Head]:
    """The heads of the tenant, oldest first."""
    entries = await queries.audited(work, SUBJECT, ACTION)
    return sorted((_read(work, entry) for entry in entries), key=lambda head: head.last)


async def verify(work: Work) -> EvidenceReport:
    """Walk the whole chain of the tenant, and compare each day with its head."""
    heads = await heads_of(work)
    walk, last = Walk(), await queries.last_number(work)
    days = _Days(heads, before=NOTHING_YET)
    async for link in queries.links_after(work, 0):
        days.take(link, walk.take(link))
    walk.end(last)
    changed = days.end()
    head = _over(heads, walk.broken_at) if walk.broken_at else None
    if head is not None:
        changed.setdefault(head.day, walk.problem)
    return EvidenceReport(
        chain=walk.report(),
        heads=len(heads),
        sealed_until=heads[-1].day if heads else None,
        changed=changed,
    )


async def head_over(work: Work, number: int) -> tuple[Head | None, str]:
    """The head that covers a link, and what is wrong with that day (empty when nothing is)."""
    head = _over(await heads_of(work), number)
    if head is None:
        return None, ""
    days = _Days([head])
    async for link in queries.links_after(work, head.first - 1, head.last):
        days.take(link, chain.said_by(link))
    return head, days.end().get(head.day, "")


def _over(heads: Iterable[Head], number: int) -> Head | None:
    return next((head for head in heads if head.last >= number), None)


class _Root:
    """The root of one day, link by link."""

    def __init__(self, day: date) -> None:
        self._hash = hashlib.sha256(day.isoformat().encode())

    def add(self, content: bytes) -> None:
        self._hash.update(content)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class _Days:
    """Compares links, in their order, with the heads that cover them.

    `before` is the head before the first of these, where that is known.
    """

    def __init__(self, heads: Iterable[Head], before: Head | None = None) -> None:
        self._waiting = list(heads)[::-1]
        self._changed: dict[date, str] = {}
        self._before = before
        self._head: Head | None = None
        self._root, self._hash = _Root(date.min), ""
        self._open_next()

    def take(self, link: EvidenceLink, content: bytes) -> None:
        while self._head is not None and link.number > self._head.last:
            self._close(self._head)
        head = self._head
        if head is None or link.number < head.first:
            return
        self._root.add(content)
        self._hash = link.hash
        if not chain.has_its_payload(link):
            self._note(head, f"the payload of link {link.number} was changed")

    def end(self) -> dict[date, str]:
        """No link is left: what is wrong, by day."""
        while self._head is not None:
            self._close(self._head)
        return self._changed

    def _open_next(self) -> None:
        self._head = self._waiting.pop() if self._waiting else None
        if self._head is not None:
            self._root, self._hash = _Root(self._head.day), ""

    def _close(self, head: Head) -> None:
        before, self._before = self._before, head
        if before is not None and (before.last + 1 != head.first or before.day >= head.day):
            self._note(head, "a head before it was removed, added or changed")
        if self._root.hexdigest() != head.root:
            self._note(head, f"links {head.first} to {head.last} are not those of its head")
        elif self._hash != head.hash and not self._changed:
            self._note(head, f"link {head.last} has another hash than in its head")
        self._open_next()

    def _note(self, head: Head, problem: str) -> None:
        self._changed.setdefault(head.day, problem)


async def _ends_of_days(work: Work, newest: Head) -> list[tuple[date, int]]:
    """For each day that is over and not sealed, the number of its last link.

    Not simply the links that bear the day's date: a transaction that began before midnight may be
    numbered behind one that began after it, and comes under the next head then.
    """
    over: dict[date, int] = {}
    async for number, at in queries.moments_after(work, newest.last):
        day = max(work.on(at), newest.day + A_DAY)
        if day < work.today:
            over[day] = number
    ends, last = list[tuple[date, int]](), newest.last
    for day in sorted(over):
        if over[day] > last:
            last = over[day]
            ends.append((day, last))
    return ends


def _record(work: Work, before: Head, head: Head) -> None:
    is_first = before is NOTHING_YET
    audit.record(
        work,
        ACTION,
        SUBJECT,
        SUBJECT,
        {
            "day": (None if is_first else before.day.isoformat(), head.day.isoformat()),
            "last": (before.last, head.last),
            "root": (None if is_first else before.root, head.root),
            "hash": (before.hash, head.hash),
        },
    )


def _read(work: Work, entry: AuditEntry) -> Head:
    try:
        return Head(
            day=date.fromisoformat(entry.change["day"][1]),
            first=int(entry.change["last"][0]) + 1,
            last=int(entry.change["last"][1]),
            root=str(entry.change["root"][1]),
            hash=str(entry.change["hash"][1]),
        )
    except (KeyError, IndexError, TypeError, ValueError):
        # Somebody wrote into it. A head over no link with no root agrees with nothing.
        return Head(work.on(entry.at), 1, 0, "", "")
