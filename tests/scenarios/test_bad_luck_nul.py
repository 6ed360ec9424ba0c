"""NUL: SQLite takes it, PostgreSQL does not, and nobody types it. A page that sends one is told."""

import pytest

from tests.scenarios.stage import AT_THE_DOOR, CONNECTION, Phone, Stage

NUL = "华联\x00超市"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/customers", {"name": NUL, "phone": "027-8555 1234"}),
        ("POST", "/visits", {"customer_id": NUL, "fix": AT_THE_DOOR}),
        ("POST", "/visits/%00/check-out", {"fix": AT_THE_DOOR}),
        ("POST", "/visits/%00/photos", b"no picture"),
        ("PATCH", "/me", {"language": "zh\x00"}),
        ("POST", "/sessions", {"host": NUL, "connection": CONNECTION, "code": "1"}),
        ("GET", "/customers?q=%00", None),
        ("GET", "/visits?customer_id=%00", None),
        ("GET", "/entry?host=wecom&connection=%00", None),
    ],
)
@pytest.mark.parametrize("host", ["wecom"], indirect=True)
async def test_a_request_that_hides_one_is_refused_with_a_sentence(
    lilei: Phone, method: str, path: str, body: object
) -> None:
    answer = await lilei.page.send(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "body_unreadable")


@pytest.mark.parametrize("host", ["wecom"], indirect=True)
async def test_the_words_for_it_are_not_it(lilei: Phone) -> None:
    customer = await lilei.creates(r"华联\u0000超市", phone="027-8555 1234")
    shown = await lilei.page.get(f"/customers/{customer}")
    assert shown.json()["name"] == r"华联\u0000超市"


async def test_a_door_of_a_host_with_one_is_not_opened(stage: Stage, host: str) -> None:
    async with stage.network.client() as client:
        assert (await client.post(f"/hosts/{host}/%00/callback")).status_code == 400


@pytest.mark.parametrize("said", [f"查 {NUL}", f"记录 {NUL} 谈了续约"])
async def test_the_bot_answers_whatever_is_said(stage: Stage, lilei: Phone, said: str) -> None:
    await lilei.creates("华联超市", phone="027-8555 1234")
    await lilei.asks(said)
    assert (await stage.row_counts())["inbox_event"] == 1
    assert len(lilei.heard) == 1
