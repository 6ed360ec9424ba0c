"""The evidence chain (domain.md §21): a link is added in the transaction of what it proves.

    payload_hash = SHA-256(canonical payload)
    hash         = SHA-256(previous hash ‖ canonical {at, kind, number, payload_hash, visit_id})

Hashes are written and joined as 64 lower-case hex digits; the first link's previous hash is 64
zeros. Canonical JSON is UTF-8, keys sorted, no spaces, every number as a string. A link covers the
hash of its payload, so a payload that the law wants deleted can go and the chain still verifies.
What the links of one day were together is kept by `heads.py`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import insert, select

from ..work import Work
from .models import EvidenceLink
from .numbers import take_numbers
from .queries import SEQUENCE, last_number, links_after

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Proof:
    """What a link will say, once it has a number. `payload` is canonical."""

    at: datetime
    business_date: date
    kind: str
    visit_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the number of the first link that does not verify, None when all do."""

    links: int
    head: str
    broken_at: int | None = None
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def canonical(value: Any) -> bytes:
    """The one way to write a payload down."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS)


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def content_of(*, number: int, at: datetime, kind: str, visit_id: str, payload_hash: str) -> bytes:
    """What a link says, without the links before it."""
    return canonical(
        {
            "number": number,
            "at": at,
            "kind": kind,
            "visit_id": visit_id,
            "payload_hash": payload_hash,
        }
    )


def said_by(link: EvidenceLink) -> bytes:
    """The content of a link that is kept."""
    return content_of(
        number=link.number,
        at=link.at,
        kind=link.kind,
        visit_id=link.visit_id,
        payload_hash=link.payload_hash,
    )


def link_hash(previous: str, content: bytes) -> str:
    """The hash of one link over the one before it."""
    return hashlib.sha256(previous.encode() + content).hexdigest()


def prove(work: Work, kind: str, visit_id: str, payload: dict[str, Any]) -> Proof:
    """Write a fact down for the chain. What changes later is no longer part of it."""
    return Proof(work.now, work.today, kind, visit_id, canonical(payload))


async def add_links(work: Work, proofs: Sequence[Proof]) -> None:
    """Chain what this very transaction writes, in this order; its last deed before the commit.

    Taking numbers locks the tenant's chain until the transaction ends, so links never fork. Who
    locks other rows does so before, and always in this order: the request's key, the visit, the
    day's number, the customer, the chain. So no two can ever wait for each other.
    """
    if not proofs:
        return
    first = await take_numbers(work, SEQUENCE, len(proofs))
    # Not in the statement above: PostgreSQL would look with the eyes it had before it waited.
    previous = await work.session.scalar(
        select(EvidenceLink.hash).where(
            EvidenceLink.tenant_id == work.tenant_id, EvidenceLink.number == first - 1
        )
    )
    rows = _rows(work.tenant_id, proofs, first, previous or GENESIS)
    await work.session.execute(insert(EvidenceLink), rows)


async def hold(work: Work) -> None:
    """Nobody else adds a link before this transaction ends."""
    await take_numbers(work, SEQUENCE, 0)


class Walk:
    """Goes along the chain, link by link, and remembers the first that does not verify.

    It starts behind the link `number` with the hash `hash_`: in front of the first link unless told
    otherwise.
    """

    def __init__(self, number: int = 0, hash_: str = GENESIS) -> None:
        self.number = number
        self.hash = hash_
        self.broken_at: int | None = None
        self.problem = ""

    def take(self, link: EvidenceLink) -> bytes:
        """The next link; returns what it says."""
        content = said_by(link)
        if self.broken_at is None:
            self._judge(link, content)
        return content

    def end(self, last: int) -> None:
        """There should be `last` links, and no more came."""
        if self.broken_at is None and self.number < last:
            self._break(f"link {self.number + 1} is missing")

    def report(self) -> ChainReport:
        return ChainReport(self.number, self.hash, self.broken_at, self.problem)

    def _judge(self, link: EvidenceLink, content: bytes) -> None:
        if link.number != self.number + 1:
            self._break(f"link {self.number + 1} is missing")
        elif not has_its_payload(link):
            self._break(f"the payload of link {link.number} was changed")
        elif link.previous_hash != self.hash:
            self._break(f"link {link.number} does not follow from the one before it")
        elif link_hash(self.hash, content) != link.hash:
            self._break(f"link {link.number} was changed")
        else:
            self.number, self.hash = link.number, link.hash

    def _break(self, problem: str) -> None:
        self.broken_at, self.problem = self.number + 1, problem


async def verify(work: Work) -> ChainReport:
    """Walk the whole chain of the tenant from the first link."""
    walk, last = Walk(), await last_number(work)
    async for link in links_after(work, 0):
        walk.take(link)
    walk.end(last)
    return walk.report()


async def verify_link(work: Work, number: int) -> str:
    """What is wrong with one link in its place between its neighbours; empty when nothing is."""
    found = await work.session.scalars(
        select(EvidenceLink)
        .where(
            EvidenceLink.tenant_id == work.tenant_id,
            EvidenceLink.number.between(number - 1, number + 1),
        )
        .order_by(EvidenceLink.number)
    )
    links = {link.number: link for link in found}
    before = links.pop(number - 1, None)
    walk = Walk(number - 1, before.hash if before else GENESIS if number == 1 else "")
    for link in links.values():
        walk.take(link)
    walk.end(number)
    return walk.problem


def has_its_payload(link: EvidenceLink) -> bool:
    """Whether the payload is the one that was chained, or was deleted as the law may want."""
    return link.payload is None or digest(link.payload.encode()) == link.payload_hash


def _rows(
    tenant_id: int, proofs: Sequence[Proof], first: int, previous: str
) -> list[dict[str, Any]]:
    rows = []
    for number, proof in enumerate(proofs, first):
        payload_hash = digest(proof.payload)
        content = content_of(
            number=number,
            at=proof.at,
            kind=proof.kind,
            visit_id=proof.visit_id,
            payload_hash=payload_hash,
        )
        own = link_hash(previous, content)
        rows.append(
            {
                "tenant_id": tenant_id,
                "number": number,
                "at": proof.at,
                "business_date": proof.business_date,
                "kind": proof.kind,
                "visit_id": proof.visit_id,
                "payload": proof.payload.decode(),
                "payload_hash": payload_hash,
                "previous_hash": previous,
                "hash": own,
            }
        )
        previous = own
    return rows


def _plain(value: Any) -> Any:
    """JSON without numbers: 1.0 and 1 must not be two spellings of one fact."""
    match value:
        case bool() | None | str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return repr(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
