"""A place that may have moved, on a lead's phone: what speaks for it, the answer, the way back."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_pool import PHONE, a_phone, at

SEND = """async ([method, path, body]) => {
    const me = await (await fetch('/api/v1/me')).json()
    const answer = await fetch('/api/v1' + path, {
        method,
        headers: {'X-CSRF-Token': me.csrf_token, 'Content-Type': 'application/json'},
        body: body && JSON.stringify(body),
    })
    return await answer.json()
}"""
NORTH = 0.0045  # degrees, about 500 m


async def ask(page: Page, path: str, method: str = "GET", body: object = None) -> dict[str, object]:
    answer: dict[str, object] = await page.evaluate(SEND, [method, path, body])
    return answer


async def check_in(page: Page, shop: dict[str, object], lat: float, lng: float) -> None:
    """From where the shop is said to be now, by one who stands there."""
    fix = {"lat": lat + NORTH, "lng": lng, "datum": "WGS84", "accuracy_m": 15}
    body = {"customer_id": shop["id"], "fix": fix, "reason": "搬到新址", "close_open_visit": True}
    visit = await ask(page, "/visits", "POST", body)
    assert visit["is_open"], visit


@pytest.mark.browser
async def test_a_lead_looks_at_a_move_confirms_it_and_goes_back(
    browser: Browser, demo: Demo
) -> None:
    desk, admin = await a_phone(browser, demo, "宋小满")
    # Two check-ins of one day are enough here, because no day passes in a test.
    rules = await ask(admin, "/place-rules", "PUT", {"check_ins": 2, "days": 1})
    assert rules["may_configure"], rules

    reps, rep = await a_phone(browser, demo, "李雷")
    leads, lead = await a_phone(browser, demo, "王主管")
    rows = (await ask(rep, "/customers?mine=true"))["rows"]
    assert isinstance(rows, list)
    # The last one: other tests look at the first.
    shop = [row for row in rows if row["place"] and row["place"]["status"] == "confirmed"][-1]
    for page, north in ((rep, 0.0), (lead, 0.0001)):
        await check_in(page, shop, shop["place"]["lat"] + north, shop["place"]["lng"])

    await lead.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/waiting")
    move = at(lead, "place-move").filter(has_text=shop["name"])
    await expect(move).to_contain_text("位置可能移动了 ")
    await expect(move).to_contain_text("2 次签到一致落在新位置")
    await expect(move.locator('[data-test="move-before"]')).to_contain_text("原位置")
    await expect(move.locator('[data-test="move-after"]')).to_contain_text("新位置")
    await expect(move.locator('[data-test="behind"]')).to_have_count(2)
    for name in ("answer-confirm", "answer-keep", "move-before"):
        box = await move.locator(f'[data-test="{name}"]').bounding_box()
        assert box is not None and box["height"] >= 44
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    await move.screenshot(path=demo.folder / "move.png")
    await move.locator('[data-test="answer-confirm"]').click()
    await expect(move).to_have_count(0)

    await lead.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers/{shop['id']}")
    stands = at(lead, "place-stands").first
    await expect(stands).to_have_text(re.compile("王主管 于 .* 确认，依据 2 次签到。"))
    await at(lead, "place").screenshot(path=demo.folder / "place.png")
    await at(lead, "place-history").click()
    await at(lead, "show-behind").first.click()
    await expect(at(lead, "place-history-sheet").locator('[data-test="behind"]')).to_have_count(2)
    await lead.wait_for_timeout(400)
    await lead.screenshot(path=demo.folder / "history.png")
    await at(lead, "undo-place").click()
    await expect(stands).to_have_text(re.compile("于 .* 确认。"))
    await at(lead, "place-history").click()
    sheet = at(lead, "place-history-sheet")
    await expect(sheet).to_contain_text("退回或停用")
    await lead.wait_for_timeout(400)
    await lead.screenshot(path=demo.folder / "undone.png")
    rules = await ask(admin, "/place-rules", "PUT", {"check_ins": 3, "days": 2})
    assert rules["may_configure"], rules
    await desk.close()
    await reps.close()
    await leads.close()
