"""The safety stop: a sync that would remove too many halts and asks (domain.md §14.1)."""

from .known import Known
from .snapshot import Snapshot

MEMBERS_MAY_GO = 0.10
DEPARTMENTS_MAY_GO = 0.20
TINY_COMPANY = 10  # members; in a smaller one a single leaver is already more than a tenth
TINY_MAY_GO = 0.50


def missing(snapshot: Snapshot, known: Known) -> frozenset[str]:
    """Members who are here and whom the host did not list."""
    return frozenset(m.host_id for m in known.present) - snapshot.members.keys()


def too_many_would_go(snapshot: Snapshot, known: Known) -> str:
    """Why this sync must not be applied without being asked; empty when it may."""
    members, departments = len(known.present), len(known.standing)
    tiny = members < TINY_COMPANY
    leaving = len(missing(snapshot, known))
    closing = sum(one.host_id not in snapshot.departments for one in known.standing)
    if leaving > members * (TINY_MAY_GO if tiny else MEMBERS_MAY_GO):
        return f"{leaving} of {members} members would depart"
    if closing > departments * (TINY_MAY_GO if tiny else DEPARTMENTS_MAY_GO):
        return f"{closing} of {departments} departments would be removed"
    return ""
