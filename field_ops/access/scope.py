"""How far a person sees, as a condition for the database.

The condition asks the live tree of departments each time, so a move of a department or a person
changes what is visible at once, and nothing has to be recomputed.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ..people.models import Department, Membership
from .roles import DataScope

# Made once: aliases cost more to make than the query that uses them.
mine, below = aliased(Membership), aliased(Membership)
root, inside = aliased(Department), aliased(Department)


# Where departments are listed: the same tables once more.
listed, within, member_of = aliased(Department), aliased(Department), aliased(Membership)


@dataclass(frozen=True, slots=True)
class Scope:
    """`member_id` None is the system, which sees the whole tenant.

    `oversees`: leading a department shows all of it and below, whatever `reach` says.
    `departments` are seen beside that, `subtrees` with all below them. Without `is_granted` not
    even his own rows are in it: ask `access.visible`, which knows.
    """

    tenant_id: int
    member_id: str | None
    reach: DataScope
    oversees: bool = True
    departments: frozenset[str] = frozenset()
    subtrees: frozenset[str] = frozenset()
    is_granted: bool = True

    @property
    def sees_all(self) -> bool:
        return self.reach is DataScope.ALL and self.is_granted

    @property
    def parameters(self) -> dict[str, object]:
        """The values of `member_ids` that are named, for a statement made for somebody else."""
        values: dict[str, object] = {
            "scope_tenant_id": self.tenant_id,
            "scope_member_id": self.member_id,
        }
        if self.departments:
            values["scope_departments"] = sorted(self.departments)
        if self.subtrees:
            values["scope_subtrees"] = sorted(self.subtrees)
        return values

    @property
    def shape(self) -> "Scope":
        """What of it decides how the statement reads: equal for everybody whose is the same."""
        return Scope(
            0,
            "",
            self.reach,
            self.oversees,
            frozenset({""}) if self.departments else frozenset(),
            frozenset({""}) if self.subtrees else frozenset(),
            self.is_granted,
        )

    def covers(
        self, owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    ) -> ColumnElement[bool]:
        """True for rows whose owner this person may look over. Un-owned rows only under ALL."""
        if self.reach is DataScope.ALL:
            return true()
        if self.member_id is None:
            return false()
        return or_(owner == self.member_id, *(owner.in_(ids) for ids in self.member_ids()))

    def member_ids(self, *, is_named: bool = False) -> list[Select[str]]:
        """The members that this person may look over, as subqueries (without himself for SELF).

        `is_named`: its values have the names of `parameters`, so that a statement can be made once
        and asked for one person after the other. In any other statement each scope has values of
        its own: of two with one name, both would reach as far as the second.
        """

        def value(name: str, of: Any, *, is_list: bool = False) -> BindParameter[Any]:
            return bindparam(f"scope_{name}", of, unique=not is_named, expanding=is_list)

        tenant = value("tenant_id", self.tenant_id)
        found = [self._by_place(tenant, value("member_id", self.member_id))]
        if self.departments:
            alone = value("departments", sorted(self.departments), is_list=True)
            found.append(
                select(member_of.member_id).where(
                    member_of.tenant_id == tenant, member_of.department_id.in_(alone)
                )
            )
        if self.subtrees:
            roots = value("subtrees", sorted(self.subtrees), is_list=True)
            found.append(
                select(member_of.member_id)
                .select_from(listed)
                .join(
                    within,
                    and_(
                        within.tenant_id == tenant,
                        within.path.startswith(listed.path, autoescape=False),
                    ),
                )
                .join(
                    member_of,
                    and_(member_of.tenant_id == tenant, member_of.department_id == within.id),
                )
                .where(listed.tenant_id == tenant, listed.id.in_(roots))
            )
        return found

    def _by_place(self, tenant: BindParameter[int], member: BindParameter[str]) -> Select[str]:
        """Who is where he is, or below what he leads."""
        subtree: ColumnElement[bool] = mine.is_leader.expression if self.oversees else false()
        if self.reach >= DataScope.DEPT_AND_BELOW:
            subtree = true()
        reaches = and_(subtree, inside.path.startswith(root.path, autoescape=False))
        if self.reach >= DataScope.DEPT:
            reaches = or_(reaches, inside.id == root.id)
        # The departments first: joined to their members, SQLite compares each member of the company
        # with each department of a leader of many.
        departments = (
            select(inside.id)
            .select_from(mine)
            .join(root, and_(root.tenant_id == tenant, root.id == mine.department_id))
            .join(inside, and_(inside.tenant_id == tenant, reaches))
            .where(mine.tenant_id == tenant, mine.member_id == member)
        )
        return select(below.member_id).where(
            below.tenant_id == tenant, below.department_id.in_(departments)
        )
