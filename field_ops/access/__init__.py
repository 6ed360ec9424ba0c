"""Who may see a row and who may do a thing. Decided here and nowhere else."""

from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import InstrumentedAttribute

from ..errors import NotAllowed, NotFound
from ..work import Work
from .roles import DataScope, Role, role_named
from .scope import Scope


class Scoped(Protocol):
    """A table that says which of its rows are in a person's scope."""

    tenant_id: Any
    id: Any

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]: ...


Row = TypeVar("Row", bound=Any)

# Whose permission to look counts for the tables of a folder, where it is not the folder's own.
LOOKED_AT_WITH = {
    "plans": "visits",
    "attendance": "visits",
    "attachments": "customers",
    "chat_contacts": "customers",
    "comments": "customers",
    "contacts": "customers",
    "grading": "customers",
    "exchange": "customers",
    "follow_ups": "customers",
}


def roles_held(work: Work) -> list[Role]:
    """The roles of the actor, built-in ones and those that his company made."""
    made = dict(work.actor.made_roles)
    found = (role_named(code, made.get(code)) for code in work.actor.roles)
    return [role for role in found if role is not None]


def scope_of(work: Work, permission: str) -> Scope:
    """How far this actor may do `module.action`: the union over his roles that grant it.

    What follows from his place only (he leads a department) reaches no further than the departments
    that he leads. The system reaches everything.
    """
    if work.actor.is_system:
        return Scope(work.tenant_id, None, DataScope.ALL)
    module = permission.partition(".")[0]
    granting = [role for role in roles_held(work) if permission in role.permissions]
    given = [role.reach(module) for role in granting if role.code not in work.actor.by_place]
    return Scope(
        work.tenant_id,
        work.actor.member_id,
        max((reach.base for reach in given), default=DataScope.SELF),
        oversees=work.actor.oversees,
        departments=frozenset().union(*(reach.departments for reach in given)),
        subtrees=frozenset().union(*(reach.subtrees for reach in given)),
        is_granted=bool(granting),
    )


def scope_to_see(work: Work, table: type[Any]) -> Scope:
    """How far this actor sees rows of `table`."""
    folder = table.__module__.split(".")[1]
    return scope_of(work, f"{LOOKED_AT_WITH.get(folder, folder)}.view")


def visible(work: Work, table: type[Row]) -> Select[Row]:
    """SELECT the rows of `table` that this actor may see: his tenant's, within his scope."""
    scope = scope_to_see(work, table)
    in_scope = table.in_scope(scope) if scope.is_granted else false()
    return select(table).where(table.tenant_id == work.tenant_id, in_scope)


def visible_to_do(work: Work, table: type[Row], *permissions: str) -> Select[Row]:
    """SELECT the rows that this actor may see and may do all of this with, such as export them."""
    rows = visible(work, table)
    for permission in permissions:
        scope = scope_of(work, permission)
        rows = rows.where(table.in_scope(scope) if scope.is_granted else false())
    return rows


def reaches(
    work: Work,
    permission: str,
    owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> ColumnElement[bool]:
    """True for rows with whose owner the actor may do this. Un-owned rows only under ALL."""
    scope = scope_of(work, permission)
    return scope.covers(owner) if scope.is_granted else false()


async def find_visible(work: Work, table: type[Row], row_id: str) -> Row:
    """The row with this id, or `NotFound` when it is absent or out of sight (the same answer)."""
    row: Row | None = await work.session.scalar(visible(work, table).where(table.id == row_id))
    if row is None:
        raise NotFound()
    return row


async def reaches_row(
    work: Work,
    permission: str,
    table: type[Any],
    row_id: str,
    owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> None:
    """Raise `NotAllowed` for a row that the actor may see, but not do this to: somebody shared it
    with him, or another of his roles shows it."""
    asked = select(table.id).where(
        table.tenant_id == work.tenant_id, table.id == row_id, reaches(work, permission, owner)
    )
    if await work.session.scalar(asked) is None:
        raise NotAllowed()


def may(work: Work, permission: str) -> bool:
    """Whether any role of the actor grants `module.action`. The system may do everything."""
    if work.actor.is_system:
        return True
    return any(permission in role.permissions for role in roles_held(work))


def require(work: Work, permission: str) -> None:
    """Raise `NotAllowed` unless the actor may."""
    if not may(work, permission):
        raise NotAllowed()
