"""The organisation as our tables have it, in memory, for one comparison.

Tuples, not ORM objects: fifty thousand people are tens of megabytes.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from .models import Department, Member, MemberIdentity, Membership


class KnownDepartment(NamedTuple):
    id: str
    host_id: str
    name: str
    parent_id: str | None
    path: str
    position: int
    is_removed: bool


class KnownMember(NamedTuple):
    id: str
    host_id: str
    name: str
    phone: str | None
    email: str | None
    title: str | None
    state: str
    main_department_id: str | None
    direct_leader_id: str | None
    union_id: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class Known:
    """By host id. `joined` is (member id → department id → leads it), `leaders` the active
    leaders of a department.

    `elsewhere` are members whom another connection still has: they do not depart with this one.
    """

    departments: dict[str, KnownDepartment] = field(default_factory=dict)
    members: dict[str, KnownMember] = field(default_factory=dict)
    joined: dict[str, dict[str, bool]] = field(default_factory=dict)
    leaders: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @property
    def present(self) -> list[KnownMember]:
        return [member for member in self.members.values() if not member.has_left]

    @property
    def standing(self) -> list[KnownDepartment]:
        return [one for one in self.departments.values() if not one.is_removed]


async def known(
    session: AsyncSession, connection: ConnectionRef, only: Collection[str] | None = None
) -> Known:
    """All departments, and all members or `only` those with these host user ids."""
    people = await _members(session, connection, only)
    ids = [member.id for member in people.values()] if only is not None else None
    return Known(
        departments=await _departments(session, connection),
        members=people,
        joined=await _joined(session, connection, ids),
        leaders=await _leaders(session, connection),
        elsewhere=await _elsewhere(session, connection, ids),
    )


async def _departments(
    session: AsyncSession, connection: ConnectionRef
) -> dict[str, KnownDepartment]:
    rows = await session.execute(
        select(
            Department.id,
            Department.host_department_id,
            Department.name,
            Department.parent_id,
            Department.path,
            Department.position,
            Department.removed_at.is_not(None),
        ).where(
            Department.tenant_id == connection.tenant_id, Department.connection_id == connection.id
        )
    )
    return {row[1]: KnownDepartment(*row) for row in rows}


async def _members(
    session: AsyncSession, connection: ConnectionRef, only: Collection[str] | None
) -> dict[str, KnownMember]:
    rows = await session.execute(
        select(
            Member.id,
            MemberIdentity.host_user_id,
            Member.name,
            Member.phone,
            Member.email,
            Member.title,
            Member.state,
            Member.main_department_id,
            Member.direct_leader_id,
            MemberIdentity.union_id,
            MemberIdentity.left_at.is_not(None),
        )
        .join(MemberIdentity, _is_identity_of(Member))
        .where(
            Member.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id == connection.id,
            true() if only is None else MemberIdentity.host_user_id.in_(only),
        )
    )
    return {row[1]: KnownMember(*row) for row in rows}


async def _joined(
    session: AsyncSession, connection: ConnectionRef, ids: list[str] | None
) -> dict[str, dict[str, bool]]:
    rows = await session.execute(
        select(Membership.member_id, Membership.department_id, Membership.is_leader)
        .join(Department, _is_department_of(Membership))
        .where(
            Membership.tenant_id == connection.tenant_id,
            Department.connection_id == connection.id,
            true() if ids is None else Membership.member_id.in_(ids),
        )
    )
    joined: dict[str, dict[str, bool]] = {}
    for member_id, department_id, is_leader in rows:
        joined.setdefault(member_id, {})[department_id] = is_leader
    return joined


async def _leaders(session: AsyncSession, connection: ConnectionRef) -> dict[str, list[str]]:
    rows = await session.execute(
        select(Membership.department_id, Membership.member_id)
        .join(Department, _is_department_of(Membership))
        .join(
            Member,
            and_(Member.tenant_id == Membership.tenant_id, Member.id == Membership.member_id),
        )
        .where(
            Membership.tenant_id == connection.tenant_id,
            Department.connection_id == connection.id,
            Membership.is_leader.is_(True),
            Member.state == "active",
        )
        .order_by(Membership.department_id, Membership.member_id)
    )
    leaders: dict[str, list[str]] = {}
    for department_id, member_id in rows:
        leaders.setdefault(department_id, []).append(member_id)
    return leaders


async def _elsewhere(
    session: AsyncSession, connection: ConnectionRef, ids: list[str] | None
) -> frozenset[str]:
    rows = await session.scalars(
        select(MemberIdentity.member_id).where(
            MemberIdentity.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id != connection.id,
            MemberIdentity.left_at.is_(None),
            true() if ids is None else MemberIdentity.member_id.in_(ids),
        )
    )
    return frozenset(rows)


def _is_identity_of(member: type[Member]) -> ColumnElement[bool]:
    return and_(MemberIdentity.tenant_id == member.tenant_id, MemberIdentity.member_id == member.id)


def _is_department_of(membership: type[Membership]) -> ColumnElement[bool]:
    return and_(
        Department.tenant_id == membership.tenant_id, Department.id == membership.department_id
    )
