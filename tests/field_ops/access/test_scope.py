"""Who may see whose records: computed from the live tree, checked against a slow oracle."""

import random
from dataclasses import dataclass, field, replace

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access import visible, visible_to_do
from field_ops.access.grants import RoleUnknown, grant_role, withdraw_role
from field_ops.access.roles import DataScope
from field_ops.access.scope import Scope
from field_ops.customers.models import Collaborator, Customer
from field_ops.customers.queries import may_edit
from field_ops.errors import NotAllowed
from field_ops.people.models import Department, Member, Membership
from field_ops.people.queries import roles_held, roles_of
from field_ops.work import Work
from tests.factories import a_company, a_customer, a_department, a_member, work_as


@dataclass
class Town:
    """A random company that only knows its parents, and answers by walking them."""

    tenant_id: int
    parent_of: dict[str, str | None] = field(default_factory=dict)
    places: dict[str, dict[str, bool]] = field(default_factory=dict)

    def is_within(self, department: str | None, root: str) -> bool:
        while department is not None:
            if department == root:
                return True
            department = self.parent_of[department]
        return False

    def sees(self, viewer: str, owner: str, reach: DataScope) -> bool:
        if viewer == owner or reach is DataScope.ALL:
            return True
        for mine, leads in self.places[viewer].items():
            for his in self.places[owner]:
                whole_subtree = leads or reach is DataScope.DEPT_AND_BELOW
                if whole_subtree and self.is_within(his, mine):
                    return True
                if reach is DataScope.DEPT and his == mine:
                    return True
        return False

    def seen_by(self, viewer: str, reach: DataScope) -> set[str]:
        return {owner for owner in self.places if self.sees(viewer, owner, reach)}


async def a_town(session: AsyncSession, seed: int) -> Town:
    """Up to 12 departments in random places, 14 people in one to three of them."""
    company = await a_company(session)
    chance, town = random.Random(seed), Town(company.tenant.id)
    departments: list[Department] = []
    for number in range(chance.randint(3, 12)):
        under = chance.choice([None, *departments]) if departments else None
        department = a_department(session, company.connection, f"部门{number}", under)
        departments.append(department)
        town.parent_of[department.id] = under.id if under else None
    for number in range(14):
        chosen = chance.sample(departments, chance.randint(1, min(3, len(departments))))
        member = a_member(session, company.connection, f"成员{number}", chosen[0])
        town.places[member.id] = {one.id: chance.random() < 0.2 for one in chosen}
        town.places[member.id][chosen[0].id] = False
        for one in chosen[1:]:
            row = Membership(
                tenant_id=member.tenant_id,
                member_id=member.id,
                department_id=one.id,
                is_leader=town.places[member.id][one.id],
            )
            session.add(row)
    await session.flush()
    for member_id in town.places:
        work = work_as(session, await session.get_one(Member, (company.tenant.id, member_id)))
        await a_customer(work, f"{member_id} 的店", at=None)
    return town


async def owners_seen(
    session: AsyncSession, tenant_id: int, viewer: str, reach: DataScope
) -> set[str | None]:
    scope = Scope(tenant_id, viewer, reach)
    rows = await session.scalars(
        select(Customer.owner_id).where(
            Customer.tenant_id == tenant_id, scope.covers(Customer.owner_id)
        )
    )
    return set(rows)


@pytest.mark.parametrize("seed", range(5))
async def test_random_trees_are_seen_as_the_slow_oracle_says(database, seed):
    async with database.writing() as session:
        town = await a_town(session, seed)
        for viewer in town.places:
            for reach in DataScope:
                seen = await owners_seen(session, town.tenant_id, viewer, reach)
                assert seen == town.seen_by(viewer, reach), (seed, viewer, reach)


async def seen(session: AsyncSession, member: Member) -> set[str]:
    """The names of the customers that a person sees."""
    return {row.name for row in await session.scalars(visible(work_as(session, member), Customer))}


async def test_a_rep_sees_his_own_a_lead_his_teams_an_admin_all(database):
    async with database.writing() as session:
        company = await a_company(session)
        for member in (company.lilei, company.hanmeimei, company.admin):
            await a_customer(work_as(session, member), f"{member.name}的店")
        assert await seen(session, company.lilei) == {"李雷的店"}
        assert await seen(session, company.wang) == {"李雷的店", "韩梅梅的店"}
        assert await seen(session, company.admin) == {"李雷的店", "韩梅梅的店", "管理员的店"}


async def test_a_moved_department_changes_what_is_seen_at_once(database):
    async with database.writing() as session:
        company = await a_company(session)
        south = a_department(session, company.connection, "华南区", under=company.head_office)
        liu = a_member(session, company.connection, "刘经理", south, role="lead")
        await a_customer(work_as(session, company.lilei))
        assert await seen(session, liu) == set()
        company.team.parent_id = south.id
        company.team.path = f"{south.path}{company.team.id}/"
        await session.flush()
        assert await seen(session, liu) == {"华联超市"}


