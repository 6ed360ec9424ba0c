"""The bot is mentioned in a group: it answers there, and what is not for all goes to the asker."""

from tests.scenarios.stage import Phone, Stage


async def asked_in_the_group(stage: Stage, phone: Phone, text: str) -> str:
    """Mention the bot in the company's group, let it answer, and give the group's id."""
    (group,) = stage.world.companies[phone.host].groups
    assert await phone.simulator.say(phone.user_id, text, group) == 200
    await stage.deliver()
    return group


async def test_the_bot_answers_in_the_group_where_it_was_mentioned(
    stage: Stage, host: str, lilei: Phone
) -> None:
    group = await asked_in_the_group(stage, lilei, "帮助")
    hanmeimei = stage.phone(host, "hanmeimei")
    for phone in (lilei, hanmeimei):
        assert [line.conversation_id for line in phone.heard] == [group]
        assert "查 华联" in phone.heard[0].text
    assert set(await stage.outbox(host)) == {"sent"}


async def test_what_is_not_for_all_goes_to_the_asker_alone(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await lilei.creates("华联超市")
    group = await asked_in_the_group(stage, lilei, "查 华联")
    in_group = [line for line in lilei.heard if line.conversation_id == group]
    alone = [line for line in lilei.heard if not line.conversation_id]
    assert ["私信" in line.text for line in in_group] == [True]
    assert ["华联超市" in line.title + line.text for line in alone] == [True]
    told = stage.phone(host, "hanmeimei").heard
    assert not any("华联超市" in line.title + line.text for line in told)
