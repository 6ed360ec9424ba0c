"""`waiqin role …`: what people may do and how far they see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from pydantic import ValidationError

from ..access.roles import Role
from ..people import actions as people
from ..roles import actions, queries
from ..roles.schemas import RoleIn
from ..runtime import Runtime
from ..work import Actor, Work
from .common import as_json, fail, only_tenant, opened, run_async, system_work
from .connecting import account_named

TENANT = click.option("--tenant", type=int, help="Which company, where there are several.")
SCOPES = ("SELF", "DEPT", "DEPT_AND_BELOW", "ALL")


@click.group()
def role_command() -> None:
    """Roles: what members may do, and whose records they see."""


@role_command.command("list")
@TENANT
@click.option("--json", "json_", is_flag=True, help="Machine-readable output.")
@run_async
async def list_(tenant: int | None, json_: bool) -> None:
    """Every role, what it may do, and to how many it was given."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        found = await queries.all_roles(work)
    if json_:
        as_json([_told(role, members) for role, members in found])
        return
    for role, members in found:
        may = " ".join(sorted(role.permissions))
        click.echo(f"{role.code}  {role.title.zh} / {role.title.en}  {members} member(s)  {may}")


@role_command.command("make")
@click.argument("code")
@TENANT
@click.option("--title", required=True, help="What people read.")
@click.option("--may", multiple=True, metavar="PERMISSION", help="customers.view, …; repeat.")
@click.option("--customers", type=click.Choice(SCOPES), default="SELF", show_default=True)
@click.option("--visits", type=click.Choice(SCOPES), default="SELF", show_default=True)
@click.option("--department", "departments", multiple=True, help="Sees this one too; repeat.")
@click.option("--alone", is_flag=True, help="Of those departments nothing that is below them.")
@run_async
async def make(
    code: str,
    tenant: int | None,
    title: str,
    may: tuple[str, ...],
    customers: str,
    visits: str,
    departments: tuple[str, ...],
    alone: bool,
) -> None:
    """Make a role, or replace what CODE may do. With --department it sees listed departments."""
    listed = {
        "scope": "CUSTOM_DEPTS", "departments": list(departments), "with_descendants": not alone
    }  # fmt: skip
    scopes = {
        "customers": listed if departments else {"scope": customers},
        "visits": listed if departments else {"scope": visits},
    }
    try:
        wanted = RoleIn.model_validate({"title": title, "permissions": may, "scopes": scopes})
    except ValidationError as failure:
        fail("; ".join(f"{error['input']}: {error['msg']}" for error in failure.errors()))
    async with opened() as runtime, _company(runtime, tenant) as work:
        await actions.make_role(work, code, wanted)
    click.echo(f"{code} may {', '.join(sorted(wanted.permissions)) or 'nothing'}")


@role_command.command("remove")
@click.argument("code")
@TENANT
@run_async
async def remove(code: str, tenant: int | None) -> None:
    """Remove a role that nobody has any more."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        await actions.remove_role(work, code)
    click.echo(f"removed {code}")


@role_command.command("give")
@click.argument("account")
@click.argument("code")
@run_async
async def give(account: str, code: str) -> None:
    """Give a role to a member, named as HOST:USERID. It counts from his next request."""
    async with opened() as runtime:
        click.echo(await _change(runtime, account, code, is_given=True))


@role_command.command("take")
@click.argument("account")
@click.argument("code")
@run_async
async def take(account: str, code: str) -> None:
    """Take a role from a member, named as HOST:USERID."""
    async with opened() as runtime:
        click.echo(await _change(runtime, account, code, is_given=False))


@role_command.command("leaders")
@click.argument("sees", type=click.Choice(("on", "off")))
@TENANT
@run_async
async def leaders(sees: str, tenant: int | None) -> None:
    """Whether who leads a department sees the records of everybody in it and below."""
    async with opened() as runtime, _company(runtime, tenant) as work:
        await actions.let_leaders_oversee(work, leaders_oversee=sees == "on")
    click.echo(f"leaders see their departments: {sees}")


@asynccontextmanager
async def _company(runtime: Runtime, tenant: int | None) -> AsyncIterator[Work]:
    async with system_work(runtime, await only_tenant(runtime, tenant)) as work:
        yield work


async def _change(runtime: Runtime, written: str, code: str, *, is_given: bool) -> str:
    account = await account_named(runtime, written)
    connection = account.connection
    async with runtime.database.writing() as session:
        actor = Actor(connection.tenant_id, None, via="cli")
        work = Work(session, actor, runtime.clock(), connection.zone)
        member = await people.member_of(work, account)
        await (actions.give if is_given else actions.take)(work, member.id, code)
        await session.flush()
        _, _, roles = await queries.roles_of_member(work, member.id)
        return f"{member.name}: {', '.join(roles)}"


def _told(role: Role, members: int) -> dict[str, object]:
    return {
        "code": role.code,
        "title": {"zh": role.title.zh, "en": role.title.en},
        "is_built_in": role.is_built_in,
        "permissions": sorted(role.permissions),
        "members": members,
    }
