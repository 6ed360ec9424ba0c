"""Who may see a row and who may do a thing. Decided here and nowhere else."""

from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from ..errors import NotAllowed, NotFound
from ..work import Work
from .roles import ROLES, DataScope
from .scope import Scope


class Scoped(Protocol):
    """A table that says which of its rows are in a person's scope."""

    tenant_id: Any
    id: Any

    @classmethod
    def in_scope(cls, scope: Scope) -> ColumnElement[bool]: ...


Row = TypeVar("Row", bound=Any)


def scope_of(work: Work) -> Scope:
    """How far this actor sees: the widest scope of his roles; the system sees all."""
    if work.actor.is_system:
        return Scope(work.tenant_id, None, DataScope.ALL)
    reach = max(
        (ROLES[code].data_scope for code in work.actor.roles if code in ROLES),
        default=DataScope.SELF,
    )
    return Scope(work.tenant_id, work.actor.member_id, reach)


def visible(work: Work, table: type[Row]) -> Select[Row]:
    """SELECT the rows of `table` that this actor may see: his tenant's, within his scope."""
    return select(table).where(table.tenant_id == work.tenant_id, table.in_scope(scope_of(work)))


def in_sight(
    work: Work, owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """The condition alone, for a query that does not select whole rows."""
    return scope_of(work).covers(owner)


async def find_visible(work: Work, table: type[Row], row_id: str) -> Row:
    """The row with this id, or `NotFound` when it is absent or out of sight (the same answer)."""
    row: Row | None = await work.session.scalar(visible(work, table).where(table.id == row_id))
    if row is None:
        raise NotFound()
    return row


def may(work: Work, permission: str) -> bool:
    """Whether any role of the actor grants `module.action`. The system may do everything."""
    if work.actor.is_system:
        return True
    return any(permission in ROLES[code].permissions for code in work.actor.roles if code in ROLES)


def require(work: Work, permission: str) -> None:
    """Raise `NotAllowed` unless the actor may."""
    if not may(work, permission):
        raise NotAllowed()
