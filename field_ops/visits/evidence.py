"""What of a visit goes into the evidence chain, and whether the rows still say the same."""

from typing import Any

from ..history import chain
from ..history.queries import links_of
from ..work import Work
from . import queries
from .models import FixRecord, Photo, Visit


def of_fix(visit: Visit, fix: FixRecord) -> dict[str, Any]:
    """One end of a visit: who, where, when, as judged."""
    return {
        "visit": visit.number,
        "member": visit.owner_id,
        "customer": visit.customer_id,
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
    return {
        "visit": visit.number,
        "photo": photo.id,
        "sha256": photo.sha256,
        "size_bytes": photo.size_bytes,
    }


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
    """Where the rows of a visit no longer say what was chained; empty when they agree."""
    whole = await queries.whole(work, visit_id)
    links = await links_of(work, visit_id)
    newest = {link.kind: link for link in links if link.kind != "photo"}
    found = []
    for end, fix in whole.fixes.items():
        link = newest.get(end)
        if link is None:
            found.append(f"{end}: there is no link")
        elif link.payload and link.payload.encode() != chain.canonical(of_fix(whole.visit, fix)):
            found.append(f"{end}: the row differs from link {link.number}")
    log = newest.get("log")
    if log and log.payload and log.payload.encode() != chain.canonical(of_log(whole.visit)):
        found.append(f"log: the row differs from link {log.number}")
    chained = {link.payload for link in links if link.kind == "photo"}
    for photo in whole.photos:
        if chain.canonical(of_photo(whole.visit, photo)).decode() not in chained:
            found.append(f"photo {photo.id}: the row differs from its link")
    return found
