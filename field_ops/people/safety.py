"""The safety stop: a sync that would remove too many halts and asks (domain.md §14.1)."""

from dataclasses import dataclass

from .known import Known
from .snapshot import Snapshot

MEMBERS_MAY_GO = 0.10
DEPARTMENTS_MAY_GO = 0.20
TINY_COMPANY = 10  # members; in a smaller one a single leaver is already more than a tenth
TINY_MAY_GO = 0.50


@dataclass(frozen=True, slots=True)
class Going:
    """How many would go, and of how many."""

    members: int
    departments: int
    of_members: int = 0
    of_departments: int = 0

    def within(self, agreed: "Going") -> bool:
        """Whether no more would go than was agreed to."""
        return self.members <= agreed.members and self.departments <= agreed.departments


def missing(snapshot: Snapshot, known: Known) -> frozenset[str]:
    """Members who are here and whom the host did not list."""
    return frozenset(m.host_id for m in known.present) - snapshot.members.keys()


def going(snapshot: Snapshot, known: Known) -> Going:
    """How many members and departments would go by this snapshot."""
    return Going(
        members=len(missing(snapshot, known)),
        departments=sum(one.host_id not in snapshot.departments for one in known.standing),
        of_members=len(known.present),
        of_departments=len(known.standing),
    )


def too_many_would_go(would_go: Going, agreed: Going | None = None) -> str:
    """Why this sync must not be applied without being asked; empty when it may.

    `agreed` is what a person has seen and let go: as many may, and no more.
    """
    if agreed is not None and would_go.within(agreed):
        return ""
    tiny = would_go.of_members < TINY_COMPANY
    members, departments = would_go.of_members, would_go.of_departments
    if would_go.members > members * (TINY_MAY_GO if tiny else MEMBERS_MAY_GO):
        return f"{would_go.members} of {members} members would depart"
    if would_go.departments > departments * (TINY_MAY_GO if tiny else DEPARTMENTS_MAY_GO):
        return f"{would_go.departments} of {departments} departments would be removed"
    return ""
