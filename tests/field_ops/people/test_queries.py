"""Who is who."""

from field_ops.people.queries import (
    actor_for,
    department_name,
    leaders_of,
    member_by_host_user,
    members_by_id,
)
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI

from .conftest import Mirror, a_connection


async def ask(mirror: Mirror, query, *asked):
    """One query as the company itself."""
    async with mirror.database.reading() as session:
        actor = Actor(mirror.connection.tenant_id, None)
        return await query(Work(session, actor, mirror.now, SHANGHAI), *asked)


async def test_leaders_are_the_direct_one_and_then_up_the_tree(mirror, company):
    company.change("hanmeimei", direct_leader_id="boss")
    await mirror.sync()
    people = await mirror.people()
    who = {member.id: host_id for host_id, member in people.items()}
    found = {
        host_id: [who[one] for one in await ask(mirror, leaders_of, member.id)]
        for host_id, member in people.items()
    }
    assert found == {
        "boss": [],
        "zhao": ["boss"],
        "wang": ["zhao", "boss"],
        "lilei": ["wang", "zhao", "boss"],
        "hanmeimei": ["boss", "wang", "zhao"],
    }


async def test_a_leader_who_left_is_nobodys_leader(mirror, company):
    await mirror.sync()
    company.leave("wang")
    await mirror.sync()
    people = await mirror.people()
    assert await ask(mirror, leaders_of, people["lilei"].id) == [
        people["zhao"].id,
        people["boss"].id,
    ]


def the_door(mirror):
    return Actor(mirror.connection.tenant_id, None, via="bot", connection_id=mirror.connection.id)


async def test_an_actor_has_the_roles_of_his_place(mirror):
    await mirror.sync()
    async with mirror.database.reading() as session:
        actor, member = await actor_for(session, the_door(mirror), "wang")
    assert (member.name, actor.roles, actor.via) == ("王主管", {"rep", "lead"}, "bot")
    assert actor.connection_id == mirror.connection.id


async def test_who_is_not_active_is_no_actor(mirror, company):
    company.change("lilei", active=False)
    await mirror.sync()
    async with mirror.database.reading() as session:
        assert await actor_for(session, the_door(mirror), "lilei") is None
        assert await actor_for(session, the_door(mirror), "nobody") is None


async def test_a_user_id_means_somebody_in_its_own_company_only(mirror):
    await mirror.sync()
    other = await a_connection(mirror.database, "second")
    async with mirror.database.reading() as session:
        assert await member_by_host_user(session, other, "lilei") is None


async def test_names_are_found_by_id(mirror):
    await mirror.sync()
    lilei = (await mirror.people())["lilei"]
    found = await ask(mirror, members_by_id, [lilei.id, "somebody else"])
    assert [member.name for member in found.values()] == ["李雷"]
    assert await ask(mirror, department_name, lilei.main_department_id) == "华东一组"
    assert await ask(mirror, department_name, None) == ""
