"""A reading that dies, or meets a limit in the middle, goes on where it was."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from field_ops.host.errors import HostBusy, HostUnavailable
from field_ops.host.events import DepartmentsChanged, MembersChanged
from field_ops.people.models import SyncAnswer, SyncReading
from field_ops.people.sync import full_sync
from tests.conftest import TUESDAY_MORNING

from .conftest import Mirror
from .fake_company import FakeCompany
from .test_hints import hear

DOWN = HostUnavailable("504")


async def interrupted(mirror: Mirror, at: str = "6") -> None:
    """A reading to which the host answers everything but one department."""
    mirror.company.fails_at[at] = DOWN
    assert (await mirror.sync()).state == "failed"
    mirror.company.fails_at.clear()
    mirror.company.asked.clear()


async def kept(mirror: Mirror, table: type = SyncAnswer) -> int:
    async with mirror.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_was_answered_is_not_asked_again(mirror, company):
    await interrupted(mirror)
    assert await mirror.people() == {}
    report = await mirror.sync()
    assert company.asked == ["members 6"]
    assert (report.state, len(report.added)) == ("done", 5)
    assert (await kept(mirror), await kept(mirror, SyncReading)) == (0, 0)


async def test_a_reading_that_is_applied_does_not_serve_the_next_one(mirror, company):
    await mirror.sync()
    company.asked.clear()
    await mirror.sync()
    assert sorted(company.asked) == ["departments", *(f"members {n}" for n in "1256")]


@pytest.mark.parametrize("how", ["afresh", "too old"])
async def test_old_answers_are_not_used(mirror, company, how):
    await interrupted(mirror)
    company.change("lilei", title="店长")
    if how == "too old":
        mirror.now += timedelta(hours=3, minutes=1)
    await mirror.sync(afresh=how == "afresh")
    assert "members 5" in company.asked
    assert (await mirror.people())["lilei"].title == "店长"


async def test_a_host_that_is_busy_for_long_is_left_alone_and_asked_the_rest_later(mirror, company):
    company.fails_at["6"] = HostBusy("90018", retry_after_s=3600)
    assert (await mirror.sync()).state == "failed"
    company.fails_at.clear()
    company.asked.clear()
    assert (await mirror.sync()).state == "done"
    assert company.asked == ["members 6"]


async def test_answers_that_contradict_each_other_are_not_kept(mirror, company):
    company.move("2", under="5")
    assert (await mirror.sync()).state == "failed"
    assert (await kept(mirror), await kept(mirror, SyncReading)) == (0, 0)
    company.move("2", under="1")
    assert (await mirror.sync()).state == "done"


async def test_a_reader_that_was_killed_is_followed_after_a_minute(mirror, company):
    """He says nothing when he dies; what he wrote down until then is there."""

    class Hangs(FakeCompany):
        async def members_of(self, host_department_id, page=""):
            if host_department_id == "5":
                mirror.now += timedelta(seconds=6)  # what is answered is written every 5 seconds
            if host_department_id == "6":
                await asyncio.Event().wait()
            return await super().members_of(host_department_id, page)

    mirror.platform = mirror.platform_of(Hangs())
    killed = asyncio.create_task(mirror.sync())
    async with asyncio.timeout(20):
        while not await kept(mirror):  # noqa: ASYNC110 - it is another session that writes
            await asyncio.sleep(0.01)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    mirror.platform = mirror.platform_of(company)

    mirror.now += timedelta(seconds=61)
    assert (await mirror.sync()).state == "done"
    assert "departments" not in company.asked
    assert len(await mirror.people()) == 5


async def test_somebody_read_by_himself_in_between_is_not_put_back(mirror, company):
    await mirror.sync()
    await interrupted(mirror)
    company.change("lilei", department_ids=("6",), title="店长")
    company.leave("hanmeimei")
    event = MembersChanged(
        event_id="e", happened_at=TUESDAY_MORNING, host_user_ids=("lilei", "hanmeimei")
    )
    await hear(mirror, event)
    await mirror.sync_hints()
    await mirror.sync()
    people = await mirror.people()
    assert (await mirror.places())["lilei"] == {"6": False}
    assert (people["lilei"].title, people["hanmeimei"].state) == ("店长", "departed")


@pytest.mark.parametrize("closed", [True, False])
async def test_a_department_read_by_itself_in_between_is_not_put_back(mirror, company, closed):
    company.department("7", "华东三组", "2")
    for number in range(3):
        company.department(f"2{number}", f"部门{number}", "1")
    await mirror.sync()
    await interrupted(mirror)
    if closed:
        del company.departments_by_id["7"]
    else:
        company.move("7", under="1")
        company.department("8", "新部门", "7")
        company.person("new", "新人", "8")
    await hear(mirror, DepartmentsChanged(
        event_id="e", happened_at=TUESDAY_MORNING, host_department_ids=("7",)
    ))  # fmt: skip
    await mirror.sync_hints()
    company.asked.clear()
    assert (await mirror.sync()).state == "done"
    assert "departments" not in company.asked
    tree = await mirror.departments()
    assert (tree["7"].removed_at is not None) == closed
    if not closed:
        assert tree["8"].path == f"/{tree['1'].id}/{tree['7'].id}/{tree['8'].id}/"
        assert (await mirror.places())["new"] == {"8": False}


async def test_an_event_about_nobody_in_the_middle_is_a_reading_of_its_own(mirror, company):
    await mirror.sync()
    await interrupted(mirror)
    company.departments_by_id["5"] = replace(company.departments_by_id["5"], name="改了名")
    await hear(mirror, DepartmentsChanged(event_id="e", happened_at=TUESDAY_MORNING))
    await mirror.sync_hints()
    assert (await mirror.departments())["5"].name == "华东一组"  # as it was answered before
    await mirror.sync_hints()
    assert (await mirror.departments())["5"].name == "改了名"
    assert await mirror.sync_hints() is None


async def test_a_department_of_many_pages_is_read_to_its_end(mirror, company):
    company.page_size = 2
    for number in range(7):
        company.person(f"rep{number}", f"业务员{number}", "6")
    await mirror.sync()
    assert len(await mirror.people()) == 12
    assert "members 6 6" in company.asked


async def test_the_host_is_asked_at_three_quarters_of_its_rate(mirror, company):
    mirror.platform = mirror.platform_of(company, per_app_second=20)
    await mirror.sync()
    assert len(mirror.waited) == len(company.asked) == 5
    assert {round(pause * 15, 6) for pause in mirror.waited} == {1}


async def test_how_far_it_is_can_be_watched(mirror):
    told = []
    await full_sync(
        mirror.database,
        mirror.platform,
        mirror.connection,
        mirror.clock,
        sleep=mirror.sleep,
        progress=lambda read, found: told.append((read, found)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_who_is_told_to_stop_is_followed_at_once(mirror, company):
    class Hangs(FakeCompany):
        async def members_of(self, host_department_id, page=""):
            if host_department_id == "6":
                reached.set()
                await asyncio.Event().wait()
            return await super().members_of(host_department_id, page)

    reached = asyncio.Event()
    mirror.platform = mirror.platform_of(Hangs())
    stopped = asyncio.create_task(mirror.sync())
    await reached.wait()
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    mirror.platform = mirror.platform_of(company)
    assert (await mirror.sync()).state == "done"
    assert "departments" not in company.asked


async def test_an_event_after_the_first_answers_is_not_forgotten(mirror, company):
    await mirror.sync()
    await interrupted(mirror)
    company.departments_by_id["5"] = replace(company.departments_by_id["5"], name="改了名")
    changed = DepartmentsChanged(
        event_id="e", happened_at=TUESDAY_MORNING, host_department_ids=("5",)
    )
    await hear(mirror, changed)
    await mirror.sync_hints()
    await mirror.sync()  # goes on with what was answered before
    assert (await mirror.departments())["5"].name == "改了名"
    assert await mirror.sync_hints() is None
