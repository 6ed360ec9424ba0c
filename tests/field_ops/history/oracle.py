"""The chain and its heads by the rules of the documentation, with the standard library alone."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from field_ops.history.models import EvidenceLink

ZEROS = "0" * 64


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def written(value: dict[str, Any]) -> str:
    """JSON of a value that holds texts only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def said(link: EvidenceLink) -> str:
    """What a link says without the links before it."""
    at = link.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return written(
        {
            "number": str(link.number),
            "at": at,
            "kind": link.kind,
            "visit_id": link.visit_id,
            "payload_hash": link.payload_hash,
        }
    )


def hashes(links: Sequence[EvidenceLink]) -> list[str]:
    """What the hashes of the links have to be, from the first one on."""
    found, previous = [], ZEROS
    for link in links:
        previous = sha256(previous + said(link))
        found.append(previous)
    return found


def root(day: str, links: Sequence[EvidenceLink]) -> str:
    return sha256(day + "".join(map(said, links)))
