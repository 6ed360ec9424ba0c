"""Who is who: people by host id, their leaders, their departments."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..tenants.models import Tenant
from ..work import Actor, Work
from .models import Department, MadeRole, Member, MemberIdentity, MemberRole, Membership


async def member_by_host_user(
    session: AsyncSession, connection: ConnectionRef, host_user_id: str
) -> Member | None:
    """The member whom this host has under this id now, suspended ones too; None when he left."""
    found: Member | None = await session.scalar(
        _known_as(connection.tenant_id, connection.id, host_user_id)
    )
    return found


async def departments_of(session: AsyncSession, connection: ConnectionRef) -> int:
    """How many departments this host has, as far as we know."""
    found = await session.scalar(
        select(func.count())
        .select_from(Department)
        .where(
            Department.tenant_id == connection.tenant_id,
            Department.connection_id == connection.id,
            Department.removed_at.is_(None),
        )
    )
    return found or 0


async def members_at(session: AsyncSession, connection: ConnectionRef) -> int:
    """How many members this host has, as far as we know."""
    found = await session.scalar(
        select(func.count())
        .select_from(MemberIdentity)
        .where(
            MemberIdentity.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.left_at.is_(None),
        )
    )
    return found or 0


async def actor_for(
    session: AsyncSession, door: Actor, host_user_id: str
) -> tuple[Actor, Member] | None:
    """The active member behind a host's user id, ready to act; None when we do not know him.

    `door` is the company itself, as it acts through the connection that the id belongs to.
    """
    return await _acting(session, door, _known_as(door.tenant_id, door.connection_id, host_user_id))


async def actor_again(
    session: AsyncSession, door: Actor, member_id: str
) -> tuple[Actor, Member] | None:
    """The member as he may act now, for what he asked for earlier; None when he is not active."""
    himself = select(Member).where(Member.tenant_id == door.tenant_id, Member.id == member_id)
    return await _acting(session, door, himself)


async def _acting(
    session: AsyncSession, door: Actor, wanted: Select[Member]
) -> tuple[Actor, Member] | None:
    found = await session.execute(
        wanted.join(Tenant, Tenant.id == Member.tenant_id)
        .outerjoin(
            MemberRole,
            and_(MemberRole.tenant_id == Member.tenant_id, MemberRole.member_id == Member.id),
        )
        .outerjoin(MadeRole, is_made)
        .add_columns(
            MemberRole.role,
            MadeRole.definition,
            leads_one,
            Tenant.leaders_oversee,
            Tenant.pool_fields,
        )
        .where(Member.state == "active")
    )
    rows = found.all()
    if not rows:
        return None
    member, _, _, is_leader, oversees, pool_fields = rows[0]
    himself = replace(
        door,
        member_id=member.id,
        language=member.language,
        oversees=oversees,
        pool_fields=pool_fields,
    )
    actor = with_roles(
        himself,
        [(role, definition) for _, role, definition, *_ in rows],
        is_leader=is_leader,
    )
    return actor, member


async def roles_held(session: AsyncSession, member: Member) -> frozenset[str]:
    """The role codes of a member: those that were given, and those that follow from his place."""
    given = await session.scalars(
        select(MemberRole.role).where(
            MemberRole.tenant_id == member.tenant_id, MemberRole.member_id == member.id
        )
    )
    is_leader = await session.scalar(
        select(leads_one).where(Member.tenant_id == member.tenant_id, Member.id == member.id)
    )
    return roles_of(given, is_leader=bool(is_leader))


def with_roles(
    actor: Actor, given: Iterable[tuple[str | None, str | None]], *, is_leader: bool
) -> Actor:
    """The actor with the roles that he was given, as pairs of code and definition (None for a
    built-in one), and those that follow from his place."""
    pairs = [(code, definition) for code, definition in given if code is not None]
    codes = [code for code, _ in pairs]
    return replace(
        actor,
        roles=roles_of(codes, is_leader=is_leader),
        by_place=frozenset({"lead"} if is_leader and "lead" not in codes else ()),
        made_roles=tuple((code, made) for code, made in pairs if made is not None),
    )


def roles_of(given: Iterable[str | None], *, is_leader: bool) -> frozenset[str]:
    """The given roles; who leads a department is a lead. Who has no other role is a rep: an auditor
    is not, unless he was given that role, too."""
    codes = frozenset(filter(None, given)) | ({"lead"} if is_leader else frozenset())
    return codes | {"rep"} if codes <= STILL_REPS else codes


async def leaders_of(work: Work, member_id: str) -> list[str]:
    """Ids of the active members above this one: his direct leader first, then the leaders of his
    main department, of its parent, and so on to the root. He himself is never among them."""
    member = await work.session.get(Member, (work.tenant_id, member_id))
    if member is None:
        return []
    above = await _leaders_up_the_tree(work, member)
    if member.direct_leader_id is not None:
        direct = await work.session.get(Member, (work.tenant_id, member.direct_leader_id))
        if direct is not None and direct.state == "active":
            above.insert(0, direct.id)
    return [leader for leader in dict.fromkeys(above) if leader != member_id]


async def members_by_id(work: Work, member_ids: Iterable[str]) -> dict[str, Member]:
    """These members of the company by their ids, departed ones too: history keeps their names."""
    wanted = set(member_ids)
    if not wanted:
        return {}
    found = await work.session.scalars(
        select(Member).where(Member.tenant_id == work.tenant_id, Member.id.in_(wanted))
    )
    return {member.id: member for member in found}


async def department_name(work: Work, department_id: str | None) -> str:
    """The department's name, removed ones too; "" for none."""
    if department_id is None:
        return ""
    department = await work.session.get(Department, (work.tenant_id, department_id))
    return department.name if department else ""


async def _leaders_up_the_tree(work: Work, member: Member) -> list[str]:
    if member.main_department_id is None:
        return []
    department = await work.session.get(Department, (work.tenant_id, member.main_department_id))
    if department is None:
        return []
    chain = [one for one in department.path.split("/") if one]
    rows = await work.session.execute(
        select(Membership.department_id, Membership.member_id)
        .join(Member, _is_member_of(Membership))
        .where(
            Membership.tenant_id == work.tenant_id,
            Membership.department_id.in_(chain),
            Membership.is_leader.is_(True),
            Member.state == "active",
        )
    )
    # The deepest department first; among several leaders of one, always the same order.
    ordered = sorted(rows, key=lambda row: (-chain.index(row.department_id), row.member_id))
    return [row.member_id for row in ordered]


STILL_REPS = frozenset({"rep", "lead", "admin"})
is_made = and_(MadeRole.tenant_id == MemberRole.tenant_id, MadeRole.code == MemberRole.role)
leads_one = exists().where(
    Membership.tenant_id == Member.tenant_id,
    Membership.member_id == Member.id,
    Membership.is_leader.is_(True),
)


def _known_as(tenant_id: int, connection_id: str | None, host_user_id: str) -> Select[Member]:
    return (
        select(Member)
        .join(
            MemberIdentity,
            and_(
                MemberIdentity.tenant_id == Member.tenant_id,
                MemberIdentity.member_id == Member.id,
            ),
        )
        .where(
            MemberIdentity.tenant_id == tenant_id,
            MemberIdentity.connection_id == connection_id,
            MemberIdentity.host_user_id == host_user_id,
            MemberIdentity.left_at.is_(None),
        )
    )


def _is_member_of(membership: type[Membership]) -> ColumnElement[bool]:
    return and_(Member.tenant_id == membership.tenant_id, Member.id == membership.member_id)
