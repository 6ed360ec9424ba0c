"""An administrator says that two accounts are one person."""

from datetime import timedelta

import pytest

from field_ops.errors import Refusal
from field_ops.people.actions import Account, link
from field_ops.people.models import Member
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI

from .conftest import Mirror


async def linked(mirror: Mirror, one: str, other: str) -> str:
    """The id of the member who goes on, or the code of the refusal."""
    async with mirror.database.writing() as session:
        actor = Actor(mirror.connection.tenant_id, None, via="cli")
        work = Work(session, actor, mirror.clock(), SHANGHAI)
        accounts = [Account(mirror.connection, who) for who in (one, other)]
        try:
            member = await link(work, *accounts)
        except Refusal as refusal:
            return refusal.code
        return member.id


async def comes_back_as(mirror: Mirror, old: str, new: str) -> str:
    """He leaves, comes back under another id, and is taken for somebody new. His old record."""
    await mirror.sync()
    before = (await mirror.people())[old].id
    him = mirror.company.people.pop(old)
    await mirror.sync()
    mirror.now += timedelta(days=30)
    mirror.company.person(new, him.name, "6")
    await mirror.sync()
    assert (await mirror.people())[new].id != before
    return before


@pytest.mark.parametrize("order", [("lilei", "lilei2"), ("lilei2", "lilei")])
async def test_who_comes_back_under_a_new_id_gets_his_old_record(mirror, order):
    before = await comes_back_as(mirror, "lilei", "lilei2")
    younger = (await mirror.people())["lilei2"].id
    assert await linked(mirror, *order) == before
    people = await mirror.people()
    lilei = people["lilei2"]
    assert (lilei.id, lilei.state, lilei.departed_at) == (before, "active", None)
    async with mirror.database.reading() as session:
        gone = await session.get(Member, (lilei.tenant_id, younger))
    assert (gone.state, gone.merged_into_id) == ("departed", before)
    await mirror.sync_hints()
    assert (await mirror.places())["lilei2"] == {"6": False}
    report = await mirror.sync()
    assert not any(report.counts.values())


async def test_what_cannot_be_linked_is_refused(mirror):
    await mirror.sync()
    assert await linked(mirror, "lilei", "nobody") == "user_id_unknown"
    assert await linked(mirror, "lilei", "lilei") == "linked_already"
    assert await linked(mirror, "lilei", "wang") == "both_work_there"


async def test_a_second_link_is_refused(mirror):
    await comes_back_as(mirror, "lilei", "lilei2")
    await linked(mirror, "lilei", "lilei2")
    assert await linked(mirror, "lilei", "lilei2") == "linked_already"
