"""Events only hint; the host's API is the truth, and several hints are one reading."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.host.errors import HostUnavailable
from field_ops.host.events import (
    DepartmentsChanged,
    HostEvent,
    MembersChanged,
    MembersLeft,
    Unsupported,
)
from field_ops.people.hints import ask_for_all, note_hints
from field_ops.people.models import SyncHint
from field_ops.people.reread import sync_member
from field_ops.people.safety import Going
from field_ops.work import Actor, Work
from tests.conftest import SHANGHAI, TUESDAY_MORNING

from .conftest import Mirror

ONE = {"event_id": "e-1", "happened_at": TUESDAY_MORNING}


async def hear(mirror: Mirror, *events: HostEvent) -> None:
    actor = Actor(mirror.connection.tenant_id, None, connection_id=mirror.connection.id)
    async with mirror.database.writing() as session:
        for event in events:
            await note_hints(Work(session, actor, mirror.clock(), SHANGHAI), event)


async def hints(mirror: Mirror) -> list[tuple[str, str]]:
    async with mirror.database.reading() as session:
        rows = await session.execute(
            select(SyncHint.kind, SyncHint.host_id).order_by(SyncHint.kind, SyncHint.host_id)
        )
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("event", "noted"),
    [
        (MembersChanged(**ONE, host_user_ids=("a", "b")), [("member", "a"), ("member", "b")]),
        (MembersLeft(**ONE, host_user_ids=("a", "a")), [("member", "a")]),
        (DepartmentsChanged(**ONE, host_department_ids=("5",)), [("department", "5")]),
        (MembersChanged(**ONE), [("department", "*")]),
        (MembersChanged(**ONE, host_user_ids=("x" * 500,)), [("department", "*")]),
        (Unsupported(**ONE, kind="menu"), []),
    ],
)
async def test_an_event_says_what_to_read_again(mirror, event, noted):
    await hear(mirror, event, event)
    assert await hints(mirror) == noted


async def test_without_hints_the_host_is_not_asked(mirror, company):
    assert await mirror.sync_hints() is None
    assert company.asked == []


async def test_several_hints_about_one_member_are_one_reading(mirror, company):
    await mirror.sync()
    company.change("lilei", title="店长")
    company.asked.clear()
    changed = MembersChanged(**ONE, host_user_ids=("lilei",))
    await hear(mirror, changed, changed, MembersLeft(**ONE, host_user_ids=("lilei",)))
    report = await mirror.sync_hints()
    assert (report.kind, [entry.name for entry in report.changed]) == ("members", ["李雷"])
    assert (company.asked, await hints(mirror)) == (["member lilei"], [])


async def test_a_leaver_is_believed_only_after_the_host_confirms_it(mirror, company):
    await mirror.sync()
    company.leave("lilei")
    await hear(mirror, MembersLeft(**ONE, host_user_ids=("lilei", "hanmeimei")))
    report = await mirror.sync_hints()
    people = await mirror.people()
    assert [entry.name for entry in report.departed] == ["李雷"]
    assert (people["lilei"].state, people["hanmeimei"].state) == ("departed", "active")


async def test_a_single_reading_keeps_the_leaders_above(mirror, company):
    await mirror.sync()
    company.change("lilei", department_ids=("6",))
    await hear(mirror, MembersChanged(**ONE, host_user_ids=("lilei",)))
    await mirror.sync_hints()
    people = await mirror.people()
    assert people["lilei"].direct_leader_id == people["zhao"].id


async def test_whoever_is_led_by_another_now_need_not_be_read_again(mirror, company):
    await mirror.sync()
    company.change("wang", leads=())
    company.change("hanmeimei", leads=("5",))
    await hear(mirror, MembersChanged(**ONE, host_user_ids=("wang", "hanmeimei")))
    company.asked.clear()
    report = await mirror.sync_hints()
    people = await mirror.people()
    assert (report.kind, company.asked) == ("members", ["member hanmeimei", "member wang"])
    assert people["lilei"].direct_leader_id == people["hanmeimei"].id


async def test_a_department_hint_reads_that_department(mirror, company):
    await mirror.sync()
    company.department("7", "新部门", "1")
    company.asked.clear()
    await hear(mirror, DepartmentsChanged(**ONE, host_department_ids=("7",)))
    report = await mirror.sync_hints()
    assert [entry.name for entry in report.departments_added] == ["新部门"]
    assert company.asked == ["departments 7", "members 7", "member boss", "member wang"]
    assert await hints(mirror) == []


async def test_hints_wait_while_the_host_is_down(mirror, company):
    await mirror.sync()
    await hear(mirror, MembersChanged(**ONE, host_user_ids=("lilei",)))
    company.down = HostUnavailable("504")
    assert (await mirror.sync_hints()).state == "failed"
    assert await hints(mirror) == [("member", "lilei")]


async def test_a_hint_that_comes_while_we_read_is_not_lost(mirror, company):
    await mirror.sync()
    await hear(mirror, MembersChanged(**ONE, host_user_ids=("lilei",)))
    read = company.member

    class HearsMore(type(company)):
        async def member(self, host_user_id):
            await hear(mirror, MembersChanged(**ONE, host_user_ids=("lilei",)))
            return await read(host_user_id)

    company.__class__ = HearsMore
    await mirror.sync_hints()
    assert await hints(mirror) == [("member", "lilei")]


async def test_one_member_can_be_read_before_the_first_sync(mirror, company):
    report = await sync_member(
        mirror.database, mirror.platform, mirror.connection, "lilei", mirror.clock
    )
    assert [entry.name for entry in report.added] == ["李雷"]
    assert await hints(mirror) == [("department", "*")]
    mirror.now += timedelta(minutes=1)
    await mirror.sync_hints()
    assert set((await mirror.places())["lilei"]) == {"5"}


async def test_very_many_hints_are_one_reading_of_everybody(mirror, company):
    await mirror.sync()
    company.asked.clear()
    everybody = tuple(f"rep{number}" for number in range(201))
    await hear(mirror, MembersChanged(**ONE, host_user_ids=everybody))
    assert (await mirror.sync_hints()).kind == "full"
    assert not any(asked.startswith("member ") for asked in company.asked)
    assert await hints(mirror) == []


async def test_members_are_not_kept_waiting_by_what_takes_long(mirror, company):
    await mirror.sync()
    company.leave("lilei")
    company.move("2", under="5")  # a circle, of which nothing can be made
    left = MembersLeft(**ONE, host_user_ids=("lilei",))
    await hear(mirror, left, DepartmentsChanged(**ONE, host_department_ids=("5",)))
    await mirror.sync_hints(named_only=True)
    assert (await mirror.people())["lilei"].state == "departed"
    assert await hints(mirror) == [("department", "*")]
    company.move("2", under="1")
    assert (await mirror.sync_hints()).kind == "full"
    assert await hints(mirror) == []


async def test_a_person_lets_those_go_whom_he_has_seen_and_no_more(mirror, company):
    for number in range(15):
        company.person(f"rep{number}", f"业务员{number}", "6")
    await mirror.sync()
    company.leave("rep0", "rep1", "rep2")
    halted = await mirror.sync()
    assert halted.would_go == Going(3, 0, 20, 4)
    company.leave("rep3")
    await confirm(mirror, halted.would_go)
    again = await mirror.sync_hints()
    assert (again.state, again.would_go.members) == ("halted", 4)
    assert await hints(mirror) == [], "it has to be confirmed anew"

    mirror.now += timedelta(seconds=1)
    await confirm(mirror, again.would_go)
    assert len((await mirror.sync_hints()).departed) == 4
    assert await hints(mirror) == []


async def confirm(mirror: Mirror, would_go: Going) -> None:
    actor = Actor(mirror.connection.tenant_id, None)
    async with mirror.database.writing() as session:
        work = Work(session, actor, mirror.clock(), SHANGHAI)
        await ask_for_all(work, mirror.connection.id, agreed=would_go)
