"""Random organisations: rows in the database, and the same as lists for the oracle."""

import random
from dataclasses import dataclass, field

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.access.fields import written_by_pool
from field_ops.connections.models import HostConnection
from field_ops.customers import index
from field_ops.customers.models import Collaborator, Customer
from field_ops.people.models import Department, MadeRole, MemberRole, Membership
from field_ops.pool.models import Pool, PoolMember
from field_ops.pool.rules import PoolRules
from field_ops.tenants.models import Tenant
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import WUHAN, a_company, a_customer, a_department, a_member

from .oracle import (
    ASSIGN,
    BUILT_IN,
    CLAIM,
    COMMENT,
    EDIT,
    EXPORT,
    LOOK_AT_VISITS,
    MERGE,
    SHARE,
    VIEW,
    VISIT,
    Organisation,
    Person,
    PoolSpec,
    RoleSpec,
    Shop,
)

SCOPES = ("SELF", "DEPT", "DEPT_AND_BELOW", "CUSTOM_DEPTS", "ALL")
GRANTED = (VIEW, EDIT, EXPORT, CLAIM, COMMENT, SHARE, ASSIGN, MERGE, LOOK_AT_VISITS, VISIT)
PEOPLE, SHOPS = 8, 24
MADE_ROLES_ALONE = 0.4  # of the people have two roles of the company and no other
A_BLOCK = 0.0005  # degrees: 50 m


@dataclass
class Town:
    """An organisation with the hands to change it: each change in rows and in lists."""

    tenant_id: int
    connection: HostConnection
    chance: random.Random
    told: Organisation = field(default_factory=Organisation)
    rows: dict[str, Department] = field(default_factory=dict)

    def work(self, session: AsyncSession) -> Work:
        """The company itself at work."""
        return Work(session, Actor(self.tenant_id, None), TUESDAY_MORNING, SHANGHAI)


async def a_town(session: AsyncSession, seed: int) -> Town:
    company = await a_company(session)
    town = Town(company.tenant.id, company.connection, random.Random(seed))
    town.told.leaders_oversee = town.chance.random() < 0.8
    company.tenant.leaders_oversee = town.told.leaders_oversee
    for one in (company.lilei, company.hanmeimei, company.wang, company.admin):
        one.state = "departed"  # the usual four stay out of it
    _departments(session, town)
    _roles(session, town)
    await _people(session, town)
    await session.flush()
    await _pools(session, town)
    await _shops(session, town)
    await session.flush()
    return town


async def shake(session: AsyncSession, town: Town) -> None:
    """Change something at random: who is where, who leads, who owns, what is shared or granted."""
    chance, told = town.chance, town.told
    who = chance.choice(list(told.people))
    person = told.people[who]
    shop_id, shop = chance.choice([one for one in told.shops.items() if one[1].merged_into is None])
    place = chance.choice(list(person.places))
    of_him = (Membership.tenant_id == town.tenant_id, Membership.member_id == who)
    match chance.randrange(5):
        case 0:
            person.places[place] = not person.places[place]
            await session.execute(
                update(Membership)
                .where(*of_him, Membership.department_id == place)
                .values(is_leader=person.places[place])
            )
        case 1:
            shop.owner = chance.choice([None, *told.people])
            shop.pool = "default"
            row = await session.get_one(Customer, (town.tenant_id, shop_id))
            row.owner_id, row.pool_id = shop.owner, None
            await _refound(session, town, shop_id)
        case 2:
            if who not in shop.shared:
                _share(session, town, shop_id, shop, who)
        case 3:
            code = chance.choice([*BUILT_IN, *told.roles])
            if code not in person.given:
                _give(session, town, who, code)
        case 4:
            await _move_department(session, town)
    await session.flush()


async def reload(session: AsyncSession, town: Town) -> None:
    """The lists again as the rows are by now, after verbs of the product."""
    await session.flush()
    of_here = Customer.tenant_id == town.tenant_id
    for row in await session.scalars(
        select(Customer).where(of_here).execution_options(populate_existing=True)
    ):
        shop = town.told.shops[row.id]
        shop.owner, shop.pool, shop.merged_into = (
            row.owner_id, row.pool_id or "default", row.merged_into,
        )  # fmt: skip
        shop.shared = {}
    for one in await session.scalars(
        select(Collaborator)
        .where(Collaborator.tenant_id == town.tenant_id)
        .execution_options(populate_existing=True)
    ):
        town.told.shops[one.customer_id].shared[one.member_id] = one.access


def _departments(session: AsyncSession, town: Town) -> None:
    for number in range(town.chance.randint(4, 9)):
        under = town.chance.choice([None, *town.rows.values()]) if town.rows else None
        row = a_department(session, town.connection, f"部门{number}", under)
        town.rows[row.id], town.told.parent[row.id] = row, under.id if under else None


async def _move_department(session: AsyncSession, town: Town) -> None:
    """With all that is below it, to somewhere that is not below it."""
    told, chance = town.told, town.chance
    moved = chance.choice(list(told.parent))
    to = chance.choice([None, *(one for one in told.parent if not told.is_below(one, moved))])
    told.parent[moved] = to
    await session.flush()
    old = town.rows[moved].path
    new = f"{town.rows[to].path if to else '/'}{moved}/"
    for row in town.rows.values():
        if row.path.startswith(old):
            row.path = new + row.path[len(old) :]
    town.rows[moved].parent_id = to


