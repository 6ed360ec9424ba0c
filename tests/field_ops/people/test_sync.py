"""Bringing the organisation in line with the host: whole, once, and never by half."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from field_ops.host.errors import CredentialsRejected, HostBusy, HostUnavailable
from field_ops.host.platform import MembersPage
from field_ops.people.models import Session
from field_ops.tenants.models import Tenant

from .conftest import Mirror
from .fake_company import FakeCompany, a_platform


def names(entries: list) -> list[str]:
    return sorted(entry.name for entry in entries)


async def test_the_first_sync_brings_the_whole_organisation(mirror):
    report = await mirror.sync()
    assert (report.state, len(report.added), len(report.departments_added)) == ("done", 5, 4)
    tree = await mirror.departments()
    assert tree["5"].path == f"/{tree['1'].id}/{tree['2'].id}/{tree['5'].id}/"
    assert await mirror.places() == {
        "boss": {"1": True},
        "zhao": {"2": True},
        "wang": {"5": True},
        "lilei": {"5": False},
        "hanmeimei": {"5": False, "6": False},
    }


async def test_a_second_sync_writes_nothing_but_its_run(mirror):
    await mirror.sync()
    before = await mirror.everything()
    report = await mirror.sync()
    assert await mirror.everything() == before
    assert not any(report.counts.values())
    assert [run.state for run in await mirror.runs()] == ["done", "done"]


async def test_the_root_department_names_the_company(mirror):
    await mirror.sync()
    async with mirror.database.reading() as session:
        assert await session.scalar(select(Tenant.name)) == "晨光商贸"


async def test_direct_leaders_come_from_the_host_else_from_the_tree(mirror, company):
    company.change("hanmeimei", direct_leader_id="zhao")
    await mirror.sync()
    people = await mirror.people()
    leaders = {who: member.direct_leader_id for who, member in people.items()}
    assert leaders == {
        "boss": None,
        "zhao": people["boss"].id,
        "wang": people["zhao"].id,  # he leads his own department, so the next one above
        "lilei": people["wang"].id,
        "hanmeimei": people["zhao"].id,
    }


async def test_the_main_department_is_the_hosts_else_the_first(mirror, company):
    company.person("two", "两个部门", "6", "5", main_department_id="5")
    await mirror.sync()
    people, tree = await mirror.people(), await mirror.departments()
    assert people["two"].main_department_id == tree["5"].id
    assert people["hanmeimei"].main_department_id == tree["5"].id


async def test_a_change_a_move_and_a_leaver_are_reported_by_name(mirror, company):
    await mirror.sync()
    company.change("lilei", title="高级业务员")
    company.change("hanmeimei", department_ids=("6",))
    company.leave("zhao")
    report = await mirror.sync()
    assert [
        (entry.name, entry.before["title"], entry.after["title"])
        for entry in report.changed
        if "title" in entry.after
    ] == [("李雷", "", "高级业务员")]
    (moved,) = report.moved
    assert (moved.before["departments"], moved.after["departments"]) == (
        ["华东一组", "华东二组"],
        ["华东二组"],
    )
    assert names(report.departed) == ["赵经理"]
    assert (await mirror.runs())[-1].report["counts"]["departed"] == 1


@pytest.mark.parametrize("failure", [HostUnavailable("504"), CredentialsRejected("60020")])
async def test_a_page_that_fails_in_the_middle_changes_nothing(mirror, company, failure):
    await mirror.sync()
    before = await mirror.everything()
    company.department("7", "新部门", "1")
    company.leave("lilei")
    company.fails_at["6"] = failure
    report = await mirror.sync()
    assert (report.state, await mirror.everything()) == ("failed", before)
    assert (await mirror.runs())[-1].state == "failed"


async def test_a_failed_sync_leaves_no_cancellation_behind(mirror, company):
    company.down = HostUnavailable("504")
    assert (await mirror.sync()).state == "failed"
    company.down = None
    company.fails_at["6"] = HostUnavailable("504")
    assert (await mirror.sync()).state == "failed"
    assert asyncio.current_task().cancelling() == 0


async def test_a_short_list_removes_nobody(mirror, company):
    company.hidden.add("lilei")
    for number in range(10):
        company.person(f"rep{number}", f"业务员{number}", "6")
    await mirror.sync()
    company.hidden = {"wang"}
    report = await mirror.sync()
    assert (report.state, report.departed) == ("done", [])
    assert (await mirror.people())["wang"].state == "active"


async def test_somebody_who_moves_while_we_read_is_read_by_himself(mirror, company):
    class MovesWhileRead(FakeCompany):
        async def members_of(self, host_department_id, page=""):
            found = (await super().members_of(host_department_id, page)).members
            return MembersPage(
                tuple(
                    m for m in found if (m.host_user_id, host_department_id) != ("hanmeimei", "6")
                )
            )

    mirror.platform = a_platform(MovesWhileRead())
    await mirror.sync()
    assert (await mirror.places())["hanmeimei"] == {"5": False, "6": False}


async def test_an_empty_answer_is_not_an_empty_company(mirror, company):
    company.people.clear()
    report = await mirror.sync()
    assert report.state == "failed"


async def test_departments_that_go_in_a_circle_are_no_organisation(mirror, company):
    company.move("2", under="5")
    report = await mirror.sync()
    assert (report.state, await mirror.people()) == ("failed", {})


async def test_a_busy_host_is_waited_for(mirror, company):
    class BusyOnce(FakeCompany):
        busy = True

        async def members_of(self, host_department_id, page=""):
            if self.busy:
                self.busy = False
                raise HostBusy("45009", retry_after_s=7)
            return await super().members_of(host_department_id, page)

    mirror.platform = a_platform(BusyOnce())
    assert (await mirror.sync()).state == "done"
    assert 7 in mirror.waited


async def test_what_the_host_does_not_say_stays_known(mirror, company):
    await mirror.sync()
    company.change("lilei", phone=None, title="")
    report = await mirror.sync()
    assert (await mirror.people())["lilei"].phone == "13800000001"
    assert report.changed == []


async def test_phone_numbers_are_masked_in_the_report(mirror, company):
    await mirror.sync()
    company.change("lilei", phone="13900000077")
    report = await mirror.sync()
    assert (report.changed[0].before["phone"], report.changed[0].after["phone"]) == ("…01", "…77")


async def test_a_moved_department_takes_its_subtree_along(mirror, company):
    company.department("9", "城西片", "5")
    await mirror.sync()
    company.move("5", under="1")
    report = await mirror.sync()
    tree = await mirror.departments()
    assert tree["9"].path == f"/{tree['1'].id}/{tree['5'].id}/{tree['9'].id}/"
    assert (names(report.departments_moved), report.moved) == (["华东一组"], [])


async def test_a_removed_department_keeps_its_place_and_may_return(mirror, company):
    await mirror.sync()
    before = (await mirror.departments())["6"]
    company.change("hanmeimei", department_ids=("5",))
    gone = company.departments_by_id.pop("6")
    for number in range(4):
        company.department(f"2{number}", f"部门{number}", "1")
    await mirror.sync(force=True)
    removed = (await mirror.departments())["6"]
    assert (removed.removed_at is not None, removed.path) == (True, before.path)
    company.departments_by_id["6"] = gone
    await mirror.sync()
    back = (await mirror.departments())["6"]
    assert (back.id, back.removed_at) == (before.id, None)


async def test_too_many_leavers_stop_the_sync_until_it_is_forced(mirror, company):
    for number in range(15):
        company.person(f"rep{number}", f"业务员{number}", "6")
    await mirror.sync()
    before = await mirror.everything()
    company.leave("rep0", "rep1", "rep2")
    halted = await mirror.sync()
    assert (halted.state, halted.reason) == ("halted", "3 of 20 members would depart")
    assert await mirror.everything() == before
    assert len((await mirror.sync(force=True)).departed) == 3


async def test_a_tenth_may_leave_without_asking(mirror, company):
    for number in range(15):
        company.person(f"rep{number}", f"业务员{number}", "6")
    await mirror.sync()
    company.leave("rep0", "rep1")
    assert len((await mirror.sync()).departed) == 2


async def test_too_many_removed_departments_stop_the_sync(mirror, company):
    for number in range(10):
        company.person(f"rep{number}", f"业务员{number}", "5")
    await mirror.sync()
    company.change("hanmeimei", department_ids=("5",))
    del company.departments_by_id["6"]
    report = await mirror.sync()
    assert (report.state, report.reason) == ("halted", "1 of 4 departments would be removed")


@pytest.mark.parametrize(("leavers", "state"), [(2, "done"), (3, "halted")])
async def test_a_tiny_company_stops_when_more_than_half_would_go(mirror, company, leavers, state):
    await mirror.sync()
    company.leave(*["hanmeimei", "lilei", "zhao"][:leavers])
    assert (await mirror.sync()).state == state


async def test_a_leaver_keeps_his_record_and_loses_his_sessions(mirror, company):
    await mirror.sync()
    await _signed_in(mirror, "wang")
    company.leave("wang")
    await mirror.sync()
    wang = (await mirror.people())["wang"]
    assert (wang.state, wang.name, wang.departed_at is not None) == ("departed", "王主管", True)
    assert (await mirror.places())["wang"] == {"5": False}
    assert await _live_sessions(mirror) == 0


async def test_somebody_who_is_suspended_loses_his_sessions(mirror, company):
    await mirror.sync()
    await _signed_in(mirror, "lilei")
    company.change("lilei", active=False)
    await mirror.sync()
    assert (await mirror.people())["lilei"].state == "suspended"
    assert await _live_sessions(mirror) == 0


async def test_a_rehire_gets_his_old_record_back(mirror, company):
    await mirror.sync()
    before = (await mirror.people())["lilei"].id
    him = company.people.pop("lilei")
    await mirror.sync()
    company.people["lilei"] = him
    report = await mirror.sync()
    lilei = (await mirror.people())["lilei"]
    assert names(report.returned) == ["李雷"]
    assert (lilei.id, lilei.state, lilei.departed_at) == (before, "active", None)


async def test_two_syncs_at_once_are_one_change(mirror):
    first, second = await asyncio.gather(mirror.sync(), mirror.sync())
    assert sorted([len(first.added), len(second.added)]) == [0, 5]
    assert len(await mirror.people()) == 5


async def test_names_longer_than_a_column_do_not_stop_the_sync(mirror, company):
    company.person("long", "很长" * 200, "5", title="<script>'\"" * 40, phone="1" * 60)
    assert (await mirror.sync()).state == "done"
    assert len((await mirror.people())["long"].name) == 200


async def _signed_in(mirror: Mirror, who: str) -> None:
    member = (await mirror.people())[who]
    async with mirror.database.writing() as session:
        session.add(
            Session(
                tenant_id=member.tenant_id,
                id="s" * 26,
                member_id=member.id,
                connection_id=mirror.connection.id,
                created_at=mirror.now,
                expires_at=mirror.now + timedelta(days=7),
            )
        )


async def _live_sessions(mirror: Mirror) -> int:
    async with mirror.database.reading() as session:
        return len((await session.scalars(select(Session).where(Session.ended_at.is_(None)))).all())
