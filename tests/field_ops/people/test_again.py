"""A department that is named by an event is asked for again, with no more than hangs on it."""

import pytest

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.events import DepartmentsChanged, MembersChanged, MembersLeft
from field_ops.host.platform import DepartmentsAnswer

from .conftest import Mirror
from .fake_company import FakeCompany, a_platform
from .test_hints import ONE, hear, hints


class OneByOne(FakeCompany):
    """Tells one department and the ids below it, as some hosts do. `out_of_sight` may not be
    asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.out_of_sight: set[str] = set()

    async def departments(self, at: str = "") -> DepartmentsAnswer:
        if not at:
            return await super().departments()
        self._answer(f"departments {at}")
        if at in self.out_of_sight:
            raise HostRefused("not in the visible range", code="50004")
        if at not in self.departments_by_id:
            return DepartmentsAnswer()
        everyone = self.departments_by_id.values()
        below = tuple(one.host_department_id for one in everyone if one.parent_id == at)
        return DepartmentsAnswer((self.departments_by_id[at],), ask_next=below)


@pytest.fixture
def company() -> OneByOne:
    company = OneByOne()
    for number in range(10, 16):
        company.department(str(number), f"部门{number}", "1")
        company.person(f"a{number}", f"甲{number}", str(number))
        company.person(f"b{number}", f"乙{number}", str(number))
    return company


async def changed(mirror: Mirror, *departments: str):
    """The event, and what comes of it."""
    mirror.company.asked.clear()
    await hear(mirror, DepartmentsChanged(**ONE, host_department_ids=departments))
    return await mirror.sync_hints()


async def test_a_rename_is_one_question(mirror, company):
    await mirror.sync()
    company.department("10", "新名字", "1")
    report = await changed(mirror, "10", "10")
    assert (report.kind, company.asked) == ("departments", ["departments 10"])
    (entry,) = report.departments_changed
    assert (entry.before, entry.after) == ({"name": "部门10"}, {"name": "新名字"})
    assert (await mirror.runs())[-1].report["kind"] == "departments"


async def test_whoever_is_below_a_moved_department_answers_to_its_new_leaders(mirror, company):
    await mirror.sync()
    company.move("10", under="5")
    report = await changed(mirror, "10")
    tree, people = await mirror.departments(), await mirror.people()
    assert company.asked == ["departments 10"]
    assert [entry.name for entry in report.departments_moved] == ["部门10"]
    assert tree["10"].path == f"{tree['5'].path}{tree['10'].id}/"
    assert people["a10"].direct_leader_id == people["wang"].id
    assert people["a11"].direct_leader_id == people["boss"].id


async def test_whom_the_host_names_as_leader_stays_it(mirror, company):
    company.change("a10", direct_leader_id="zhao")
    await mirror.sync()
    company.move("10", under="5")
    await changed(mirror, "10")
    people = await mirror.people()
    assert people["a10"].direct_leader_id == people["zhao"].id
    company.leave("zhao")
    await hear(mirror, MembersLeft(**ONE, host_user_ids=("zhao",)))
    await mirror.sync_hints()
    assert (await mirror.people())["a10"].direct_leader_id == people["wang"].id


async def test_a_new_leader_is_read_himself(mirror, company):
    await mirror.sync()
    company.department("10", "部门10", "1", leaders=("a10",))
    await changed(mirror, "10")
    people = await mirror.people()
    assert company.asked == ["departments 10", "member a10"]
    assert (await mirror.places())["a10"] == {"10": True}
    assert people["b10"].direct_leader_id == people["a10"].id


async def test_a_parent_that_is_unknown_leads_upwards(mirror, company):
    await mirror.sync()
    company.department("20", "大区", "1")
    company.department("21", "城市", "20")
    company.department("22", "片区", "21")
    company.person("new", "新人", "22", "20")
    await changed(mirror, "22")
    assert company.asked == [
        *("departments 22", "departments 21", "departments 20"),
        *("members 20", "members 21", "members 22"),
    ]
    assert set((await mirror.places())["new"]) == {"20", "22"}


async def test_who_was_in_a_closed_department_is_asked_where_he_is(mirror, company):
    await mirror.sync()
    del company.departments_by_id["10"]
    company.change("a10", department_ids=("11",))
    company.leave("b10")
    report = await changed(mirror, "10")
    assert company.asked == ["departments 10", "member a10", "member b10"]
    assert (await mirror.places())["a10"] == {"11": False}
    assert [entry.name for entry in report.departed] == ["乙10"]


async def test_somebody_in_a_department_nobody_told_of_brings_it_along(mirror, company):
    await mirror.sync()
    company.department("20", "新部门", "5")
    company.change("a10", department_ids=("20",))
    company.asked.clear()
    await hear(mirror, MembersChanged(**ONE, host_user_ids=("a10",)))
    await mirror.sync_hints()
    assert company.asked == ["member a10", "departments 20", "members 20"]
    people = await mirror.people()
    assert people["a10"].direct_leader_id == people["wang"].id


async def test_a_subtree_out_of_sight_is_not_a_hundred_leavers(mirror, company):
    """The range that the app may see became smaller: nobody has left for that."""
    await mirror.sync()
    before = await mirror.everything()
    hidden = ("10", "11", "12")
    company.out_of_sight.update(hidden)
    for one in hidden:
        del company.departments_by_id[one]
        company.invisible.update({f"a{one}", f"b{one}"})
        company.hidden.update({f"a{one}", f"b{one}"})
    report = await changed(mirror, "10")
    assert (report.kind, report.state) == ("full", "halted")
    assert await mirror.everything() == before
    assert await hints(mirror) == []


SOME = ("a10", "b10", "a11", "b11")


@pytest.mark.parametrize("how", ["out of sight", "with their department"])
async def test_very_many_leavers_stop_a_reading_of_some(mirror, company, how):
    await mirror.sync()
    before = await mirror.everything()
    if how == "out of sight":
        company.invisible.update(SOME)
        company.hidden.update(SOME)
        await hear(mirror, MembersLeft(**ONE, host_user_ids=SOME))
    else:
        company.leave(*SOME)
        del company.departments_by_id["10"], company.departments_by_id["11"]
        await hear(mirror, DepartmentsChanged(**ONE, host_department_ids=("10", "11")))
    report = await mirror.sync_hints()
    assert (report.state, report.reason) == ("halted", "4 of 17 members would depart")
    assert await mirror.everything() == before


async def test_leavers_of_whom_the_host_told_by_name_are_out_however_many(mirror, company):
    await mirror.sync()
    company.leave(*SOME)
    await hear(mirror, MembersLeft(**ONE, host_user_ids=SOME))
    report = await mirror.sync_hints()
    assert (report.kind, len(report.departed)) == ("members", 4)


@pytest.mark.parametrize("how", ["a circle", "very many", "a second root"])
async def test_what_does_not_fit_is_read_whole(mirror, company, how):
    await mirror.sync()
    named = ["10"]
    if how == "a circle":
        company.move("11", under="10")
        company.move("12", under="11")
        await changed(mirror, "11", "12")
        company.move("12", under="1")  # of which nobody tells
        company.move("10", under="12")
    if how == "very many":
        named = [str(number) for number in range(100, 160)]
        for one in named:
            company.department(one, f"部门{one}", "1")
    if how == "a second root":
        company.department("10", "部门10", "")
    report = await changed(mirror, *named)
    assert (report.kind, report.state) == ("full", "done")
    assert await hints(mirror) == []


async def test_while_departments_cannot_be_read_leavers_are_out(mirror, company):
    await mirror.sync()

    class Stuck(OneByOne):
        async def departments(self, at: str = "") -> DepartmentsAnswer:
            raise HostUnavailable("504")

    company.leave("a10")
    company.__class__ = Stuck
    mirror.platform = a_platform(company)
    await hear(mirror, MembersLeft(**ONE, host_user_ids=("a10",)))
    assert (await changed(mirror, "10")).state == "failed"
    assert (await mirror.people())["a10"].state == "departed"
    assert await hints(mirror) == [("department", "10")]
