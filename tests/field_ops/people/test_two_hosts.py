"""A company on both hosts: whoever is on both is one member."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from field_ops.connections.models import HostConnection
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database, new_id
from field_ops.people.links import join
from field_ops.people.models import Department, Member, MemberIdentity, Membership
from field_ops.people.revision import lock
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.world import Company
from tests.conftest import SHANGHAI, TUESDAY_MORNING

from .conftest import Mirror, a_connection
from .fake_company import FakeCompany
from .pretend_hosts import played

EVERYBODY = 40


@dataclass
class Both:
    """One tenant with WeCom, connected first, and DingTalk. The same people work on both."""

    wecom: Mirror
    dingtalk: Mirror
    companies: dict[str, Company]

    async def sync(self) -> None:
        for mirror in (self.wecom, self.dingtalk):
            report = await mirror.sync()
            assert report.state == "done", report.reason

    async def settle(self) -> None:
        for mirror in (self.wecom, self.dingtalk):
            while await mirror.sync_hints() is not None:
                pass

    async def members(self) -> list[Member]:
        async with self.wecom.database.reading() as session:
            return list(await session.scalars(select(Member).where(Member.state != "departed")))

    async def of(self, host: str, number: int) -> Member:
        """The member whom this host has at this place of its list of people."""
        user_id = list(self.companies[host].people)[number]
        async with self.wecom.database.reading() as session:
            return await session.scalar(
                select(Member)
                .join(MemberIdentity, MemberIdentity.member_id == Member.id)
                .where(MemberIdentity.host_user_id == user_id)
            )

    async def hosts_of_places(self, member: Member) -> set[str]:
        """On which hosts he is in some department."""
        names = {self.wecom.connection.id: "wecom", self.dingtalk.connection.id: "dingtalk"}
        async with self.wecom.database.reading() as session:
            found = await session.scalars(
                select(Department.connection_id)
                .join(Membership, Membership.department_id == Department.id)
                .where(Membership.member_id == member.id)
            )
            return {names[one] for one in found}


@pytest.fixture
async def both(database: Database) -> AsyncIterator[Both]:
    first = await a_connection(database)
    async with database.writing() as session:
        row = HostConnection(
            tenant_id=first.tenant_id,
            id=new_id(),
            host="dingtalk",
            name="default",
            corp_id="corp",
            credentials=b"",
            created_at=TUESDAY_MORNING,
        )
        session.add(row)
    second = ConnectionRef(row.tenant_id, row.id, row.host, row.name, SHANGHAI)
    companies = {host: a_big_company(host, EVERYBODY, 6) for host in ("wecom", "dingtalk")}
    mirrors = [Mirror(database, FakeCompany(), one) for one in (first, second)]
    async with (
        played(companies["wecom"], TUESDAY_MORNING) as (_, wecom),
        played(companies["dingtalk"], TUESDAY_MORNING) as (_, dingtalk),
    ):
        mirrors[0].platform, mirrors[1].platform = wecom, dingtalk
        yield Both(*mirrors, companies)


def person(both: Both, host: str, number: int):
    return list(both.companies[host].people.values())[number]


async def test_one_phone_in_both_directories_is_one_member(both):
    await both.sync()
    assert len(await both.members()) == EVERYBODY
    one = await both.of("wecom", 3)
    assert one.id == (await both.of("dingtalk", 3)).id
    assert await both.hosts_of_places(one) == {"wecom", "dingtalk"}


async def test_it_stays_so_and_nothing_is_written_again(both):
    await both.sync()
    before = await both.wecom.everything()
    await both.sync()
    assert await both.wecom.everything() == before


async def test_the_host_that_was_connected_first_says_who_he_is(both):
    person(both, "dingtalk", 3).name = "钉钉里的名字"
    person(both, "dingtalk", 3).email = "three@example.com"
    await both.sync()
    await both.sync()
    member = await both.of("wecom", 3)
    assert member.name == person(both, "wecom", 3).name
    assert member.email == "three@example.com"  # WeCom does not say


@pytest.mark.parametrize(
    ("wecom", "dingtalk"), [("", "13800000003"), ("027-85551234", "027-85551234")]
)
async def test_without_a_mobile_number_on_both_hosts_they_are_two(both, wecom, dingtalk):
    person(both, "wecom", 3).phone, person(both, "dingtalk", 3).phone = wecom, dingtalk
    await both.sync()
    assert (await both.of("wecom", 3)).id != (await both.of("dingtalk", 3)).id
    assert len(await both.members()) == EVERYBODY + 1


async def test_a_number_that_two_people_share_links_nobody(both):
    person(both, "dingtalk", 4).phone = person(both, "dingtalk", 3).phone
    await both.sync()
    assert (await both.of("wecom", 3)).id != (await both.of("dingtalk", 3)).id


async def test_a_number_that_becomes_known_later_makes_one_of_two(both):
    person(both, "wecom", 3).phone = ""
    await both.sync()
    two = {(await both.of("wecom", 3)).id, (await both.of("dingtalk", 3)).id}
    assert len(two) == 2
    person(both, "wecom", 3).phone = person(both, "dingtalk", 3).phone
    report = await both.wecom.sync()
    await both.settle()
    one = await both.of("wecom", 3)
    assert one.id == (await both.of("dingtalk", 3)).id == min(two)
    assert await both.hosts_of_places(one) == {"wecom", "dingtalk"}
    assert report.counts["linked"] == 1
    assert len(await both.members()) == EVERYBODY


async def test_who_leaves_one_host_stays_and_who_leaves_both_departs(both):
    await both.sync()
    person(both, "wecom", 3).active = False
    await both.sync()
    await both.settle()
    member = await both.of("dingtalk", 3)
    assert (member.state, await both.hosts_of_places(member)) == ("active", {"dingtalk"})
    async with both.wecom.database.reading() as session:
        home = await session.get(Department, (member.tenant_id, member.main_department_id))
    assert home.connection_id == both.dingtalk.connection.id
    person(both, "dingtalk", 3).active = False
    await both.sync()
    assert (await both.of("dingtalk", 3)).state == "departed"


async def test_an_admins_link_holds(both):
    person(both, "wecom", 3).phone = ""
    await both.sync()
    keep, other = await both.of("wecom", 3), await both.of("dingtalk", 3)
    async with both.wecom.database.writing() as session:
        await lock(session, keep.tenant_id)
        await join(session, keep.tenant_id, keep.id, other.id, both.wecom.clock())
    await both.settle()
    await both.sync()
    assert (await both.of("dingtalk", 3)).id == keep.id
    assert len(await both.members()) == EVERYBODY
    assert await both.hosts_of_places(keep) == {"wecom", "dingtalk"}


async def test_a_rehire_under_another_userid_is_known_by_his_union_id(both):
    await both.sync()
    company = both.companies["dingtalk"]
    old = person(both, "dingtalk", 5)
    before = await both.of("dingtalk", 5)
    for host in both.companies:
        person(both, host, 5).active = False
    await both.sync()
    assert (await both.of("dingtalk", 5)).state == "departed"
    again = type(old)(
        "another-userid", old.name, [2], union_id=old.union_id, phone="", main_department_id=2
    )
    company.people[again.user_id] = again
    await both.sync()
    back = await both.of("dingtalk", len(company.people) - 1)
    assert (back.id, back.state, back.departed_at) == (before.id, "active", None)


async def test_a_userid_that_changes_is_still_the_same_person(both):
    await both.sync()
    company = both.companies["dingtalk"]
    before = await both.of("dingtalk", 5)
    old = person(both, "dingtalk", 5)
    old.active = False
    company.people["changed"] = type(old)(
        "changed", old.name, old.department_ids, union_id=old.union_id, main_department_id=2
    )
    report = await both.dingtalk.sync()
    after = await both.of("dingtalk", len(company.people) - 1)
    assert (after.id, after.state) == (before.id, "active")
    assert report.counts["departed"] == report.counts["added"] == 0
