"""Who holds a permission, where somebody must be told."""

from sqlalchemy import and_, select

from ..people.models import MadeRole, Member, MemberRole
from ..work import Work
from .roles import role_named


async def who_may(work: Work, permission: str) -> list[str]:
    """The active members whose given roles grant it, in the order of their ids."""
    found = await work.session.execute(
        select(Member.id, MemberRole.role, MadeRole.definition)
        .join(
            MemberRole,
            and_(MemberRole.tenant_id == Member.tenant_id, MemberRole.member_id == Member.id),
        )
        .outerjoin(
            MadeRole,
            and_(MadeRole.tenant_id == Member.tenant_id, MadeRole.code == MemberRole.role),
        )
        .where(Member.tenant_id == work.tenant_id, Member.state == "active")
    )
    holders = set()
    for member_id, code, definition in found:
        role = role_named(code, definition)
        if role is not None and permission in role.permissions:
            holders.add(member_id)
    return sorted(holders)