def _roles(session: AsyncSession, town: Town) -> None:
    for number in range(3):
        chance = town.chance
        grants = {one for one in GRANTED if chance.random() < 0.6}
        scope = chance.choice(["CUSTOM_DEPTS", *SCOPES])
        listed = chance.sample(list(town.rows), chance.randint(1, 2))
        spec = RoleSpec(grants, scope, listed, with_below=chance.random() < 0.5)
        town.told.roles[f"made_{number}"] = spec
        reach = {
            "scope": scope,
            "departments": listed if scope == "CUSTOM_DEPTS" else [],
            "with_descendants": spec.with_below,
        }
        said = {
            "title": f"自定义{number}",
            "permissions": sorted(grants),
            "scopes": {"customers": reach, "visits": reach},
        }
        session.add(
            MadeRole(
                tenant_id=town.tenant_id,
                code=f"made_{number}",
                definition=orjson.dumps(said).decode(),
                updated_at=TUESDAY_MORNING,
            )
        )


async def _people(session: AsyncSession, town: Town) -> None:
    chance = town.chance
    for number in range(PEOPLE):
        chosen = chance.sample(list(town.rows.values()), chance.randint(1, 3))
        member = a_member(session, town.connection, f"成员{number}", chosen[0])
        person = Person({chosen[0].id: False}, {"rep"})
        town.told.people[member.id] = person
        for one in chosen[1:]:
            person.places[one.id] = chance.random() < 0.3
            session.add(
                Membership(
                    tenant_id=town.tenant_id,
                    member_id=member.id,
                    department_id=one.id,
                    is_leader=person.places[one.id],
                )
            )
        among, most = [*BUILT_IN, *town.told.roles], chance.choice([0, 0, 1, 2])
        if chance.random() < MADE_ROLES_ALONE:
            await session.flush()
            await session.execute(
                delete(MemberRole).where(
                    MemberRole.tenant_id == town.tenant_id, MemberRole.member_id == member.id
                )
            )
            person.given.clear()
            among, most = [*town.told.roles], 2
        for code in chance.sample(among, most):
            if code not in person.given:
                _give(session, town, member.id, code)


def _give(session: AsyncSession, town: Town, who: str, code: str) -> None:
    town.told.people[who].given.add(code)
    session.add(MemberRole(tenant_id=town.tenant_id, member_id=who, role=code))


async def _pools(session: AsyncSession, town: Town) -> None:
    shown = {"default": PoolRules().shows()}
    for number in range(2):
        pool_id = f"pool{number}"
        pool = PoolSpec(
            set(town.chance.sample(list(town.told.people), 2)),
            set(town.chance.sample(list(town.rows), 1)),
            hides_contacts=number == 0,
        )
        rules = PoolRules(hidden=["contacts"] if pool.hides_contacts else [])
        shown[pool_id] = rules.shows()
        town.told.pools[pool_id] = pool
        session.add(
            Pool(
                tenant_id=town.tenant_id, id=pool_id, name=pool_id, position=number,
                rules=rules.model_dump(mode="json"),
                created_at=TUESDAY_MORNING,
            )
        )  # fmt: skip
        subjects = [("member", one) for one in pool.people]
        subjects += [("department", one) for one in pool.departments]
        for kind, subject_id in subjects:
            session.add(
                PoolMember(
                    tenant_id=town.tenant_id, pool_id=pool_id, kind=kind, subject_id=subject_id,
                    is_admin=town.chance.random() < 0.5,
                )
            )  # fmt: skip

    tenant = await session.get_one(Tenant, town.tenant_id)
    tenant.pool_fields = written_by_pool(shown)


async def _shops(session: AsyncSession, town: Town) -> None:
    chance, told = town.chance, town.told
    work = town.work(session)
    people = list(told.people)
    for number in range(SHOPS):
        owner = chance.choice([None, *people]) if chance.random() < 0.6 else chance.choice(people)
        maker = chance.choice([None, owner, chance.choice(people)])
        pool = chance.choice(["default", *told.pools])
        at = (WUHAN[0] + number % 6 * A_BLOCK, WUHAN[1] + number // 6 * A_BLOCK)
        row = await a_customer(
            work, f"华联{number:02}号店", at=at, owner_id=owner, created_by=maker,
            pool_id=None if owner or pool == "default" else pool,
            phone=f"138001{number:05}",
        )  # fmt: skip
        shop = Shop(owner, maker, "default" if owner else pool, number=row.number)
        told.shops[row.id] = shop
        for who in chance.sample(people, chance.choice([0, 0, 0, 1, 2])):
            _share(session, town, row.id, shop, who)
    into, *others = told.shops
    for shop_id in chance.sample(others, 3):
        told.shops[shop_id].merged_into = into
        row = await session.get_one(Customer, (town.tenant_id, shop_id))
        row.merged_into, row.removed_at = into, TUESDAY_MORNING
        await _refound(session, town, shop_id)


def _share(session: AsyncSession, town: Town, shop_id: str, shop: Shop, who: str) -> None:
    shop.shared[who] = town.chance.choice(["read", "edit"])
    session.add(
        Collaborator(
            tenant_id=town.tenant_id, customer_id=shop_id, member_id=who, access=shop.shared[who]
        )
    )


async def _refound(session: AsyncSession, town: Town, shop_id: str) -> None:
    await session.flush()
    await index.refresh(town.work(session), [shop_id])
