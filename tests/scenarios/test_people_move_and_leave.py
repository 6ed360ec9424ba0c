"""Somebody leaves or moves: what he and his leads may see follows the host at once."""

from tests.scenarios.stage import Phone, Stage

# Hosts differ in what they say of somebody who has left.
REFUSALS = {"member_not_active", "member_unknown", "sign_in_code_spent"}


async def test_who_leaves_is_signed_out_and_told_nothing_any_more(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await lilei.creates("华联超市", phone="027-8555 1234")
    assert (await lilei.page.get("/today")).status_code == 200
    assert await stage.simulators[host].member_left("lilei") == 200
    await stage.read_what_changed()

    assert (await lilei.page.get("/today")).status_code == 401
    refused = await lilei.page.send("POST", "/visits", {"customer_id": "x"})
    assert refused.status_code == 401
    await lilei.says("查 华联")
    await stage.deliver()
    assert not any("华联" in line.title + line.text for line in lilei.heard)
    code = stage.simulators[host].sign_in_code("lilei")
    assert await lilei.shows_code(code) in REFUSALS


async def test_a_move_changes_at_once_which_lead_sees_the_visits(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    wang, zhao = await stage.somebody(host, "wang"), await stage.somebody(host, "zhao")
    path = f"/visits/{visit['id']}"
    assert [(await lead.page.get(path)).status_code for lead in (wang, zhao)] == [200, 404]

    person = stage.world.companies[host].people["lilei"]
    person.department_ids, person.main_department_id = [4], 4
    assert await stage.simulators[host].member_changed("lilei") == 200
    await stage.read_what_changed()
    assert [(await lead.page.get(path)).status_code for lead in (wang, zhao)] == [404, 200]


async def test_a_department_that_moves_takes_its_people_along(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates("华联超市"))
    zhao, path = await stage.somebody(host, "zhao"), f"/visits/{visit['id']}"
    assert (await zhao.page.get(path)).status_code == 404
    stage.world.companies[host].departments[3].parent_id = 4
    assert await stage.simulators[host].department_changed(3) == 200
    await stage.read_what_changed()
    assert (await zhao.page.get(path)).status_code == 200
