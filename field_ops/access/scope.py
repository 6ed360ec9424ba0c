"""How far a person sees, as a condition for the database.

The condition asks the live tree of departments each time, so a move of a department or a person
changes what is visible at once, and nothing has to be recomputed.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Scope:
    """`member_id` None is the system, which sees the whole tenant."""

    tenant_id: int
    member_id: str | None
    reach: DataScope

    def covers(
        self, owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    ) -> ColumnElement[bool]:
        """True for rows whose owner this person may look over. Un-owned rows only under ALL."""
        if self.reach is DataScope.ALL:
            return true()
        if self.member_id is None:
            return false()
        return or_(owner == self.member_id, owner.in_(self.member_ids()))

    def member_ids(self) -> Select[str]:
        """The members that this person may look over, as a subquery (without himself for SELF)."""
        # A leader sees the departments he leads and all below, whatever his role says.
        subtree: ColumnElement[bool] = mine.is_leader.expression
        if self.reach >= DataScope.DEPT_AND_BELOW:
            subtree = true()
        reaches = and_(subtree, inside.path.startswith(root.path, autoescape=False))
        if self.reach >= DataScope.DEPT:
            reaches = or_(reaches, inside.id == root.id)
        # Named, so that a statement can be made once and asked for one person after the other.
        tenant: BindParameter[int] = bindparam("scope_tenant_id", self.tenant_id)
        member: BindParameter[str] = bindparam("scope_member_id", self.member_id)
        return (
            select(below.member_id)
            .select_from(mine)
            .join(root, and_(root.tenant_id == tenant, root.id == mine.department_id))
            .join(inside, and_(inside.tenant_id == tenant, reaches))
            .join(below, and_(below.tenant_id == tenant, below.department_id == inside.id))
            .where(mine.tenant_id == tenant, mine.member_id == member)
        )
