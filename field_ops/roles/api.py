"""The routes of roles: what there is, and who has it. All need `people.roles`."""

from ..access.roles import CUSTOM_DEPTS, MODULES, PERMISSIONS, Reach, Role
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..http.schemas import Out
from ..tenants.models import Tenant
from ..work import Work
from . import actions, queries
from .actions import RoleUnknown
from .errors import DepartmentUnknown, LastAdministrator, RoleHeld, RoleIsBuiltIn
from .schemas import (
    LeadersIn,
    LeadersOut,
    MemberRolesOut,
    ModuleScope,
    RoleIn,
    RoleNewIn,
    RoleOut,
    RolesOut,
)

routes = Routes("/api/v1", tag="roles")


class RoleRemoved(Out):
    removed: bool = True


@routes.get("/roles", refusals=(NotAllowed,))
async def list_roles(work: Work) -> RolesOut:
    """Every role, the built-in ones first, with what it may do and how many have it."""
    return await _all(work)


@routes.post("/roles", status=201, refusals=(NotAllowed, RoleIsBuiltIn, DepartmentUnknown))
async def make_role(work: Work, body: RoleNewIn) -> RolesOut:
    """Make a role of the company's own."""
    wanted = RoleIn.model_validate(body.model_dump(exclude={"code"}))
    await actions.make_role(work, body.code, wanted)
    return await _all(work)


@routes.put("/roles/leaders", refusals=(NotAllowed,))
async def let_leaders_oversee(work: Work, body: LeadersIn) -> LeadersOut:
    """Whether whoever leads a department sees it and all below, whatever his roles say."""
    await actions.let_leaders_oversee(work, leaders_oversee=body.leaders_oversee)
    return LeadersOut(leaders_oversee=body.leaders_oversee)


@routes.put(
    "/roles/{code}",
    refusals=(NotAllowed, NotFound, RoleIsBuiltIn, DepartmentUnknown, LastAdministrator),
)
async def change_role(work: Work, code: str, body: RoleIn) -> RolesOut:
    """Replace what a role may do: whoever has it, has that at once."""
    known = {role.code for role, _ in await queries.all_roles(work)}
    if code not in known:
        raise NotFound()
    await actions.make_role(work, code, body)
    return await _all(work)


@routes.delete("/roles/{code}", refusals=(NotAllowed, NotFound, RoleIsBuiltIn, RoleHeld))
async def remove_role(work: Work, code: str) -> RoleRemoved:
    """Remove a role that nobody has any more."""
    await actions.remove_role(work, code)
    return RoleRemoved()


@routes.get("/members/{member_id}/roles", refusals=(NotAllowed, NotFound))
async def roles_of_member(work: Work, member_id: str) -> MemberRolesOut:
    """What a member was given, and what he holds with what follows from his place."""
    member, given, roles = await queries.roles_of_member(work, member_id)
    return MemberRolesOut(member_id=member.id, name=member.name, given=list(given), roles=roles)


@routes.put("/members/{member_id}/roles/{code}", refusals=(NotAllowed, NotFound, RoleUnknown))
async def give_role(work: Work, member_id: str, code: str) -> MemberRolesOut:
    """Give a role to a member; it counts from his next request."""
    await actions.give(work, member_id, code)
    return await _of_member(work, member_id)


@routes.delete(
    "/members/{member_id}/roles/{code}", refusals=(NotAllowed, NotFound, LastAdministrator)
)
async def take_role(work: Work, member_id: str, code: str) -> MemberRolesOut:
    """Take a role from a member."""
    await actions.take(work, member_id, code)
    return await _of_member(work.as_system(), member_id)  # he may have taken his own


async def _all(work: Work) -> RolesOut:
    found = await queries.all_roles(work)
    tenant = await work.session.get_one(Tenant, work.tenant_id)
    roles = [_out(work, role, members) for role, members in found]
    listed = {one for role in roles for scope in role.scopes.values() for one in scope.departments}
    return RolesOut(
        roles=roles,
        permissions=sorted(PERMISSIONS),
        departments=await queries.department_names(work, listed),
        leaders_oversee=tenant.leaders_oversee,
    )


async def _of_member(work: Work, member_id: str) -> MemberRolesOut:
    member, given, roles = await queries.roles_of_member(work, member_id)
    return MemberRolesOut(member_id=member.id, name=member.name, given=list(given), roles=roles)


def _out(work: Work, role: Role, members: int) -> RoleOut:
    modules = sorted(MODULES & {permission.partition(".")[0] for permission in role.permissions})
    return RoleOut.model_validate(
        {
            "code": role.code,
            "title": role.title.say(work.actor.language),
            "is_built_in": role.is_built_in,
            "permissions": sorted(role.permissions),
            "scopes": {
                module: _scope(role.reach(module))
                for module in modules
                if module in ("customers", "visits")
            },
            "fields": _fields(role),
            "members": members,
        }
    )


def _fields(role: Role) -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = {}
    for (name, state), level in role.fields.items():
        said.setdefault(name, {})[state] = level.name
    return said


def _scope(reach: Reach) -> ModuleScope:
    listed = reach.subtrees or reach.departments
    if listed:
        return ModuleScope(
            scope=CUSTOM_DEPTS,
            departments=sorted(listed),
            with_descendants=bool(reach.subtrees),
        )
    return ModuleScope.model_validate({"scope": reach.base.name})
