"""Which roles a company has, and who holds them."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from ..access import require
from ..access.roles import BUILT_IN, Role, made_role
from ..errors import NotFound
from ..people.models import Department, MadeRole, Member, MemberRole
from ..people.queries import roles_held
from ..work import Work


async def all_roles(work: Work) -> list[tuple[Role, int]]:
    """Every role with the number of members to whom it was given; the built-in ones first."""
    require(work, "people.roles")
    made = await work.session.scalars(
        select(MadeRole).where(MadeRole.tenant_id == work.tenant_id).order_by(MadeRole.code)
    )
    roles = [*BUILT_IN, *(made_role(row.code, row.definition) for row in made)]
    holders = await holders_of_each(work)
    return [(role, holders.get(role.code, 0)) for role in roles]


async def holders_of_each(work: Work) -> dict[str, int]:
    rows = await work.session.execute(
        select(MemberRole.role, func.count())
        .where(MemberRole.tenant_id == work.tenant_id)
        .group_by(MemberRole.role)
    )
    return {code: count for code, count in rows}  # noqa: C416 - rows are not pairs for mypy


async def department_names(work: Work, ids: Collection[str]) -> dict[str, str]:
    """Names of departments by id, of those that are still there."""
    rows = await work.session.execute(
        select(Department.id, Department.name).where(
            Department.tenant_id == work.tenant_id,
            Department.id.in_(ids),
            Department.removed_at.is_(None),
        )
    )
    return {id_: name for id_, name in rows}  # noqa: C416 - rows are not pairs for mypy


async def roles_of_member(work: Work, member_id: str) -> tuple[Member, Sequence[str], list[str]]:
    """The member, what was given to him, and all that he holds. Raises NotFound."""
    require(work, "people.roles")
    member = await work.session.get(Member, (work.tenant_id, member_id))
    if member is None:
        raise NotFound()
    given = await work.session.scalars(
        select(MemberRole.role)
        .where(MemberRole.tenant_id == work.tenant_id, MemberRole.member_id == member.id)
        .order_by(MemberRole.role)
    )
    return member, given.all(), sorted(await roles_held(work.session, member))
