"""The audit trail: who changed what, when, through which door. Only ever added to."""

from collections.abc import Mapping
from typing import Any

from ..db import new_id
from ..work import Work
from . import changes
from .models import AuditEntry


def record(
    work: Work,
    action: str,
    subject: str,
    subject_id: str,
    change: Mapping[str, tuple[Any, Any]] | None = None,
) -> None:
    """Write one entry in the caller's transaction. `change` maps a field to (before, after)."""
    entry = AuditEntry(
        tenant_id=work.tenant_id,
        id=new_id(),
        at=work.now,
        member_id=work.actor.member_id,
        via=work.actor.via,
        action=action,
        subject=subject,
        subject_id=subject_id,
        change={name: list(pair) for name, pair in (change or {}).items()},
    )
    work.session.add(entry)
    changes.audited(work, entry)
