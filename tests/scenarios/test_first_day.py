"""A rep's first day, from the sign-in to the lead's message, on each host."""

import io

from PIL import Image

from tests.scenarios.stage import AT_THE_DOOR, Phone, Stage


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()


async def test_a_visit_from_the_sign_in_to_the_log_and_the_lead_hears_of_it(
    stage: Stage, host: str, lilei: Phone
) -> None:
    await lilei.creates("华联超市", level="A", phone="027-8555 1234")
    page, wang = lilei.page, stage.phone(host, "wang")
    assert (await page.get("/today")).json()["is_work_day"] is True
    (found,) = (await page.get("/customers", q="hlcs")).json()["rows"]
    assert (await page.get("/customers", q="1234")).json()["rows"][0]["id"] == found["id"]

    visit = await lilei.checks_in(found["id"])
    photo = await page.send("POST", f"/visits/{visit['id']}/photos", a_photo())
    assert (photo.status_code, photo.json()["width"]) == (201, 640)
    stage.clock.forward(minutes=25)
    out = await page.send("POST", f"/visits/{visit['id']}/check-out", {"fix": AT_THE_DOOR})
    assert (out.json()["dwell_s"], out.json()["is_open"]) == (25 * 60, False)
    log = {"result": "progress", "summary": "谈了续约，对方要九折"}
    logged = await page.send("PUT", f"/visits/{visit['id']}/log", log)
    assert logged.json()["log_result"] == "progress"

    await stage.deliver()
    (told,) = wang.heard
    assert "李雷" in told.title and "华联超市" in told.title
    assert "谈了续约" in told.text


async def test_the_bot_answers_with_a_card_on_the_phone(host: str, lilei: Phone) -> None:
    customer = await lilei.creates("华联超市", phone="027-8555 1234")
    card = await lilei.asks("查 华联")
    assert (card.kind, card.title) == ("card", "华联超市")
    assert any("8555 1234" in value for _, value in card.fields)
    check_in = next(button for button in card.buttons if button["text"] == "签到")
    assert check_in["url"].endswith(f"/h5/?host={host}&connection=main#/check-in/{customer}")


async def test_two_customers_that_fit_are_a_choice_that_can_be_pressed(lilei: Phone) -> None:
    await lilei.creates("华联超市", phone="027-8555 1234")
    await lilei.creates("华联商厦", phone="027-8555 9876")
    choice = await lilei.asks("查 华联")
    assert {button["text"] for button in choice.buttons} == {"华联超市", "华联商厦"}
    assert (await lilei.presses("华联商厦")).title == "华联商厦"
