"""Writing `Changes`: bulk statements in chunks, all in the caller's transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from ..connections.refs import ConnectionRef
from ..tenants.models import UNNAMED_COMPANY, Tenant
from . import hints
from .changes import Changes, RowValues
from .models import (
    Department,
    Member,
    MemberIdentity,
    Membership,
    Session,
)

AT_ONCE = 1000  # rows of one statement, so that their copies do not fill the memory


async def apply(
    session: AsyncSession, connection: ConnectionRef, changes: Changes, now: datetime
) -> None:
    """Write everything, end the sessions of those who left, and count what is there afterwards."""
    below = await session.connection()
    for model, rows in (
        (Department, changes.new_departments),
        (Member, changes.new_members),
        (MemberIdentity, changes.new_identities),
        (Membership, changes.new_memberships),
    ):
        await _in_chunks(below, insert(model), rows)
    for model, rows in (
        (Department, changes.departments),
        (Member, changes.members),
        (MemberIdentity, changes.identities),
        (Membership, changes.memberships),
    ):
        await _update(below, cast(Table, model.__table__), rows)
    await _end_memberships(below, changes.ended_memberships)
    await _end_sessions(below, connection.tenant_id, changes.locked_out, now)
    if changes.company:
        await _name_company(session, connection.tenant_id, changes.company)
    await _hint_at_their_other_host(session, connection, changes.carried_on, now)
    await _count(session, connection, changes)


async def _in_chunks(below: AsyncConnection, statement: Any, rows: Sequence[RowValues]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        await below.execute(statement, rows[start : start + AT_ONCE])


async def _update(below: AsyncConnection, table: Table, rows: list[RowValues]) -> None:
    """By primary key; `rows` may differ in what they say."""
    key = [column.name for column in table.primary_key]
    for alike in _with_the_same_columns(rows):
        names = [name for name in alike[0] if name not in key]
        statement = (
            update(table)
            .where(*(table.c[name] == bindparam(f"the_{name}") for name in key))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        values = [
            {f"the_{name}" if name in key else f"new_{name}": row[name] for name in row}
            for row in alike
        ]
        await _in_chunks(below, statement, values)


def _with_the_same_columns(rows: list[RowValues]) -> Iterator[list[RowValues]]:
    """Rows grouped so that one statement serves each group."""
    groups: dict[tuple[str, ...], list[RowValues]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row)), []).append(row)
    yield from groups.values()


async def _end_memberships(below: AsyncConnection, rows: list[RowValues]) -> None:
    statement = delete(Membership).where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.member_id == bindparam("member_id"),
        Membership.department_id == bindparam("department_id"),
    )
    await _in_chunks(below, statement, rows)


async def _end_sessions(
    below: AsyncConnection, tenant_id: int, member_ids: list[str], now: datetime
) -> None:
    statement = (
        update(Session)
        .where(
            Session.tenant_id == bindparam("of_tenant"),
            Session.member_id == bindparam("of_member"),
            Session.ended_at.is_(None),
        )
        .values(ended_at=bindparam("now"))
    )
    rows = [{"of_tenant": tenant_id, "of_member": one, "now": now} for one in member_ids]
    await _in_chunks(below, statement, rows)


async def _name_company(session: AsyncSession, tenant_id: int, name: str) -> None:
    """The root department carries the company's name, which nobody had to type."""
    await session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id, Tenant.name == UNNAMED_COMPANY)
        .values(name=name[:200])
    )


async def _hint_at_their_other_host(
    session: AsyncSession, connection: ConnectionRef, member_ids: Sequence[str], now: datetime
) -> None:
    """From now on the other host says who they are: it is asked soon."""
    for start in range(0, len(member_ids), AT_ONCE):
        rows = await session.execute(
            select(MemberIdentity.connection_id, MemberIdentity.host_user_id).where(
                MemberIdentity.tenant_id == connection.tenant_id,
                MemberIdentity.member_id.in_(member_ids[start : start + AT_ONCE]),
                MemberIdentity.left_at.is_(None),
            )
        )
        for connection_id, who in rows:
            await hints.note(session, connection.tenant_id, connection_id, hints.MEMBER, who, now)


async def _count(session: AsyncSession, connection: ConnectionRef, changes: Changes) -> None:
    if changes.report.kind != "full":
        return
    present: Any = await session.scalar(
        select(func.count())
        .select_from(MemberIdentity)
        .where(
            MemberIdentity.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.left_at.is_(None),
        )
    )
    standing: Any = await session.scalar(
        select(func.count())
        .select_from(Department)
        .where(
            Department.tenant_id == connection.tenant_id,
            Department.connection_id == connection.id,
            Department.removed_at.is_(None),
        )
    )
    if (present, standing) != (changes.present, changes.standing):
        raise RuntimeError(
            f"after the sync there are {present} members and {standing} departments, "
            f"and the host has {changes.present} and {changes.standing}"
        )
