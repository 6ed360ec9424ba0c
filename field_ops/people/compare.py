"""The host's people compared with ours. Pure: a snapshot and our rows in, `Changes` out."""

from dataclasses import dataclass, field
from datetime import datetime

from ..connections.refs import ConnectionRef
from ..db import new_id
from ..host.platform import HostMember
from .changes import Changes, RowValues
from .known import Known, KnownMember
from .report import Entry, SyncReport, masked
from .snapshot import Snapshot
from .tree import Tree, compare_departments, standing_tree

LONGEST = {"name": 200, "phone": 32, "email": 200, "title": 200}
PERSONAL = ("phone", "email")  # shown masked in the report
COMPARED = (*LONGEST, "state", "main_department_id", "direct_leader_id")

Pair = tuple[str | None, str | None]


def compare(connection: ConnectionRef, snapshot: Snapshot, known: Known, now: datetime) -> Changes:
    """What to write so that our tables say what `snapshot` says.

    Members who are neither in the snapshot nor known to be gone stay as they are: they came while
    the snapshot was read, or it holds only some.
    """
    changes = Changes(report=SyncReport(kind="full" if snapshot.complete else "members"))
    if snapshot.complete:
        tree = compare_departments(connection, snapshot, known, now, changes)
    else:
        tree = standing_tree(known)
        changes.standing = len(known.standing)
    _Members(connection, snapshot, known, now, tree, changes).compare()
    return changes


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member belongs: departments (our ids) and whether he leads them; the main one."""

    departments: dict[str, bool] = field(default_factory=dict)
    main: str | None = None


class _Members:
    def __init__(
        self,
        connection: ConnectionRef,
        snapshot: Snapshot,
        known: Known,
        now: datetime,
        tree: Tree,
        changes: Changes,
    ) -> None:
        self.connection = connection
        self.snapshot = snapshot
        self.known = known
        self.now = now
        self.tree = tree
        self.changes = changes
        self.report = changes.report
        self.leading = _leading(snapshot)
        self.id_of = {
            who: known.members[who].id if who in known.members else new_id()
            for who in snapshot.members
        }
        self.places = {who: self._place(member) for who, member in snapshot.members.items()}
        self.names = {m.id: m.name for m in known.members.values()} | {
            self.id_of[who]: member.name for who, member in snapshot.members.items()
        }
        self.leaders = self._leaders()

    def compare(self) -> None:
        for who, member in self.snapshot.members.items():
            before = self.known.members.get(who)
            if before is None:
                self._add(member)
            else:
                self._change(before, member)
        for before in self.known.present:
            if before.host_id in self.snapshot.gone:
                self._depart(before)
        untouched = self.known.members.keys() - self.snapshot.members.keys() - self.snapshot.gone
        self.changes.present = len(self.snapshot.members) + sum(
            not self.known.members[who].has_left for who in untouched
        )

    def _add(self, member: HostMember) -> None:
        who, place = member.host_user_id, self.places[member.host_user_id]
        member_id = self.id_of[who]
        row = self._row(None, member)
        self.changes.new_members.append({**row, "created_at": self.now, "departed_at": None})
        self.changes.new_identities.append(
            {**self._identity(who), "member_id": member_id, "union_id": member.union_id}
        )
        self._join(member_id, {}, place.departments)
        self.report.added.append(
            Entry(row["name"], who, after={"departments": self._named(place.departments)})
        )

    def _change(self, before: KnownMember, member: HostMember) -> None:
        row = self._row(before, member)
        returns = before.has_left or before.state == "departed"
        changed: dict[str, Pair] = {
            name: (getattr(before, name), row[name])
            for name in COMPARED
            if getattr(before, name) != row[name]
        }
        if returns:
            row["departed_at"] = None
        if changed or returns:
            self.changes.members.append(row)
        if before.has_left or member.union_id not in ("", before.union_id):
            self.changes.identities.append(
                {
                    **self._identity(before.host_id),
                    "union_id": member.union_id or before.union_id,
                    "left_at": None,
                }
            )
        if row["state"] != "active" and before.state == "active":
            self.changes.locked_out.append(before.id)
        joined = self.known.joined.get(before.id, {})
        place = self.places[before.host_id]
        self._join(before.id, joined, place.departments)
        self._tell(before, row, changed, joined, returns=returns)

    def _depart(self, before: KnownMember) -> None:
        """His memberships stay, so that his lead still sees what he leaves behind."""
        joined = self.known.joined.get(before.id, {})
        self.changes.identities.append({**self._identity(before.host_id), "left_at": self.now})
        if before.id in self.known.elsewhere:
            self._join(before.id, joined, {})
        else:
            self.changes.members.append(
                {
                    "tenant_id": self.connection.tenant_id,
                    "id": before.id,
                    "state": "departed",
                    "departed_at": self.now,
                }
            )
            self.changes.locked_out.append(before.id)
            self._join(before.id, joined, dict.fromkeys(joined, False))
        self.report.departed.append(
            Entry(before.name, before.host_id, {"departments": self._named(joined)})
        )

    def _row(self, before: KnownMember | None, member: HostMember) -> RowValues:
        """The member as he will be. What the host does not say stays as it is known."""
        place = self.places[member.host_user_id]
        row: RowValues = {
            "tenant_id": self.connection.tenant_id,
            "id": self.id_of[member.host_user_id],
            "state": "active" if member.active else "suspended",
            "main_department_id": place.main,
            "direct_leader_id": self._direct_leader(member, place),
        }
        for name, limit in LONGEST.items():
            told = getattr(member, name)
            row[name] = told[:limit] if told else getattr(before, name, None)
        row["name"] = row["name"] or member.host_user_id
        return row

    def _place(self, member: HostMember) -> _Place:
        known_to_us = [one for one in member.department_ids if one in self.tree.id_of]
        if len(known_to_us) < len(member.department_ids):
            self.changes.unsettled = not self.snapshot.complete
        leads = self.leading.get(member.host_user_id, set()) | set(member.leads)
        # Who leads a department without being in it belongs to it, or he would not see its people.
        where = dict.fromkeys([*known_to_us, *sorted(leads & self.tree.id_of.keys())])
        main = member.main_department_id
        if main not in self.tree.id_of:
            main = next(iter(where), "")
        return _Place(
            {self.tree.id_of[one]: one in leads for one in where}, self.tree.id_of.get(main)
        )

    def _leaders(self) -> dict[str, list[str]]:
        """Who leads each department from now on, in the host's order: active members only."""
        reread = set(self.id_of.values()) | {
            self.known.members[who].id for who in self.snapshot.gone if who in self.known.members
        }
        leaders = {
            department_id: [one for one in ids if one not in reread]
            for department_id, ids in self.known.leaders.items()
        }
        ranks = {
            (one, leader): rank
            for one, department in self.snapshot.departments.items()
            for rank, leader in enumerate(department.leader_ids)
        }
        host_id_of = {ours: host for host, ours in self.tree.id_of.items()}
        found = sorted(
            (department_id, ranks.get((host_id_of[department_id], who), len(ranks)), who)
            for who, place in self.places.items()
            for department_id, leads in place.departments.items()
            if leads and self.snapshot.members[who].active
        )
        for department_id, _, who in found:
            leaders.setdefault(department_id, []).append(self.id_of[who])
        return leaders

    def _direct_leader(self, member: HostMember, place: _Place) -> str | None:
        """The host's, else the leader of the main department, else of the next one above."""
        me, told = self.id_of[member.host_user_id], member.direct_leader_id
        if told and told != member.host_user_id:
            if told in self.id_of:
                return self.id_of[told]
            if told in self.known.members and not self.known.members[told].has_left:
                return self.known.members[told].id
        for department_id in self.tree.upwards(place.main):
            for leader in self.leaders.get(department_id, ()):
                if leader != me:
                    return leader
        return None

    def _join(self, member_id: str, before: dict[str, bool], after: dict[str, bool]) -> None:
        for department_id in before.keys() | after.keys():
            row = {
                "tenant_id": self.connection.tenant_id,
                "member_id": member_id,
                "department_id": department_id,
            }
            old, new = before.get(department_id), after.get(department_id)
            if bool(old) != bool(new):
                self.changes.unsettled = not self.snapshot.complete
            if new is None:
                self.changes.ended_memberships.append(row)
            elif old is None:
                self.changes.new_memberships.append({**row, "is_leader": new})
            elif old != new:
                self.changes.memberships.append({**row, "is_leader": new})

    def _tell(
        self,
        before: KnownMember,
        row: RowValues,
        changed: dict[str, Pair],
        joined: dict[str, bool],
        *,
        returns: bool,
    ) -> None:
        place, name, who = self.places[before.host_id], row["name"], before.host_id
        if returns:
            after = {"departments": self._named(place.departments)}
            self.report.returned.append(Entry(name, who, after=after))
            return
        was_at, is_at = self._named(joined), self._named(place.departments)
        if joined.keys() != place.departments.keys() or "main_department_id" in changed:
            old_main = self.tree.name_of.get(before.main_department_id or "", "")
            new_main = self.tree.name_of.get(place.main or "", "")
            self.report.moved.append(
                Entry(
                    name,
                    who,
                    {"departments": was_at, "main_department": old_main},
                    {"departments": is_at, "main_department": new_main},
                )
            )
        told: dict[str, tuple[object, object]] = {
            key: (self._shown(key, old), self._shown(key, new))
            for key, (old, new) in changed.items()
            if key != "main_department_id"
        }
        leads = (self._led(joined), self._led(place.departments))
        if leads[0] != leads[1]:
            told["leads"] = leads
        if told:
            was = {key: pair[0] for key, pair in told.items()}
            self.report.changed.append(
                Entry(name, who, was, {key: pair[1] for key, pair in told.items()})
            )

    def _shown(self, field_name: str, value: str | None) -> str:
        if field_name in PERSONAL:
            return masked(value)
        if field_name == "direct_leader_id":
            return self.names.get(value or "", "")
        return value or ""

    def _identity(self, who: str) -> RowValues:
        return {
            "tenant_id": self.connection.tenant_id,
            "connection_id": self.connection.id,
            "host_user_id": who,
        }

    def _named(self, departments: dict[str, bool]) -> list[str]:
        return sorted(self.tree.name_of.get(one, "") for one in departments)

    def _led(self, departments: dict[str, bool]) -> list[str]:
        return self._named({one: True for one, leads in departments.items() if leads})


def _leading(snapshot: Snapshot) -> dict[str, set[str]]:
    """Which departments name this person as their leader."""
    leading: dict[str, set[str]] = {}
    for host_id, department in snapshot.departments.items():
        for who in department.leader_ids:
            leading.setdefault(who, set()).add(host_id)
    return leading
