"""The evidence chain (domain.md §21): a link is added in the transaction of what it proves.

    payload_hash = SHA-256(canonical payload)
    hash         = SHA-256(previous hash ‖ canonical {at, kind, number, payload_hash, visit_id})

Hashes are written and joined as 64 lower-case hex digits; the first link's previous hash is 64
zeros. Canonical JSON is UTF-8, keys sorted, no spaces, every number as a string. A link covers the
hash of its payload, so a payload that the law wants deleted can go and the chain still verifies.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import insert, select

from ..work import Work
from .models import EvidenceLink
from .numbers import take_numbers

GENESIS = "0" * 64
SEQUENCE = "evidence"


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


def link_hash(
    previous: str, *, number: int, at: datetime, kind: str, visit_id: str, payload_hash: str
) -> str:
    """The hash of one link over the one before it."""
    link = canonical(
        {
            "number": number,
            "at": at,
            "kind": kind,
            "visit_id": visit_id,
            "payload_hash": payload_hash,
        }
    )
    return hashlib.sha256(previous.encode() + link).hexdigest()


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


async def verify(work: Work) -> ChainReport:
    """Walk the whole chain of the tenant from the first link."""
    previous, expected = GENESIS, 0
    async for link in _links(work):
        expected += 1
        problem = _problem(link, previous, expected)
        if problem:
            return ChainReport(expected - 1, previous, broken_at=expected, problem=problem)
        previous = link.hash
    return ChainReport(expected, previous)


async def links_of(work: Work, visit_id: str) -> list[EvidenceLink]:
    """The links about one visit, oldest first."""
    found = await work.session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.tenant_id == work.tenant_id, EvidenceLink.visit_id == visit_id)
        .order_by(EvidenceLink.number)
    )
    return list(found)


def _rows(
    tenant_id: int, proofs: Sequence[Proof], first: int, previous: str
) -> list[dict[str, Any]]:
    rows = []
    for number, proof in enumerate(proofs, first):
        payload_hash = digest(proof.payload)
        own = link_hash(
            previous,
            number=number,
            at=proof.at,
            kind=proof.kind,
            visit_id=proof.visit_id,
            payload_hash=payload_hash,
        )
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


def _problem(link: EvidenceLink, previous: str, expected: int) -> str:
    if link.number != expected:
        return f"link {expected} is missing"
    if link.payload is not None and digest(link.payload.encode()) != link.payload_hash:
        return f"the payload of link {link.number} was changed"
    if link.previous_hash != previous:
        return f"link {link.number} does not follow from the one before it"
    own = link_hash(
        previous,
        number=link.number,
        at=link.at,
        kind=link.kind,
        visit_id=link.visit_id,
        payload_hash=link.payload_hash,
    )
    return "" if own == link.hash else f"link {link.number} was changed"


async def _links(work: Work, batch: int = 500) -> AsyncIterator[EvidenceLink]:
    after = 0
    while True:
        found = list(
            await work.session.scalars(
                select(EvidenceLink)
                .where(EvidenceLink.tenant_id == work.tenant_id, EvidenceLink.number > after)
                .order_by(EvidenceLink.number)
                .limit(batch)
            )
        )
        for link in found:
            yield link
            after = link.number
            work.session.expunge(link)  # a long chain need not fit in memory
        if len(found) < batch:
            return


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
