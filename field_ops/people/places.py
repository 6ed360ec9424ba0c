"""Where people belong, and whom they answer to. Pure: a reading and our rows in, places out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..host.platform import HostMember
from .known import Known
from .snapshot import Snapshot
from .tree import Tree


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member belongs: departments (our ids) and whether he leads them; the main one."""

    departments: dict[str, bool] = field(default_factory=dict)
    main: str | None = None


class Places:
    """`ids` are our member ids by host user id, for everybody in the snapshot.

    `unknown`: departments in which somebody is, and which we do not have. `leaders`: who leads each
    department from now on.
    """

    def __init__(
        self, snapshot: Snapshot, known: Known, tree: Tree, ids: Mapping[str, str]
    ) -> None:
        self._snapshot = snapshot
        self._known = known
        self._tree = tree
        self._ids = ids
        self._leading = _leading(snapshot)
        self._alike: dict[object, Place] = {}  # most colleagues of a department share one
        self.unknown: set[str] = set()
        self._places = {who: self._place(member) for who, member in snapshot.members.items()}
        self.leaders = self._leaders_of_each()

    def of(self, host_user_id: str) -> Place:
        return self._places[host_user_id]

    def direct_leader(self, member: HostMember) -> str | None:
        """The host's, else the leader of the main department, else of the next one above."""
        me, told = self._ids[member.host_user_id], member.direct_leader_id
        if told and told != member.host_user_id and told not in self._snapshot.gone:
            if told in self._ids:
                return self._ids[told]
            if told in self._known.members and not self._known.members[told].has_left:
                return self._known.members[told].id
        for department_id in self._tree.upwards(self._places[member.host_user_id].main):
            for leader in self.leaders.get(department_id, ()):
                if leader != me:
                    return leader
        return None

    def _place(self, member: HostMember) -> Place:
        in_tree = self._tree.id_of.keys()
        known_to_us = [one for one in member.department_ids if one in in_tree]
        if len(known_to_us) < len(member.department_ids):
            self.unknown |= set(member.department_ids) - in_tree - self._snapshot.closed
        leads = self._leading.get(member.host_user_id, set()) | set(member.leads)
        key = (member.department_ids, member.main_department_id, frozenset(leads))
        if key not in self._alike:
            # Who leads a department without being in it belongs to it, or he would not see its
            # people.
            where = dict.fromkeys([*known_to_us, *sorted(leads & in_tree)])
            main = member.main_department_id
            if main not in in_tree:
                main = next(iter(where), "")
            id_of = self._tree.id_of
            self._alike[key] = Place({id_of[one]: one in leads for one in where}, id_of.get(main))
        return self._alike[key]

    def _leaders_of_each(self) -> dict[str, list[str]]:
        """Who leads each department from now on: active members only.

        The longest known first, so that a full reading, a reading of some, and whoever asks for
        somebody's leaders all mean the same one of several.
        """
        reread = set(self._ids.values()) | {
            self._known.members[who].id for who in self._snapshot.gone if who in self._known.members
        }
        leaders = {
            department_id: [one for one in ids if one not in reread]
            for department_id, ids in self._known.leaders.items()
        }
        for who, place in self._places.items():
            if self._snapshot.members[who].active:
                for department_id, leads in place.departments.items():
                    if leads:
                        leaders.setdefault(department_id, []).append(self._ids[who])
        return {department_id: sorted(ids) for department_id, ids in leaders.items()}


def _leading(snapshot: Snapshot) -> dict[str, set[str]]:
    """Which departments name this person as their leader."""
    leading: dict[str, set[str]] = {}
    for host_id, department in snapshot.departments.items():
        for who in department.leader_ids:
            leading.setdefault(who, set()).add(host_id)
    return leading
