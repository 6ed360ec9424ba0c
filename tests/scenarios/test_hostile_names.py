"""A customer whose name is 200 characters of trouble is shown as text, everywhere."""

import orjson
import pytest

from tests.scenarios.stage import Phone, Stage

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

TROUBLE = "华联\"'`*<script>alert(1)</script>[a](http://evil.example)&amp;%0a\\{{7*7}}👨‍👩‍👧‍👦"
MOST_BYTES = {"wecom": 2048, "dingtalk": 15_000}  # of one message


def a_name(ends: str) -> str:
    return (TROUBLE * 5)[: 200 - len(ends)] + ends


async def test_a_hostile_name_stays_what_it_is_on_pages_and_cards(
    stage: Stage, host: str, lilei: Phone
) -> None:
    name = a_name("（一店）")
    customer = await lilei.creates(name, phone="027-8555 1234", address=TROUBLE)
    shown = await lilei.page.get(f"/customers/{customer}")
    assert (shown.json()["name"], len(name)) == (name, 200)
    assert shown.headers["content-type"] == "application/json"
    assert shown.headers["x-content-type-options"] == "nosniff"

    card = await lilei.asks("查 1234")
    assert card.kind == "card"
    assert card.title.startswith("华联\"'`*<script>alert(1)</script>[a](http://evil")
    assert ("地址", TROUBLE) in card.fields
    assert len(orjson.dumps(card.wire)) <= MOST_BYTES[host]
    assert not any("evil.example" in button["url"] for button in card.buttons)


async def test_of_two_hostile_names_one_can_be_chosen(stage: Stage, lilei: Phone) -> None:
    await lilei.creates(a_name("（一店）"), phone="027-8555 1111")
    await lilei.creates(a_name("（二店）"), phone="027-8555 2222")
    choice = await lilei.asks("查 华联")
    assert len(choice.buttons) == 2
    card = await lilei.presses(choice.buttons[0]["text"])
    assert any(value.startswith("027-8555") for _, value in card.fields)


async def test_the_lead_reads_a_hostile_name_and_log_as_text(
    stage: Stage, host: str, lilei: Phone
) -> None:
    visit = await lilei.checks_in(await lilei.creates(a_name("（一店）"), level="A"))
    log = {"result": "problem", "summary": f"对方说：{TROUBLE}", "next_action": TROUBLE[:200]}
    answer = await lilei.page.send("PUT", f"/visits/{visit['id']}/log", log)
    assert answer.status_code == 200
    await stage.deliver()
    (told,) = stage.phone(host, "wang").heard
    assert "<script>alert(1)</script>" in told.text
    assert not any("evil.example" in button["url"] for button in told.buttons)
