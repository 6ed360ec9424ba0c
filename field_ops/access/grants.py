"""Giving and taking roles. `lead` follows from leading a department and needs no grant."""

from sqlalchemy import delete, select

from ..db import insert_into
from ..errors import Invalid
from ..history.audit import record
from ..people.models import MadeRole, Member, MemberRole
from ..texts import Text
from ..work import Work
from . import require
from .roles import ROLES


class RoleUnknown(Invalid):
    sentence = Text(
        "没有名为「{role}」的角色，可用的有：{known}。",
        "There is no role named “{role}”. Known roles: {known}.",
    )


async def grant_role(work: Work, member: Member, role: str) -> None:
    """Give a role; a second time changes nothing. The system may give the first admin his."""
    require(work, "people.roles")
    made = await _made_codes(work) if role not in ROLES else []
    if role not in ROLES and role not in made:
        raise RoleUnknown(role=role, known=", ".join([*ROLES, *made]))
    written = await work.session.execute(
        insert_into(work.session, MemberRole)
        .values(tenant_id=work.tenant_id, member_id=member.id, role=role)
        .on_conflict_do_nothing()
        .returning(MemberRole.role)
    )
    if written.first() is not None:
        record(work, "role.granted", "member", member.id, {"role": (None, role)})


async def withdraw_role(work: Work, member: Member, role: str) -> None:
    """Take a role that was given."""
    require(work, "people.roles")
    taken = await work.session.execute(
        delete(MemberRole)
        .where(
            MemberRole.tenant_id == work.tenant_id,
            MemberRole.member_id == member.id,
            MemberRole.role == role,
        )
        .returning(MemberRole.role)
    )
    if taken.first() is not None:
        record(work, "role.withdrawn", "member", member.id, {"role": (role, None)})


async def _made_codes(work: Work) -> list[str]:
    found = await work.session.scalars(
        select(MadeRole.code).where(MadeRole.tenant_id == work.tenant_id).order_by(MadeRole.code)
    )
    return list(found)
