"""Whatever happens in a company, in whatever order, our people are those of its host.

Random changes from a seed, told by events that may be lost, twice or late, and by full readings.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from field_ops.db import Database
from field_ops.host.events import DepartmentsChanged, MembersChanged, MembersLeft
from field_ops.people.models import Department, Member, MemberIdentity, Membership
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.world import Company, Person
from integrations.sandbox.world import Department as Place
from tests.conftest import TUESDAY_MORNING

from .conftest import Mirror, a_connection
from .fake_company import FakeCompany
from .pretend_hosts import played, true_people, true_tree
from .test_hints import hear

ROUNDS = 8
CHANGES = 5  # in each round


class Life:
    """Things that happen in a company. Each returns the hint that its host gives, if any."""

    def __init__(self, company: Company, chance: Random) -> None:
        self.company = company
        self.chance = chance
        self.next_person = 1
        self.next_department = max(company.departments) + 1
        self.may_leave = 0

    def something(self):
        happening = self.chance.choice(
            (
                self.joins, self.leaves, self.comes_back, self.moves, self.is_renamed,
                self.is_promoted, self.gets_a_leader, self.department_opens,
                self.department_moves, self.department_is_renamed, self.department_closes,
            )
        )  # fmt: skip
        return happening()

    def joins(self):
        user_id = f"new{self.next_person}"
        self.next_person += 1
        home = self.a_department().id
        self.company.people[user_id] = Person(
            user_id, f"新人{user_id}", [home], main_department_id=home, union_id=f"union-{user_id}"
        )
        return MembersChanged, user_id

    def leaves(self):
        if not self.may_leave:
            return None
        self.may_leave -= 1  # more at once would stop the sync, and rightly
        person = self.somebody()
        person.active = False
        for other in self.company.people.values():
            if other.direct_leader_id == person.user_id:
                other.direct_leader_id = ""
        return MembersLeft, person.user_id

    def comes_back(self):
        gone = [p for p in self.company.people.values() if not p.active]
        if not gone:
            return None
        person = self.chance.choice(gone)
        person.active = True
        self.puts(person)
        return MembersChanged, person.user_id

    def moves(self):
        person = self.somebody()
        self.puts(person)
        return MembersChanged, person.user_id

    def is_renamed(self):
        person = self.somebody()
        person.name, person.title = f"{person.name[:1]}改{self.chance.randrange(100)}", "店长"
        return MembersChanged, person.user_id

    def is_promoted(self):
        person = self.somebody()
        where = self.chance.choice(person.department_ids)
        person.leads = [] if person.leads else [where]
        return MembersChanged, person.user_id

    def gets_a_leader(self):
        person, leader = self.somebody(), self.somebody()
        person.direct_leader_id = leader.user_id if leader is not person else ""
        return MembersChanged, person.user_id

    def department_opens(self):
        one = self.next_department
        self.next_department += 1
        self.company.departments[one] = Place(one, f"新部门{one}", self.a_department().id)
        return DepartmentsChanged, str(one)

    def department_moves(self):
        one, under = self.a_department(), self.a_department()
        way = [under.id, *map(int, true_tree(self.company)[str(under.id)][1])]
        if one.id in way or not one.parent_id:
            return None
        one.parent_id = under.id
        return DepartmentsChanged, str(one.id)

    def department_is_renamed(self):
        one = self.a_department()
        one.name = f"改名{self.chance.randrange(1000)}"
        return DepartmentsChanged, str(one.id)

    def department_closes(self):
        """Both hosts let only an empty one go."""
        used = {one.parent_id for one in self.company.departments.values()}
        for person in self.company.people.values():
            used |= {*person.department_ids, *person.leads}
        empty = [one for one in self.company.departments if one not in used]
        if not empty:
            return None
        one = self.chance.choice(empty)
        del self.company.departments[one]
        return DepartmentsChanged, str(one)

    def puts(self, person: Person) -> None:
        count = self.chance.choice((1, 1, 1, 2, 3))
        places = self.chance.sample(sorted(self.company.departments), count)
        person.department_ids = places
        person.main_department_id = self.chance.choice(places)
        person.leads = []

    def somebody(self) -> Person:
        there = [p for p in self.company.people.values() if p.active]
        return self.chance.choice(there)

    def a_department(self) -> Place:
        return self.chance.choice(list(self.company.departments.values()))


async def our_people(database: Database) -> dict[str, dict[str, object]]:
    leader = aliased(MemberIdentity)
    main = aliased(Department)
    async with database.reading() as session:
        rows = await session.execute(
            select(MemberIdentity.host_user_id, Member, main.host_department_id, leader)
            .join(Member, Member.id == MemberIdentity.member_id)
            .outerjoin(main, main.id == Member.main_department_id)
            .outerjoin(leader, leader.member_id == Member.direct_leader_id)
            .where(MemberIdentity.left_at.is_(None), Member.state == "active")
        )
        people = {
            who: {
                "name": member.name,
                "title": member.title,
                "phone": member.phone,
                "places": {},
                "main": home,
                "leader": above.host_user_id if above else None,
            }
            for who, member, home, above in rows
        }
        places = await session.execute(
            select(MemberIdentity.host_user_id, Department.host_department_id, Membership.is_leader)
            .join(Membership, Membership.member_id == MemberIdentity.member_id)
            .join(Department, Department.id == Membership.department_id)
        )
        for who, where, leads in places:
            if who in people:
                people[who]["places"][where] = leads
    return people


async def our_tree(database: Database) -> dict[str, tuple[str, tuple[str, ...]]]:
    async with database.reading() as session:
        found = (await session.scalars(select(Department))).all()
    host_id = {one.id: one.host_department_id for one in found}
    return {
        one.host_department_id: (
            one.name,
            tuple(host_id[above] for above in one.path.strip("/").split("/")[:-1][::-1]),
        )
        for one in found
        if one.removed_at is None
    }


@pytest.fixture(params=["wecom", "dingtalk"])
async def company(request) -> Company:
    return a_big_company(request.param, people=60, departments=14, seed=3)


@pytest.fixture
async def mirror(database: Database, company: Company) -> AsyncIterator[Mirror]:
    async with played(company, TUESDAY_MORNING) as (_, platform):
        mirror = Mirror(database, FakeCompany(), await a_connection(database))
        mirror.platform = platform
        yield mirror


async def is_like_the_host(mirror: Mirror, company: Company) -> None:
    assert await our_tree(mirror.database) == true_tree(company)
    ours, true = await our_people(mirror.database), true_people(company)
    assert ours.keys() == true.keys()
    for who, one in ours.items():
        one["leader"] = true[who]["leader"] & {one["leader"]} and true[who]["leader"]
    assert [(who, ours[who], true[who]) for who in ours if ours[who] != true[who]] == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_full_readings_and_events_end_with_the_hosts_people(mirror, company, seed):
    chance = Random(seed)
    life = Life(company, chance)
    await mirror.sync()
    await is_like_the_host(mirror, company)
    for turn in range(ROUNDS):
        life.may_leave = 2
        told = [hint for hint in (life.something() for _ in range(CHANGES)) if hint]
        chance.shuffle(told)
        if turn % 3 == 2:  # the events are lost, and the night comes
            await mirror.sync()
        else:
            for kind, one in [*told, *told[:2]]:
                key = "host_department_ids" if kind is DepartmentsChanged else "host_user_ids"
                happened = kind(event_id="e", happened_at=mirror.now)
                await hear(mirror, replace(happened, **{key: (one,)}))
            while await mirror.sync_hints() is not None:
                pass
        await is_like_the_host(mirror, company)
    report = await mirror.sync()
    assert not any(report.counts.values())  # what was read one by one was read rightly


async def test_nothing_changed_is_nothing_written(mirror, company):
    await mirror.sync()
    before = await mirror.everything()
    report = await mirror.sync()
    assert not any(report.counts.values())
    assert await mirror.everything() == before
