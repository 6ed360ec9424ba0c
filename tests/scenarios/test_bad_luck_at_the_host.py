"""The host is down, forgets to answer, or does not know our secret any more."""

import pytest

from field_ops.connections.actions import change
from field_ops.connections.check import check
from field_ops.connections.queries import listed
from tests.scenarios.stage import CONNECTION, HOME, HOSTS, Stage


def the_other(host: str) -> str:
    return next(other for other in HOSTS if other != host)


async def states(stage: Stage) -> dict[str, str]:
    """Whether each connection is active or paused, by host."""
    async with stage.database.reading() as session:
        return {row.host: row.state for row in await listed(session)}


async def test_while_the_host_is_down_messages_wait_and_then_go_out_once_in_order(
    stage: Stage, host: str
) -> None:
    lilei, meimei = stage.phone(host, "lilei"), stage.phone(host, "hanmeimei")
    faults = stage.simulators[host].faults
    faults.down = True
    for shop in "甲乙丙":
        await lilei.says(f"查 {shop}{shop}店")
        await meimei.says(f"查 {shop}店")
        await stage.deliver()
    assert lilei.heard == []
    faults.clear()
    stage.clock.forward(minutes=3)
    await stage.deliver()
    assert [line.text[:7] for line in lilei.heard] == [f"没有找到「{s}{s}" for s in "甲乙丙"]
    assert [line.text[:7] for line in meimei.heard] == [f"没有找到「{s}店" for s in "甲乙丙"]


async def test_the_other_host_does_not_notice(stage: Stage, host: str) -> None:
    stage.simulators[host].faults.down = True
    await stage.phone(host, "lilei").says("帮助")
    other = stage.phone(the_other(host), "lilei")
    assert "查 华联" in (await other.asks("帮助")).text
    assert stage.phone(host, "lilei").heard == []


async def test_a_wrong_secret_pauses_only_its_connection(stage: Stage, host: str) -> None:
    reset_secret(stage, host)
    await stage.tell(host, "lilei", "早上好")
    await stage.tell(the_other(host), "lilei", "早上好")
    await stage.deliver()
    assert await states(stage) == {host: "paused", the_other(host): "active"}
    assert await stage.outbox(host) == ["queued"]
    assert len(stage.phone(the_other(host), "lilei").heard) == 1


async def test_the_check_says_what_to_do_about_a_wrong_secret(stage: Stage, host: str) -> None:
    reset_secret(stage, host)
    found = await stage.platforms.platform_named(host, CONNECTION)
    assert found is not None
    findings = await check(found[0], HOME, stage.clock())
    problem = next(finding for finding in findings if finding.part == "departments")
    assert (problem.ok, "Secret" in problem.says.zh) == (False, True)
    assert "secret" in problem.says.en.lower()


async def test_what_waited_goes_out_when_the_secret_is_right_again(stage: Stage, host: str) -> None:
    reset_secret(stage, host)
    for text in ("早上好", "下雨了，带伞"):
        await stage.tell(host, "lilei", text)
    await stage.deliver()
    async with stage.database.writing() as session:
        await change(stage.system(session, host), stage.runtime.keys, stage.wanted(host))
    stage.clock.forward(minutes=1)
    await stage.deliver()
    assert (await states(stage))[host] == "active"
    heard = [line.text for line in stage.phone(host, "lilei").heard]
    assert heard == ["早上好", "下雨了，带伞"]


@pytest.mark.parametrize("what", ["a card as an answer", "a notice"])
async def test_wecom_shows_a_message_once_when_its_answer_was_lost(stage: Stage, what: str) -> None:
    lilei = await stage.somebody("wecom", "lilei")
    await lilei.creates("华联超市", phone="027-8555 1234")
    stage.simulators["wecom"].faults.add("lost_answer", "message/send")
    await (lilei.says("查 华联") if what != "a notice" else stage.tell("wecom", "lilei", "早上好"))
    await stage.deliver()
    assert await stage.outbox("wecom") == ["unknown"]
    stage.clock.forward(minutes=2)
    await stage.deliver()
    assert (await stage.outbox("wecom"), len(lilei.heard)) == (["sent"], 1)
    assert len(stage.network.asked("message/send")) == 2


def reset_secret(stage: Stage, host: str) -> None:
    """Somebody presses 重置 in the host's console."""
    stage.world.companies[host].app.secret = "a-new-secret"
    stage.simulators[host].revoke_tokens()