async def test_another_company_sees_nothing(database):
    async with database.writing() as session:
        ours = await a_company(session)
        theirs = await a_company(session, "别家公司", connection="second")
        await a_customer(work_as(session, ours.lilei))
        assert await seen(session, theirs.admin) == set()


async def test_sharing_adds_and_what_nobody_owns_is_its_makers(database):
    async with database.writing() as session:
        company = await a_company(session)
        shared = await a_customer(work_as(session, company.lilei), "共同的店")
        await a_customer(work_as(session, company.hanmeimei), "公海的店", owner_id=None)
        row = Collaborator(
            tenant_id=shared.tenant_id,
            customer_id=shared.id,
            member_id=company.hanmeimei.id,
            access="read",
        )
        session.add(row)
        await session.flush()
        assert await seen(session, company.hanmeimei) == {"共同的店", "公海的店"}
        assert await seen(session, company.lilei) == {"共同的店"}


async def test_the_system_gives_the_first_admin_his_role(database):
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        await grant_role(work.as_system(), company.lilei, "admin")
        await grant_role(work.as_system(), company.lilei, "admin")
        assert "admin" in await roles_held(session, company.lilei)
        await withdraw_role(work.as_system(), company.lilei, "admin")
        assert "admin" not in await roles_held(session, company.lilei)


async def test_who_may_not_give_roles_is_refused(database):
    async with database.writing() as session:
        company = await a_company(session)
        with pytest.raises(NotAllowed):
            await grant_role(work_as(session, company.wang), company.wang, "admin")
        with pytest.raises(RoleUnknown, match="boss"):
            await grant_role(work_as(session, company.admin), company.wang, "boss")


async def test_a_permission_reaches_as_far_as_the_role_that_grants_it(database):
    """Who reads everything as an auditor and edits his own as a rep edits nobody else's."""
    async with database.writing() as session:
        company = await a_company(session)
        await a_customer(work_as(session, company.lilei), "李雷的店")
        roles = frozenset({"auditor", "rep"})
        actor = replace(work_as(session, company.hanmeimei).actor, roles=roles)
        both = replace(work_as(session, company.hanmeimei), actor=actor)
        (shop,) = await session.scalars(visible(both, Customer))
        assert not await may_edit(both, shop)
        await a_customer(both, "韩梅梅的店")
        mine = await session.scalar(visible(both, Customer).where(Customer.name == "韩梅梅的店"))
        assert await may_edit(both, mine)


async def test_two_permissions_in_one_question_reach_each_as_far_as_its_own_role(database):
    async with database.writing() as session:
        company = await a_company(session)
        south = a_department(session, company.connection, "华南区", under=company.head_office)
        liu = a_member(session, company.connection, "刘经理", south)
        await session.flush()
        await a_customer(work_as(session, company.lilei), "李雷的店")
        await a_customer(work_as(session, liu), "刘经理的店")
        work = with_roles(
            work_as(session, company.hanmeimei),
            looks=a_role({"customers.view"}, company.team),
            exports=a_role({"customers.export"}, south),
        )
        both = visible_to_do(work, Customer, "customers.export")
        assert {row.name for row in await session.scalars(visible(work, Customer))} == {"李雷的店"}
        assert (await session.scalars(both)).all() == []


def a_role(permissions: set[str], department: Department) -> str:
    """What a company stores of a role that reaches one department."""
    reach = {"scope": "CUSTOM_DEPTS", "departments": [department.id], "with_descendants": True}
    said = {"title": "自定义", "permissions": sorted(permissions), "scopes": {"customers": reach}}
    return orjson.dumps(said).decode()


def with_roles(work: Work, **made: str) -> Work:
    """The same person with these roles alone."""
    roles = {"roles": frozenset(made), "made_roles": tuple(made.items())}
    return replace(work, actor=replace(work.actor, **roles))


async def test_who_only_leads_a_department_sees_no_further_than_that(database):
    async with database.writing() as session:
        company = await a_company(session)
        await a_customer(work_as(session, company.lilei), "李雷的店")
        await a_customer(work_as(session, company.admin), "总部的店")
        wang = replace(work_as(session, company.wang).actor, by_place=frozenset({"lead"}))
        work = replace(work_as(session, company.wang), actor=wang)
        row = Membership(
            tenant_id=wang.tenant_id,
            member_id=company.wang.id,
            department_id=company.head_office.id,
            is_leader=False,
        )
        session.add(row)
        await session.flush()
        assert {one.name for one in await session.scalars(visible(work, Customer))} == {"李雷的店"}
        off = replace(work, actor=replace(wang, oversees=False))
        assert (await session.scalars(visible(off, Customer))).all() == []


def test_who_was_given_a_role_beside_selling_is_no_rep():
    assert roles_of([], is_leader=False) == {"rep"}
    assert roles_of(["auditor"], is_leader=False) == {"auditor"}
    assert roles_of(["auditor"], is_leader=True) == {"auditor", "lead"}
