"""The organisation as our tables have it, in memory, for one comparison.

Tuples, not ORM objects: fifty thousand people are tens of megabytes.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.models import HostConnection
from ..connections.refs import ConnectionRef
from .models import Department, Member, MemberIdentity, Membership
from .phones import comparable
from .snapshot import Snapshot

ONE_BY_ONE = 5_000  # members who are named in a statement; for more than that all are read


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
    told_phone: str
    told_leader: str | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class Known:
    """By host id. `joined` is (member id → department id → leads it), `leaders` the active
    leaders of a department.

    `elsewhere` are members whom another connection still has, with the oldest such connection:
    they do not depart with this one. `by_phone` are members of other connections by the number
    that their host tells; None stands for several.
    """

    departments: dict[str, KnownDepartment] = field(default_factory=dict)
    members: dict[str, KnownMember] = field(default_factory=dict)
    joined: dict[str, dict[str, bool]] = field(default_factory=dict)
    leaders: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    by_phone: dict[str, str | None] = field(default_factory=dict)

    @property
    def present(self) -> list[KnownMember]:
        return [member for member in self.members.values() if not member.has_left]

    @property
    def standing(self) -> list[KnownDepartment]:
        return [one for one in self.departments.values() if not one.is_removed]


@dataclass(frozen=True, slots=True)
class Ripple:
    """Whose direct leader may be another one now, although nobody said so: whoever has one of
    these main departments, is one of these members, or was told one of these leaders (by the host's
    userid)."""

    department_ids: frozenset[str] = frozenset()
    member_ids: frozenset[str] = frozenset()
    told_leaders: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.department_ids or self.member_ids or self.told_leaders)

    @property
    def reaches(self) -> ColumnElement[bool]:
        return or_(
            Member.main_department_id.in_(self.department_ids),
            Member.id.in_(self.member_ids),
            MemberIdentity.told_leader.in_(self.told_leaders),
        )


async def known(
    session: AsyncSession,
    connection: ConnectionRef,
    snapshot: Snapshot | None = None,
    ripple: Ripple | None = None,
) -> Known:
    """All departments, and all members, or only those whom an incomplete snapshot speaks of and
    whom a ripple reaches."""
    if snapshot is None or snapshot.complete or len(snapshot.asked_about) > ONE_BY_ONE:
        by_phone = await _by_phone(session, connection, None)
        people = await _members(session, connection, true())
        ids: list[str] | None = None
    else:
        phones = {comparable(member.phone) for member in snapshot.members.values()} - {""}
        by_phone = await _by_phone(session, connection, phones)
        twins = [one for one in by_phone.values() if one]
        whom = _of_whom(snapshot, twins)
        people = await _members(session, connection, or_(whom, ripple.reaches) if ripple else whom)
        named = [*(member.id for member in people.values()), *twins]
        ids = named if len(named) <= ONE_BY_ONE else None
    return Known(
        departments=await _departments(session, connection),
        members=people,
        joined=await _joined(session, connection, ids),
        leaders=await _leaders(session, connection),
        elsewhere=await _elsewhere(session, connection, ids),
        by_phone=by_phone,
    )


def _of_whom(snapshot: Snapshot, twins: Collection[str]) -> ColumnElement[bool]:
    """Those whom it speaks of, also under the userid that they had before they came back."""
    unions = {member.union_id for member in snapshot.members.values()} - {""}
    return or_(
        MemberIdentity.host_user_id.in_(snapshot.asked_about),
        MemberIdentity.union_id.in_(unions),
        MemberIdentity.member_id.in_(twins),
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
    session: AsyncSession, connection: ConnectionRef, which: ColumnElement[bool]
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
            MemberIdentity.phone,
            MemberIdentity.told_leader,
            MemberIdentity.left_at.is_not(None),
        )
        .join(MemberIdentity, _is_identity_of(Member))
        .where(
            Member.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id == connection.id,
            which,
        )
    )
    # Departments and leaders are named thousands of times, and each row brings its own copy.
    same: dict[str | None, str | None] = {}
    people = {}
    for row in rows:
        member = KnownMember._make(row)
        people[member.host_id] = member._replace(
            main_department_id=same.setdefault(row[7], row[7]),
            direct_leader_id=same.setdefault(row[8], row[8]),
            told_leader=same.setdefault(row[11], row[11]),
        )
    return people


async def _joined(
    session: AsyncSession, connection: ConnectionRef, ids: Collection[str] | None
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
    same: dict[str, str] = {}
    joined: dict[str, dict[str, bool]] = {}
    for member_id, department_id, is_leader in rows:
        department_id = same.setdefault(department_id, department_id)
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
    session: AsyncSession, connection: ConnectionRef, ids: Collection[str] | None
) -> dict[str, str]:
    rows = await session.execute(
        select(MemberIdentity.member_id, func.min(MemberIdentity.connection_id))
        .where(
            _on_another_host(connection),
            true() if ids is None else MemberIdentity.member_id.in_(ids),
        )
        .group_by(MemberIdentity.member_id)
    )
    return {member_id: home for member_id, home in rows}  # noqa: C416 - rows are not pairs for mypy


async def _by_phone(
    session: AsyncSession, connection: ConnectionRef, phones: Collection[str] | None
) -> dict[str, str | None]:
    rows = await session.execute(
        select(MemberIdentity.phone, MemberIdentity.member_id)
        .where(
            _on_another_host(connection),
            MemberIdentity.phone != "",
            true() if phones is None else MemberIdentity.phone.in_(phones),
        )
        .distinct()
    )
    found: dict[str, str | None] = {}
    for phone, member_id in rows:
        found[phone] = None if phone in found else member_id
    return found


def _on_another_host(connection: ConnectionRef) -> ColumnElement[bool]:
    others = select(HostConnection.id).where(
        HostConnection.tenant_id == connection.tenant_id,
        HostConnection.id != connection.id,
        HostConnection.removed_at.is_(None),
    )
    return and_(
        MemberIdentity.tenant_id == connection.tenant_id,
        MemberIdentity.connection_id.in_(others),
        MemberIdentity.left_at.is_(None),
    )


def _is_identity_of(member: type[Member]) -> ColumnElement[bool]:
    return and_(MemberIdentity.tenant_id == member.tenant_id, MemberIdentity.member_id == member.id)


def _is_department_of(membership: type[Membership]) -> ColumnElement[bool]:
    return and_(
        Department.tenant_id == membership.tenant_id, Department.id == membership.department_id
    )
