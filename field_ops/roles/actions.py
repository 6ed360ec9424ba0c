"""Making roles, and giving them. All of it needs `people.roles` and is audited."""

from typing import Any

import orjson
from sqlalchemy import func, select

from ..access import require
from ..access.grants import RoleUnknown, grant_role, withdraw_role
from ..access.roles import ROLES, made_role
from ..errors import NotFound
from ..history import audit
from ..people.models import Department, MadeRole, Member, MemberRole
from ..tenants.models import Tenant
from ..work import Work
from .errors import DepartmentUnknown, LastAdministrator, RoleHeld, RoleIsBuiltIn
from .queries import holders_of_each
from .schemas import RoleIn

GIVES_ROLES = "people.roles"


async def make_role(work: Work, code: str, wanted: RoleIn) -> MadeRole:
    """Make a role, or replace what one of this code may do: whoever has it, has that at once."""
    require(work, GIVES_ROLES)
    if code in ROLES:
        raise RoleIsBuiltIn(role=ROLES[code].title)
    await _refuse_unknown_departments(work, wanted)
    text = orjson.dumps(wanted.model_dump(), option=orjson.OPT_SORT_KEYS).decode()
    role = await work.session.get(MadeRole, (work.tenant_id, code), with_for_update=True)
    before = orjson.loads(role.definition) if role else None
    if role is None:
        role = MadeRole(tenant_id=work.tenant_id, code=code)
        work.session.add(role)
    role.definition, role.updated_at = text, work.now
    await work.session.flush()
    await _refuse_nobody_left(work)
    after: Any = orjson.loads(text)
    audit.record(work, "role.made", "role", code, {"definition": (before, after)})
    return role


async def remove_role(work: Work, code: str) -> None:
    """Remove a role that nobody holds any more."""
    require(work, GIVES_ROLES)
    if code in ROLES:
        raise RoleIsBuiltIn(role=ROLES[code].title)
    role = await work.session.get(MadeRole, (work.tenant_id, code))
    if role is None:
        raise NotFound()
    title = made_role(role.code, role.definition).title
    if count := (await holders_of_each(work)).get(code, 0):
        raise RoleHeld(title=title, count=count)
    await work.session.delete(role)
    audit.record(work, "role.removed", "role", code, {"title": (title.zh, None)})


async def give(work: Work, member_id: str, code: str) -> None:
    """Give a role to a member; a second time changes nothing."""
    require(work, GIVES_ROLES)
    await grant_role(work, await _member(work, member_id), code)


async def take(work: Work, member_id: str, code: str) -> None:
    """Take a role from a member. Raises LastAdministrator when nobody could give it back."""
    require(work, GIVES_ROLES)
    member = await _member(work, member_id)
    await withdraw_role(work, member, code)
    await _refuse_nobody_left(work)


async def let_leaders_oversee(work: Work, *, leaders_oversee: bool) -> None:
    """Whether leading a department shows what is in it, whatever somebody's roles say."""
    require(work, GIVES_ROLES)
    tenant = await work.session.get_one(Tenant, work.tenant_id)
    if tenant.leaders_oversee == leaders_oversee:
        return
    change = {"leaders_oversee": (tenant.leaders_oversee, leaders_oversee)}
    tenant.leaders_oversee = leaders_oversee
    audit.record(work, "leaders.oversight", "tenant", str(tenant.id), change)


async def _member(work: Work, member_id: str) -> Member:
    member = await work.session.get(Member, (work.tenant_id, member_id))
    if member is None:
        raise NotFound()
    return member


async def _refuse_unknown_departments(work: Work, wanted: RoleIn) -> None:
    listed = {one for scope in wanted.scopes.values() for one in scope.departments}
    known = await work.session.scalar(
        select(func.count()).where(
            Department.tenant_id == work.tenant_id,
            Department.id.in_(listed),
            Department.removed_at.is_(None),
        )
    )
    empty = any(s.scope == "CUSTOM_DEPTS" and not s.departments for s in wanted.scopes.values())
    if known != len(listed) or empty:
        raise DepartmentUnknown()


async def _refuse_nobody_left(work: Work) -> None:
    """A page must not lock everybody out; the command line may, and can let somebody in again."""
    if work.actor.is_system:
        return
    rows = await work.session.execute(
        select(MemberRole.role, MadeRole.definition)
        .join(
            Member,
            (Member.tenant_id == MemberRole.tenant_id) & (Member.id == MemberRole.member_id),
        )
        .outerjoin(
            MadeRole,
            (MadeRole.tenant_id == MemberRole.tenant_id) & (MadeRole.code == MemberRole.role),
        )
        .where(MemberRole.tenant_id == work.tenant_id, Member.state == "active")
        .distinct()
    )
    roles = [ROLES.get(code) or (made_role(code, text) if text else None) for code, text in rows]
    if not any(role is not None and GIVES_ROLES in role.permissions for role in roles):
        raise LastAdministrator()


__all__ = ("RoleUnknown", "give", "let_leaders_oversee", "make_role", "remove_role", "take")
