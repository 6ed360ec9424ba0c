"""The host's organisation as it was read: whole, checked, each person once. No database here.

Whatever cannot be read to its end raises a `SendError`, so that nobody departs because a page of
an answer was missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..host.errors import HostUnavailable
from ..host.platform import HostDepartment, HostMember

DEEPEST = 36  # levels that fit into `Department.path`


class ContradictoryAnswers(HostUnavailable):
    """The host answered every question, and the answers do not make one organisation."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Departments by host id, parents first; members by host user id.

    `complete` is false when only some members were read; `gone` are those who were asked for one
    by one and whom the host does not have, or, if `unseen`, does not show to us. `closed` are
    departments that were asked for one by one and that the host does not have, or does not show.
    An incomplete one has no departments, or the whole tree.
    """

    departments: dict[str, HostDepartment] = field(default_factory=dict)
    members: dict[str, HostMember] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    complete: bool = True

    @property
    def asked_about(self) -> set[str]:
        """Everybody whom it speaks of, direct leaders too."""
        leaders = {member.direct_leader_id for member in self.members.values()}
        return {*self.members, *self.gone, *leaders} - {""}


class Gathering:
    """Lists of departments and members, as they come in, become one picture."""

    def __init__(self) -> None:
        self.departments: dict[str, HostDepartment] = {}
        self.members: dict[str, HostMember] = {}
        self._listings: dict[str, int] = {}
        self._doubtful: set[str] = set()

    def add_departments(self, departments: Iterable[HostDepartment]) -> list[str]:
        """Returns the ids of those that were not there before."""
        new = [one for one in departments if one.host_department_id not in self.departments]
        if len({one.host_department_id for one in new}) < len(new):
            raise ContradictoryAnswers("a department came twice")
        self.departments.update((one.host_department_id, one) for one in new)
        return [one.host_department_id for one in new]

    def add_members(self, department_id: str, members: Iterable[HostMember]) -> None:
        """These were listed in the department: each person once, with every department in which he
        was listed or says to be."""
        for member in members:
            who, told = member.host_user_id, member.department_ids
            before = self.members.get(who)
            if told and (department_id not in told or (before and before.department_ids != told)):
                self._doubtful.add(who)
            if department_id not in told:
                member = replace(member, department_ids=(*told, department_id))
            self.members[who] = _merge(before, member) if before else member
            self._listings[who] = self._listings.get(who, 0) + 1

    def doubtful(self) -> frozenset[str]:
        """Who is listed otherwise than he says: perhaps he moved while we read."""
        seen = self.departments.keys()
        return frozenset(self._doubtful) | {
            who
            for who, member in self.members.items()
            if self._listings[who] != sum(one in seen for one in member.department_ids)
        }

    def snapshot(self) -> Snapshot:
        """Raises `ContradictoryAnswers` when this cannot be a company."""
        if not self.members:
            raise ContradictoryAnswers("the host shows no member at all")
        return Snapshot(parents_first(self.departments), self.members)


def parents_first(found: dict[str, HostDepartment]) -> dict[str, HostDepartment]:
    """In the order of the tree. Whoever's parent we may not see is a root."""
    below: dict[str, list[HostDepartment]] = {}
    for department in found.values():
        below.setdefault(department.parent_id, []).append(department)
    level = [replace(one, parent_id="") for one in found.values() if one.parent_id not in found]
    ordered: dict[str, HostDepartment] = {}
    for _ in range(DEEPEST):
        ordered.update((one.host_department_id, one) for one in level)
        level = [child for one in level for child in below.get(one.host_department_id, ())]
    if level:
        raise ContradictoryAnswers(f"departments are nested deeper than {DEEPEST} levels")
    if len(ordered) < len(found):
        raise ContradictoryAnswers("a circle of departments")
    return ordered


def with_single_readings(snapshot: Snapshot, single: Snapshot) -> Snapshot:
    """What was read one by one, people or departments, is newer than the lists."""
    departments = snapshot.departments
    if single.departments or single.closed:
        newer = {**departments, **single.departments}
        departments = parents_first({at: d for at, d in newer.items() if at not in single.closed})
    members = {who: m for who, m in snapshot.members.items() if who not in single.gone}
    return replace(
        snapshot,
        departments=departments,
        members={**members, **single.members},
        gone=(snapshot.gone | single.gone) - single.members.keys(),
    )


def _merge(one: HostMember, other: HostMember) -> HostMember:
    return replace(
        one,
        department_ids=_union(one.department_ids, other.department_ids),
        leads=_union(one.leads, other.leads),
        main_department_id=one.main_department_id or other.main_department_id,
        direct_leader_id=one.direct_leader_id or other.direct_leader_id,
        union_id=one.union_id or other.union_id,
        phone=one.phone or other.phone,
        email=one.email or other.email,
        title=one.title or other.title,
    )


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))
