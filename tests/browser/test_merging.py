"""Two records of one shop at a lead's phone: compared, merged, parted again, told apart."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_contacts import at_customer
from tests.browser.test_pool import LOWEST_THIRD, PHONE, a_phone, at

STAYS, GOES = "长河百货汉口店", "长河百货汉口门店"
ADD = """async ([name, phone]) => {
    const me = await (await fetch('/api/v1/me')).json()
    const answer = await fetch('/api/v1/customers', {
        method: 'POST',
        headers: {'X-CSRF-Token': me.csrf_token, 'Content-Type': 'application/json'},
        body: JSON.stringify({name, phone, city: '武汉', is_another: true}),
    })
    return answer.status
}"""


async def nothing_is_cut(page: Page) -> None:
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


@pytest.mark.browser
async def test_a_lead_makes_one_of_two_and_two_of_one(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "王主管")
    for name, phone in ((STAYS, "027-85550001"), (GOES, "027-85550002")):
        assert await page.evaluate(ADD, [name, phone]) == 201
    await at_customer(page, demo, STAYS)
    await at(page, "merge-another").click()
    await at(page, "picker-search").fill(GOES)
    await at(page, "picker-choice").filter(has_text=GOES).first.click()

    await expect(at(page, "master")).to_contain_text(STAYS)
    await expect(at(page, "loser")).to_contain_text(GOES)
    name = at(page, "choice-name")
    await expect(name.locator('[data-test="pick-loser"]')).to_have_text(GOES)
    await name.locator('[data-test="pick-master"]').click()
    await at(page, "choice-phone").locator('[data-test="pick-loser"]').click()
    send = at(page, "send-merge")
    await expect(send).to_have_text(f"合并为「{STAYS}」")
    box = await send.bounding_box()
    assert box is not None and box["y"] > LOWEST_THIRD and box["height"] >= 44
    await nothing_is_cut(page)
    await page.screenshot(path=demo.folder / "merge.png", full_page=True)
    await send.click()

    await expect(at(page, "customer-head")).to_contain_text(STAYS)
    await expect(page.get_by_text("027-85550002").first).to_be_visible()
    merged = at(page, "merged").filter(has_text=GOES)
    await expect(merged).to_contain_text("王主管")
    await nothing_is_cut(page)
    await page.screenshot(path=demo.folder / "merged.png", full_page=True)
    await at(page, "undo-merge").click()
    await page.get_by_role("button", name="确认").click()
    await expect(merged).to_have_count(0)
    await expect(page.get_by_text("027-85550001").first).to_be_visible()
    await context.close()


@pytest.mark.browser
async def test_a_pair_is_told_apart_and_not_asked_about_again(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "王主管")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/me")
    await at(page, "team-duplicates").click()
    pair = at(page, "duplicate").first
    await expect(pair).to_contain_text("C-")
    count = await at(page, "duplicate").count()
    await nothing_is_cut(page)
    await page.screenshot(path=demo.folder / "duplicates.png")
    await pair.locator('[data-test="look-at-merge"]').click()
    await expect(at(page, "loser")).to_be_visible()
    await page.go_back()
    await pair.locator('[data-test="apart"]').click()
    await expect(page.get_by_text("以后不再提示重复")).to_be_visible()
    await page.get_by_role("button", name="确认").click()
    await expect(at(page, "duplicate")).to_have_count(count - 1)
    await context.close()


@pytest.mark.browser
async def test_who_may_not_merge_is_offered_nothing(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, "红星副食商行")
    await expect(at(page, "relations")).to_be_visible()
    await expect(at(page, "merges")).to_have_count(0)
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/me")
    await expect(at(page, "team-waiting")).to_be_visible()
    await expect(at(page, "team-duplicates")).to_have_count(0)
    await context.close()
