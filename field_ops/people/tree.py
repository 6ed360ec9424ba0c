"""The tree of departments: the host's compared with ours, and the paths that follow from it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from ..connections.refs import ConnectionRef
from ..db import new_id
from .changes import Changes, RowValues
from .known import Known, KnownDepartment
from .report import Entry
from .snapshot import Snapshot

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Tree:
    """Standing departments as they will be: our id by the host's, parents and names by our id."""

    id_of: dict[str, str] = field(default_factory=dict)
    parent_of: dict[str, str | None] = field(default_factory=dict)
    name_of: dict[str, str] = field(default_factory=dict)

    def upwards(self, department_id: str | None) -> list[str]:
        """The department, its parent, and so on to the root."""
        chain: list[str] = []
        while department_id is not None and department_id in self.parent_of:
            chain.append(department_id)
            department_id = self.parent_of[department_id]
        return chain


def standing_tree(known: Known) -> Tree:
    """The tree as our tables have it."""
    standing = known.standing
    return Tree(
        id_of={one.host_id: one.id for one in standing},
        parent_of={one.id: one.parent_id for one in standing},
        name_of={one.id: one.name for one in known.departments.values()},
    )


def compare_departments(
    connection: ConnectionRef, snapshot: Snapshot, known: Known, now: datetime, changes: Changes
) -> Tree:
    """Write into `changes` what differs, and give the tree as it will be."""
    tree = standing_tree(known)
    after = Tree(name_of=dict(tree.name_of))
    paths: dict[str, str] = {}
    for host_id, department in snapshot.departments.items():  # parents come first
        before = known.departments.get(host_id)
        department_id = before.id if before else new_id()
        parent_id = after.id_of.get(department.parent_id)
        after.id_of[host_id] = department_id
        after.parent_of[department_id] = parent_id
        after.name_of[department_id] = department.name[:LONGEST_NAME]
        paths[department_id] = f"{paths[parent_id] if parent_id else '/'}{department_id}/"
        row: RowValues = {
            "tenant_id": connection.tenant_id,
            "id": department_id,
            "name": department.name[:LONGEST_NAME],
            "parent_id": parent_id,
            "path": paths[department_id],
            "position": department.order,
            "removed_at": None,
        }
        if before is None:
            changes.new_departments.append(
                {**row, "connection_id": connection.id, "host_department_id": host_id}
            )
        elif _differs(before, row):
            changes.departments.append(row)
        _tell(before, row, tree, after, host_id, changes)
    _remove(connection, snapshot, known, now, paths, changes)
    changes.standing = len(snapshot.departments)
    changes.company = next((d.name for d in snapshot.departments.values() if not d.parent_id), "")
    return after


def _differs(before: KnownDepartment, row: RowValues) -> bool:
    return before.is_removed or (before.name, before.parent_id, before.path, before.position) != (
        row["name"],
        row["parent_id"],
        row["path"],
        row["position"],
    )


def _tell(
    before: KnownDepartment | None,
    row: RowValues,
    tree: Tree,
    after: Tree,
    host_id: str,
    changes: Changes,
) -> None:
    name, parent = row["name"], after.name_of.get(row["parent_id"] or "", "")
    if before is None or before.is_removed:
        changes.report.tell(
            "departments_added", lambda: Entry(name, host_id, after={"parent": parent})
        )
        return
    if (old := before.name) != name:
        changes.report.tell(
            "departments_changed", lambda: Entry(name, host_id, {"name": old}, {"name": name})
        )
    if before.parent_id != row["parent_id"]:
        came_from = tree.name_of.get(before.parent_id or "", "")
        changes.report.tell(
            "departments_moved",
            lambda: Entry(name, host_id, {"parent": came_from}, {"parent": parent}),
        )


def _remove(
    connection: ConnectionRef,
    snapshot: Snapshot,
    known: Known,
    now: datetime,
    paths: dict[str, str],
    changes: Changes,
) -> None:
    """A removed department keeps its place below its parent, so that the leads above still see
    the records of those who left from it."""
    gone = {
        d.id: d for host_id, d in known.departments.items() if host_id not in snapshot.departments
    }
    for department in gone.values():
        row: RowValues = {
            "tenant_id": connection.tenant_id,
            "id": department.id,
            "path": _path_of_removed(department, gone, paths),
        }
        if not department.is_removed:
            changes.departments.append({**row, "removed_at": now})
            told = partial(Entry, department.name, department.host_id)
            changes.report.tell("departments_removed", told)
        elif department.path != row["path"]:
            changes.departments.append(row)


def _path_of_removed(
    department: KnownDepartment, gone: dict[str, KnownDepartment], paths: dict[str, str]
) -> str:
    if department.id not in paths:
        parent = department.parent_id
        if parent in gone:
            _path_of_removed(gone[parent], gone, paths)
        paths[department.id] = f"{paths.get(parent or '', '/')}{department.id}/"
    return paths[department.id]
