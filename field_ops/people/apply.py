"""Writing `Changes`: one bulk statement for each kind, all in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..tenants.models import UNNAMED_COMPANY, Tenant
from .changes import Changes, RowValues
from .models import (
    Department,
    Member,
    MemberIdentity,
    Membership,
    Session,
)


async def apply(
    session: AsyncSession, connection: ConnectionRef, changes: Changes, now: datetime
) -> None:
    """Write everything, end the sessions of those who left, and count what is there afterwards."""
    for table, rows in (
        (Department, changes.new_departments),
        (Member, changes.new_members),
        (MemberIdentity, changes.new_identities),
        (Membership, changes.new_memberships),
    ):
        if rows:
            await session.execute(insert(table), rows)
    for table, rows in (
        (Department, changes.departments),
        (Member, changes.members),
        (MemberIdentity, changes.identities),
        (Membership, changes.memberships),
    ):
        for alike in _with_the_same_columns(rows):
            await session.execute(update(table), alike)
    await _end_memberships(session, changes.ended_memberships)
    await _end_sessions(session, connection.tenant_id, changes.locked_out, now)
    if changes.company:
        await _name_company(session, connection.tenant_id, changes.company)
    await _count(session, connection, changes)


def _with_the_same_columns(rows: list[RowValues]) -> list[list[RowValues]]:
    """Rows grouped so that one statement serves each group."""
    groups: dict[tuple[str, ...], list[RowValues]] = {}
    for row in rows:
        groups.setdefault(tuple(sorted(row)), []).append(row)
    return list(groups.values())


async def _end_memberships(session: AsyncSession, rows: list[RowValues]) -> None:
    if not rows:
        return
    statement = delete(Membership).where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.member_id == bindparam("member_id"),
        Membership.department_id == bindparam("department_id"),
    )
    connection = await session.connection()
    await connection.execute(statement, rows)


async def _end_sessions(
    session: AsyncSession, tenant_id: int, member_ids: list[str], now: datetime
) -> None:
    if not member_ids:
        return
    statement = (
        update(Session)
        .where(
            Session.tenant_id == bindparam("of_tenant"),
            Session.member_id == bindparam("of_member"),
            Session.ended_at.is_(None),
        )
        .values(ended_at=bindparam("now"))
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [{"of_tenant": tenant_id, "of_member": one, "now": now} for one in member_ids],
    )


async def _name_company(session: AsyncSession, tenant_id: int, name: str) -> None:
    """The root department carries the company's name, which nobody had to type."""
    await session.execute(
        update(Tenant)
        .where(Tenant.id == tenant_id, Tenant.name == UNNAMED_COMPANY)
        .values(name=name[:200])
    )


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
