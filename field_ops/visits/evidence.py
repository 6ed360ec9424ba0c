"""What of a visit goes into the evidence chain, and whether the rows still say the same."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from ..history import chain
from ..history.models import EvidenceLink
from ..history.queries import links_of
from ..work import Work
from . import queries
from .models import FixRecord, Photo, Visit
from .queries import WholeVisit


def of_fix(visit: Visit, fix: FixRecord) -> dict[str, Any]:
    """One end of a visit: who, where, when, as judged."""
    return {
        "visit": visit.number,
        "member": visit.owner_id,
        "customer": visit.proven_customer_id or visit.customer_id,
        "end": fix.end,
        "at": fix.at,
        "lat": fix.original_lat,
        "lng": fix.original_lng,
        "datum": fix.datum,
        "accuracy_m": fix.accuracy_m,
        "provider": fix.provider,
        "is_mock": fix.is_mock,
        "client_time": fix.client_time,
        "device": fix.device_id,
        "verdict": fix.verdict,
        "distance_m": fix.distance_m,
        "radius_m": fix.radius_m,
        "location": fix.location_id,
    }


def of_flag(visit: Visit, flag: str, severity: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"visit": visit.number, "flag": flag, "severity": severity, "facts": facts}


def of_photo(visit: Visit, photo: Photo) -> dict[str, Any]:
    """The picture as it was received, and as it is kept; and by which way it came, where that was
    said. Links from before that was asked do not have the key, and go on verifying."""
    fact = {
        "visit": visit.number,
        "photo": photo.id,
        "sha256": photo.sha256,
        "size_bytes": photo.size_bytes,
        "master_sha256": photo.master_sha256,
    }
    return fact | {"captured_by": photo.captured_by} if photo.captured_by else fact


def of_log(visit: Visit) -> dict[str, Any]:
    return {
        "visit": visit.number,
        "result": visit.log_result,
        "summary": visit.log_summary,
        "submitted_at": visit.log_submitted_at,
    }


def of_forced_check_out(visit: Visit) -> dict[str, Any]:
    return {"visit": visit.number, "at": visit.checked_out_at}


async def discrepancies(work: Work, visit_id: str) -> list[str]:
    """Where the rows of a visit no longer say what was chained; empty when they agree.

    A link whose payload was deleted, as the law may want, says nothing about rows that went with
    it; what is still there must have the hash that the link kept.
    """
    whole = await queries.whole(work, visit_id)
    links = await links_of(work, visit_id)
    return [*_of_the_visit(whole, links), *_of_its_parts(whole, links)]


def link_over(
    links: Iterable[EvidenceLink], kind: str, fact: dict[str, Any]
) -> EvidenceLink | None:
    """The link of this kind that says just this, if any."""
    wanted = chain.digest(chain.canonical(fact))
    return next((n for n in links if n.kind == kind and n.payload_hash == wanted), None)


def _of_the_visit(whole: WholeVisit, links: Sequence[EvidenceLink]) -> Iterator[str]:
    """What there is once: the newest link of its kind speaks."""
    visit, newest = whole.visit, {link.kind: link for link in links}
    facts = {end: of_fix(visit, fix) for end, fix in whole.fixes.items()}
    if visit.log_submitted_at is not None:
        facts["log"] = of_log(visit)
    if visit.forced_check_out:
        facts["forced_check_out"] = of_forced_check_out(visit)
    for kind, fact in facts.items():
        link = newest.get(kind)
        if link is None:
            yield f"{kind}: there is no link"
        elif link.payload and link.payload.encode() != chain.canonical(fact):
            yield f"{kind}: the row differs from link {link.number}"
    for kind in ("check_in", "log", "forced_check_out"):
        if kind in newest and kind not in facts:
            yield f"{kind}: the row of link {newest[kind].number} is gone"


def _of_its_parts(whole: WholeVisit, links: Sequence[EvidenceLink]) -> Iterator[str]:
    """What there may be many of."""
    for flag in whole.flags:
        fact = of_flag(whole.visit, flag.flag, flag.severity, flag.facts)
        if link_over(links, "flag", fact) is None:
            yield f"flag {flag.flag}: the row differs from its link"
    there = {photo.id for photo in whole.photos}
    for photo in whole.photos:
        if link_over(links, "photo", of_photo(whole.visit, photo)) is None:
            yield f"photo {photo.id}: the row differs from its link"
    for link in links:
        if link.kind == "photo" and link.payload is not None:
            photo_id = orjson.loads(link.payload).get("photo")
            if photo_id not in there:
                yield f"photo {photo_id}: the row of link {link.number} is gone"
