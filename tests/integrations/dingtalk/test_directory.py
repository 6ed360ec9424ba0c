"""The company as DingTalk tells it, also where it tells less than everything."""

import pytest

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.platform import DepartmentsAnswer
from integrations.sandbox.world import Department, Person
from tests.integrations.host_contract import the_tree_of


async def test_leaders_are_told_with_their_departments(host):
    leaders = {d.host_department_id: d.leader_ids for d in await the_tree_of(host)}
    assert leaders == {"1": ("boss",), "2": (), "5": ("wang",)}


async def test_a_department_of_250_people_is_read_page_by_page(host, simulator):
    for n in range(250):
        simulator.company.people[f"u{n}"] = Person(f"u{n}", f"业务员{n}", [2])
    pages = [await host.directory.members_of("2")]
    while pages[-1].next_page:
        pages.append(await host.directory.members_of("2", pages[-1].next_page))
    assert [len(page.members) for page in pages] == [100, 100, 52]
    assert len({member.host_user_id for page in pages for member in page.members}) == 252


async def test_an_outage_between_two_pages_is_not_half_an_answer(host, simulator):
    for n in range(150):
        simulator.company.people[f"u{n}"] = Person(f"u{n}", f"业务员{n}", [2])
    first = await host.directory.members_of("2")
    simulator.faults.add("down", "user/list")
    with pytest.raises(HostUnavailable):
        await host.directory.members_of("2", first.next_page)


async def test_what_the_host_does_not_say_is_none(host, simulator):
    simulator.company.people["lilei"].phone = "13800000000"
    simulator.switches.withheld = {"mobile", "state_code", "email"}
    lilei = await host.directory.member("lilei")
    assert (lilei.phone, lilei.email, lilei.title) == (None, None, None)


async def test_a_member_brings_what_the_host_says(host, simulator):
    person = simulator.company.people["hanmeimei"]
    person.phone, person.email, person.title = "13800000000", "hmm@example.com", "业务员"
    member = await host.directory.member("hanmeimei")
    assert (member.phone, member.email, member.title) == (
        "13800000000",
        "hmm@example.com",
        "业务员",
    )
    assert (member.department_ids, member.direct_leader_id) == (("5", "2"), "wang")


async def test_a_scope_of_some_departments_has_several_roots(host, simulator):
    simulator.company.departments[7] = Department(7, "南区", 1)
    simulator.company.departments[8] = Department(8, "南区一组", 7)
    simulator.switches.departments = [8, 5, 7]
    tree = {(d.host_department_id, d.parent_id) for d in await the_tree_of(host)}
    assert tree == {("5", "2"), ("7", "1"), ("8", "7")}


async def test_somebody_in_the_scope_by_himself_is_named(host, simulator):
    simulator.switches.departments, simulator.switches.users = [5], ["boss"]
    assert (await host.directory.departments()).members == ("boss",)
    assert (await host.directory.member("boss")).name == "老板"


async def test_a_department_that_is_gone_is_not_an_outage(host):
    assert await host.directory.departments("77") == DepartmentsAnswer()


async def test_a_member_outside_the_scope_is_not_taken_for_a_leaver(host, simulator):
    simulator.switches.departments = [5]
    with pytest.raises(HostRefused):
        await host.directory.member("boss")


async def test_somebody_who_left_is_none(host, simulator, door):
    door.reader = host.callbacks
    await simulator.member_left("lilei")
    assert await host.directory.member("lilei") is None
