"""Interactive cards: sent once, pressed, revised, and never a reason for silence."""

from dataclasses import replace

import pytest

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.events import CardPressed, Conversation
from field_ops.host.messages import Button, Card, Field, Notice
from field_ops.host.platform import Recipient
from integrations.dingtalk import connect
from integrations.dingtalk.cards import VALUE_BYTES, variables
from tests.integrations.dingtalk.conftest import GROUP, TEMPLATE
from tests.integrations.host_contract import A_CARD, HOSTILE_NAME, drawn, heard_by


async def test_a_card_is_sent_under_the_id_of_its_message(host_with_cards, simulator):
    receipt = await host_with_cards.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    (line,) = heard_by(simulator, "lilei")
    assert (receipt.host_message_id, receipt.revise_with) == (line.handle, "m-1")
    assert line.wire["outTrackId"] == "m-1"
    assert line.wire["callbackType"] == "STREAM"
    assert line.url == "https://waiqin.example/h5/#/customers/1"
    assert "人民路 1 号" in drawn(line)


async def test_a_card_whose_answer_was_lost_is_sent_once(host_with_cards, simulator):
    send = host_with_cards.messenger.send
    simulator.faults.add("lost_answer", "/v1.0/card")
    with pytest.raises(HostUnavailable) as failure:
        await send(Recipient("lilei"), A_CARD, once="m-1")
    assert failure.value.maybe_done
    receipt = await send(Recipient("lilei"), A_CARD, once="m-1")
    assert receipt.revise_with == "m-1"
    assert len(heard_by(simulator, "lilei")) == 1


async def test_a_card_can_be_revised(host_with_cards, simulator):
    receipt = await host_with_cards.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    done = replace(A_CARD, text="已完成", buttons=(), fields=())
    await host_with_cards.messenger.revise(receipt.revise_with, "m-2", done)
    (line,) = heard_by(simulator, "lilei")
    assert (line.text, line.buttons, line.fields) == ("已完成", [], [])
    assert line.title == "华联超市"


async def test_a_card_that_is_not_there_cannot_be_revised(host_with_cards):
    with pytest.raises(HostRefused):
        await host_with_cards.messenger.revise("never-sent", "m", A_CARD)
    with pytest.raises(HostRefused):
        await host_with_cards.messenger.revise("", "m", A_CARD)


async def test_a_card_in_a_group_is_seen_by_the_group(host_with_cards, simulator):
    talk = Conversation("group", GROUP)
    await host_with_cards.messenger.send(Recipient("lilei", talk), A_CARD, once="m-1")
    (line,) = heard_by(simulator, "wang")
    assert (line.conversation_id, line.title) == (GROUP, "华联超市")


async def test_words_alone_need_no_template(host_with_cards, simulator):
    await host_with_cards.messenger.send(Recipient("lilei"), Notice("早上好"), once="m-1")
    assert heard_by(simulator, "lilei")[0].wire["msgKey"] == "sampleText"


@pytest.mark.parametrize("state", ["gone", "unpublished"])
async def test_a_template_that_does_not_work_silences_nobody(host_with_cards, simulator, state):
    templates = simulator.switches.card_templates
    if state == "gone":
        templates.clear()
    else:
        templates[TEMPLATE] = False
    await host_with_cards.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    (line,) = heard_by(simulator, "lilei")
    assert line.wire["msgKey"] == "sampleActionCard3"
    await host_with_cards.messenger.send(
        Recipient("lilei", Conversation("group", GROUP)), A_CARD, once="m-2"
    )
    assert heard_by(simulator, "wang")[0].wire["msgKey"] == "sampleActionCard3"


async def test_a_link_that_is_too_long_for_a_variable_takes_the_other_way(
    host_with_cards, simulator
):
    long = Card("华联", buttons=(Button("看", url="https://waiqin.example/?" + "x" * VALUE_BYTES),))
    await host_with_cards.messenger.send(Recipient("lilei"), long, once="m-1")
    assert "msgKey" in heard_by(simulator, "lilei")[0].wire


def test_every_variable_is_there_and_short_enough():
    fields = tuple(Field(HOSTILE_NAME, HOSTILE_NAME) for _ in range(6))
    buttons = tuple(Button(HOSTILE_NAME, says=f"查 {n}") for n in range(7))
    values = variables(Card(HOSTILE_NAME, fields=fields, text=HOSTILE_NAME * 9, buttons=buttons))
    assert len(values) == 18
    assert all(len(value.encode()) <= VALUE_BYTES for value in values.values())
    assert values["button5_says"] == "查 4"
    assert "查 6" in values["body"]


@pytest.fixture
def host_over_http(http, credentials, base_urls, simulator, door):
    """Cards without Stream: presses come to our own address."""
    given = {**credentials, "card_template_id": TEMPLATE}
    made = connect(given, http, {**base_urls, "doors": door.address.rstrip("/")})
    door.reader = made.callbacks
    return made


async def test_without_stream_a_press_comes_over_http_and_the_card_changes(
    host_over_http, simulator, door
):
    await host_over_http.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    (line,) = heard_by(simulator, "lilei")
    assert line.wire["callbackType"] == "HTTP"
    assert await simulator.press(line.id, "看拜访 华联超市", "lilei") == 200
    (pressed,) = door.heard(CardPressed)
    assert (pressed.says, pressed.card_id) == ("看拜访 华联超市", "m-1")
    done = replace(A_CARD, title="已看 · 李雷 09:00", buttons=())
    await host_over_http.messenger.revise(pressed.revise_with, "m-1", done)
    assert (line.title, line.buttons) == ("已看 · 李雷 09:00", [])


@pytest.mark.parametrize("space_type", ["im", "IM", "IM_ROBOT", "imRobot", ""])
async def test_a_press_is_one_whatever_the_kind_of_its_place_is_called(
    host_over_http, simulator, door, space_type
):
    """The documentation has one sample, and no list of values."""
    simulator.switches.card_space_type = space_type
    await host_over_http.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    (line,) = heard_by(simulator, "lilei")
    assert await simulator.press(line.id, "看拜访 华联超市", "lilei") == 200
    assert [pressed.card_id for pressed in door.heard(CardPressed)] == ["m-1"]


async def test_the_address_for_presses_is_registered_once(host_over_http, simulator):
    for number in range(3):
        await host_over_http.messenger.send(Recipient("lilei"), A_CARD, once=f"m-{number}")
    assert len(simulator.app.about("/card/callbacks/register")) == 1


async def test_where_no_address_can_be_registered_the_words_arrive_all_the_same(
    host_over_http, simulator
):
    simulator.faults.add("refused", "/v1.0/card/callbacks")
    receipt = await host_over_http.messenger.send(Recipient("lilei"), A_CARD, once="m-1")
    assert receipt.revise_with == ""
    assert len(heard_by(simulator, "lilei")) == 1
