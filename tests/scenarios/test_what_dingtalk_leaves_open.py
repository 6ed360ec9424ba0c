"""What DingTalk's documentation does not say about people: from event to page, both readings."""

import pytest

from field_ops.people.sync import full_sync
from integrations.dingtalk.simulator import DingtalkSimulator
from tests.scenarios.stage import CONNECTION, Phone, Stage


@pytest.fixture
def host() -> str:
    return "dingtalk"


@pytest.fixture
def dingtalk(stage: Stage) -> DingtalkSimulator:
    simulator = stage.simulators["dingtalk"]
    assert isinstance(simulator, DingtalkSimulator)
    return simulator


async def night(stage: Stage) -> None:
    """Everybody is read, as once a night."""
    found = await stage.platforms.platform_named("dingtalk", CONNECTION)
    assert found is not None
    report = await full_sync(stage.database, *found, stage.clock)
    assert report.state == "done"


async def member(stage: Stage, user_id: str) -> str:
    async with stage.database.reading() as session:
        return await stage.member_id(session, "dingtalk", user_id)


def moves_to(simulator: DingtalkSimulator, user_id: str, department_id: int) -> None:
    person = simulator.company.people[user_id]
    person.department_ids, person.main_department_id = [department_id], department_id


async def sees(stage: Stage, user_id: str, visit_id: str) -> bool:
    phone = await stage.somebody("dingtalk", user_id)
    return (await phone.page.get(f"/visits/{visit_id}")).status_code == 200


@pytest.mark.parametrize("kept", [True, False])
async def test_a_move_that_no_line_heard_is_found_at_night(
    stage: Stage, dingtalk: DingtalkSimulator, lilei: Phone, kept: bool
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    dingtalk.switches.push_by = "stream"
    dingtalk.switches.unheard_events_are_kept = kept
    moves_to(dingtalk, "lilei", 4)
    assert await dingtalk.member_changed("lilei") == 0
    await night(stage)
    assert [await sees(stage, lead, visit["id"]) for lead in ("wang", "zhao")] == [False, True]


@pytest.mark.parametrize("told", [True, False])
async def test_a_move_is_followed_when_it_is_told_or_at_night(
    stage: Stage, dingtalk: DingtalkSimulator, lilei: Phone, told: bool
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    dingtalk.switches.moves_are_told = told
    dingtalk.switches.difference_names = frozenset()
    moves_to(dingtalk, "lilei", 4)
    await dingtalk.member_changed("lilei")
    await stage.read_what_changed()
    assert await sees(stage, "zhao", visit["id"]) is told
    await night(stage)
    assert [await sees(stage, lead, visit["id"]) for lead in ("wang", "zhao")] == [False, True]


@pytest.mark.parametrize("kept", [True, False])
async def test_who_changed_and_left_has_left_in_whatever_order_it_is_told(
    stage: Stage, dingtalk: DingtalkSimulator, lilei: Phone, kept: bool
) -> None:
    dingtalk.switches.events_keep_their_order = kept
    await dingtalk.member_changed("lilei")
    await dingtalk.member_left("lilei")
    await stage.read_what_changed()
    assert (await lilei.page.get("/today")).status_code == 401


@pytest.mark.parametrize("anew", [True, False])
@pytest.mark.parametrize("by_event", [True, False])
async def test_who_returns_is_who_he_was(
    stage: Stage, dingtalk: DingtalkSimulator, lilei: Phone, anew: bool, by_event: bool
) -> None:
    dingtalk.switches.returners_get_a_new_userid = anew
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    before = await member(stage, "lilei")
    await dingtalk.member_left("lilei")
    await stage.read_what_changed()
    if not by_event:
        dingtalk.faults.add("push_lost")
    user_id = await dingtalk.member_returned("lilei")
    await (stage.read_what_changed() if by_event else night(stage))
    back = await stage.somebody("dingtalk", user_id)
    assert await member(stage, user_id) == before
    assert (await back.page.get(f"/visits/{visit['id']}")).status_code == 200
