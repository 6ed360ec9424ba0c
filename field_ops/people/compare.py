"""The host's people compared with ours. Pure: a snapshot and our rows in, `Changes` out."""

from datetime import datetime
from functools import cached_property

from ..connections.refs import ConnectionRef
from ..db import new_id
from ..host.platform import HostMember
from .changes import Changes, RowValues
from .known import Known, KnownMember
from .phones import comparable
from .places import Places
from .report import Entry, SyncReport, masked
from .ripples import ripple_of
from .snapshot import Snapshot
from .tree import Tree, compare_departments, standing_tree
from .twins import Twins

LONGEST = {"name": 200, "phone": 32, "email": 200, "title": 200}
PERSONAL = ("phone", "email")  # shown masked in the report
COMPARED = (*LONGEST, "state", "main_department_id", "direct_leader_id")

Pair = tuple[str | None, str | None]


def compare(connection: ConnectionRef, snapshot: Snapshot, known: Known, now: datetime) -> Changes:
    """What to write so that our tables say what `snapshot` says.

    Members who are neither in the snapshot nor known to be gone stay as they are: they came while
    the snapshot was read, or it holds only some.
    """
    kind = "departments" if snapshot.departments else "members"
    changes = Changes(report=SyncReport(kind="full" if snapshot.complete else kind))
    if snapshot.complete or snapshot.departments:
        tree = compare_departments(connection, snapshot, known, now, changes)
    else:
        tree = standing_tree(known)
        changes.standing = len(known.standing)
    members = _Members(connection, snapshot, known, now, tree, changes)
    members.compare()
    if not snapshot.complete:
        changes.unknown_places = frozenset(members.places.unknown)
        changes.ripple = ripple_of(snapshot, known, tree, members.places.leaders)
    return changes


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
        self.twins = Twins(snapshot, known)
        self.id_of = {who: self._id_of(who) for who in snapshot.members}
        self.places = Places(snapshot, known, tree, self.id_of)

    def compare(self) -> None:
        for who, member in self.snapshot.members.items():
            before = self.known.members.get(self.twins.returned.get(who, who))
            if before is not None:
                self._change(before, member)
            elif who in self.twins.linked:
                self._link(member)
            else:
                self._add(member)
        came_back = set(self.twins.returned.values())
        for before in self.known.present:
            if before.host_id in self.snapshot.gone and before.host_id not in came_back:
                self._depart(before)
        untouched = self.known.members.keys() - self.snapshot.members.keys() - self.snapshot.gone
        self.changes.present = len(self.snapshot.members) + sum(
            not self.known.members[who].has_left for who in untouched
        )

    def _id_of(self, who: str) -> str:
        before = self.known.members.get(self.twins.returned.get(who, who))
        return before.id if before else self.twins.linked.get(who) or new_id()

    def _add(self, member: HostMember) -> None:
        who, place = member.host_user_id, self.places.of(member.host_user_id)
        row = self._row(None, member)
        self.changes.new_members.append({**row, "created_at": self.now, "departed_at": None})
        self._identify(member)
        self._join(row["id"], {}, place.departments)
        self.report.tell(
            "added",
            lambda: Entry(row["name"], who, after={"departments": self._named(place.departments)}),
        )

    def _link(self, member: HostMember) -> None:
        """Another host has him: here he gets his departments, and there he keeps the rest."""
        who, member_id = member.host_user_id, self.id_of[member.host_user_id]
        place = self.places.of(who)
        self._identify(member)
        self._join(member_id, self.known.joined.get(member_id, {}), place.departments)
        after = {"departments": self._named(place.departments)}
        self.report.tell("linked", lambda: Entry(member.name, who, after=after))

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
        self._identify_again(before, member)
        if row["state"] != "active" and before.state == "active":
            self.changes.locked_out.append(before.id)
        joined = self.known.joined.get(before.id, {})
        place = self.places.of(member.host_user_id)
        self._join(before.id, joined, place.departments)
        self._tell(before, member, row, changed, joined, returns=returns)

    def _depart(self, before: KnownMember) -> None:
        """His memberships stay, so that his lead still sees what he leaves behind."""
        joined = self.known.joined.get(before.id, {})
        self.changes.identities.append({**self._key(before.host_id), "left_at": self.now})
        if before.id in self.known.elsewhere:
            self._join(before.id, joined, {})
            self.changes.carried_on.append(before.id)
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
        was_at = {"departments": self._named(joined)}
        self.report.tell("departed", lambda: Entry(before.name, before.host_id, was_at))

    def _row(self, before: KnownMember | None, member: HostMember) -> RowValues:
        """The member as he will be. What the host does not say stays as it is known."""
        row: RowValues = {
            "tenant_id": self.connection.tenant_id,
            "id": self.id_of[member.host_user_id],
            "state": "active" if member.active else "suspended",
            "main_department_id": self.places.of(member.host_user_id).main,
            "direct_leader_id": self.places.direct_leader(member),
        }
        for name, limit in LONGEST.items():
            told = getattr(member, name)
            row[name] = told[:limit] if told else getattr(before, name, None)
        row["name"] = row["name"] or member.host_user_id
        if before is not None and not self._decides_about(before.id):
            # His first host says who he is; this one adds what that one does not say.
            row |= {name: getattr(before, name) or row[name] for name in COMPARED}
        return row

    def _decides_about(self, member_id: str) -> bool:
        """Of several hosts that have him, the one that was connected first decides."""
        return self.connection.id < self.known.elsewhere.get(member_id, "~")

    def _identify(self, member: HostMember) -> None:
        self.changes.new_identities.append(
            {
                **self._key(member.host_user_id),
                "member_id": self.id_of[member.host_user_id],
                "union_id": member.union_id,
                "phone": comparable(member.phone),
                "told_leader": member.direct_leader_id,
            }
        )

    def _identify_again(self, before: KnownMember, member: HostMember) -> None:
        if before.host_id != member.host_user_id:
            self._identify(member)
            if not before.has_left:
                self.changes.identities.append({**self._key(before.host_id), "left_at": self.now})
            return
        union_id = member.union_id or before.union_id
        phone = comparable(member.phone) or before.told_phone
        told = (union_id, phone, member.direct_leader_id)
        if before.has_left or told != (before.union_id, before.told_phone, before.told_leader):
            self.changes.identities.append(
                {
                    **self._key(before.host_id),
                    "union_id": union_id,
                    "phone": phone,
                    "told_leader": member.direct_leader_id,
                    "left_at": None,
                }
            )

    def _join(self, member_id: str, before: dict[str, bool], after: dict[str, bool]) -> None:
        if before == after:
            return
        for department_id in before.keys() | after.keys():
            row = {
                "tenant_id": self.connection.tenant_id,
                "member_id": member_id,
                "department_id": department_id,
            }
            old, new = before.get(department_id), after.get(department_id)
            if new is None:
                self.changes.ended_memberships.append(row)
            elif old is None:
                self.changes.new_memberships.append({**row, "is_leader": new})
            elif old != new:
                self.changes.memberships.append({**row, "is_leader": new})

    def _tell(
        self,
        before: KnownMember,
        member: HostMember,
        row: RowValues,
        changed: dict[str, Pair],
        joined: dict[str, bool],
        *,
        returns: bool,
    ) -> None:
        place, name, who = self.places.of(member.host_user_id), row["name"], member.host_user_id
        if returns:
            after = {"departments": self._named(place.departments)}
            self.report.tell("returned", lambda: Entry(name, who, after=after))
            return
        if joined.keys() != place.departments.keys() or "main_department_id" in changed:
            was: dict[str, object] = {
                "departments": self._named(joined),
                "main_department": self.tree.name_of.get(before.main_department_id or "", ""),
            }
            now: dict[str, object] = {
                "departments": self._named(place.departments),
                "main_department": self.tree.name_of.get(row["main_department_id"] or "", ""),
            }
            self.report.tell("moved", lambda: Entry(name, who, was, now))
        told: dict[str, tuple[object, object]] = {
            key: (self._shown(key, old), self._shown(key, new))
            for key, (old, new) in changed.items()
            if key != "main_department_id"
        }
        leads = (self._led(joined), self._led(place.departments))
        if leads[0] != leads[1]:
            told["leads"] = leads
        if told:
            old_values = {key: pair[0] for key, pair in told.items()}
            new_values = {key: pair[1] for key, pair in told.items()}
            self.report.tell("changed", lambda: Entry(name, who, old_values, new_values))

    def _shown(self, field_name: str, value: str | None) -> str:
        if field_name in PERSONAL:
            return masked(value)
        if field_name == "direct_leader_id":
            return self._names.get(value or "", "")
        return value or ""

    @cached_property
    def _names(self) -> dict[str, str]:
        return {m.id: m.name for m in self.known.members.values()} | {
            self.id_of[who]: member.name for who, member in self.snapshot.members.items()
        }

    def _key(self, who: str) -> RowValues:
        return {
            "tenant_id": self.connection.tenant_id,
            "connection_id": self.connection.id,
            "host_user_id": who,
        }

    def _named(self, departments: dict[str, bool]) -> list[str]:
        return sorted(self.tree.name_of.get(one, "") for one in departments)

    def _led(self, departments: dict[str, bool]) -> list[str]:
        return self._named({one: True for one, leads in departments.items() if leads})
