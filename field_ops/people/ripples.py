"""Whose direct leader is another one now, although the host said nothing about him. Pure.

Where a host names no direct leader it is the leader of the department, else of the next one above.
So whoever begins or ceases to lead is felt below, and so is a move. It is told from our own tables:
the host is not asked for people who did not change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..host.platform import HostMember
from .known import Known, KnownMember, Ripple
from .snapshot import Snapshot
from .tree import Tree, standing_tree

Leaders = Mapping[str, list[str]]


def ripple_of(snapshot: Snapshot, known: Known, tree: Tree, leaders: Leaders) -> Ripple:
    """What this reading of some does to others. `tree` and `leaders` are as they will be."""
    before = standing_tree(known).parent_of
    changed = {
        one
        for one, parent in tree.parent_of.items()
        if before.get(one, parent) != parent or known.leaders.get(one, []) != leaders.get(one, [])
    }
    departments, alone = _below(changed, tree, leaders) if changed else (set(), set())
    present = {member.host_id for member in known.present}
    came = snapshot.members.keys() - present
    return Ripple(
        department_ids=frozenset(departments),
        member_ids=frozenset(alone),
        told_leaders=frozenset(came | (snapshot.gone & present)),
    )


def _below(changed: set[str], tree: Tree, leaders: Leaders) -> tuple[set[str], set[str]]:
    """Departments of which somebody looks upwards into a changed one, and their only leaders: he
    looks past his own department, and his people do not."""
    below: dict[str, list[str]] = {}
    for one, parent in tree.parent_of.items():
        if parent is not None:
            below.setdefault(parent, []).append(one)
    found: set[str] = set(changed)
    alone: set[str] = set()
    waiting = list(changed)
    while waiting:
        for child in below.get(waiting.pop(), ()):
            if child in found:
                continue
            if here := leaders.get(child):
                alone.update(here if len(here) == 1 else ())
            else:
                found.add(child)
                waiting.append(child)
    return found, alone


def with_echoes(snapshot: Snapshot, known: Known, ripple: Ripple) -> Snapshot | None:
    """The reading, and whoever the ripple reaches as his host told him last. None when that is not
    known of somebody."""
    echoes: dict[str, HostMember] = {}
    host_id_of = {one.id: one.host_id for one in known.departments.values()}
    for before in _reached(snapshot, known, ripple):
        if before.told_leader is None:
            return None
        # Whom the host does not have, it does not name, either; nor when he comes back.
        told = "" if before.told_leader in snapshot.gone else before.told_leader
        echoes[before.host_id] = _as_told(before, known, host_id_of, told)
    return replace(snapshot, members={**snapshot.members, **echoes})


def _reached(snapshot: Snapshot, known: Known, ripple: Ripple) -> Iterator[KnownMember]:
    for before in known.present:
        is_read = before.host_id in snapshot.members or before.host_id in snapshot.gone
        if is_read or before.state == "departed":
            continue
        if (
            before.main_department_id in ripple.department_ids
            or before.id in ripple.member_ids
            or before.told_leader in ripple.told_leaders
        ):
            yield before


def _as_told(
    before: KnownMember, known: Known, host_id_of: Mapping[str, str], told_leader: str
) -> HostMember:
    joined = known.joined.get(before.id, {})
    return HostMember(
        before.host_id,
        before.name,
        tuple(host_id_of[one] for one in joined),
        tuple(host_id_of[one] for one, leads in joined.items() if leads),
        main_department_id=host_id_of.get(before.main_department_id or "", ""),
        direct_leader_id=told_leader,
        active=before.state == "active",
    )
