"""The pool in a phone's hand: claim under the thumb, the clock on the customer, release."""

from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo

PHONE = {"width": 390, "height": 844}
LOWEST_THIRD = 844 * 2 / 3
SET_RULES = """async () => {
    const me = await (await fetch('/api/v1/me')).json()
    const own = (await (await fetch('/api/v1/pools')).json()).pools.at(-1)
    own.rules.recycle.is_on = true
    const answer = await fetch('/api/v1/pools/default', {
        method: 'PUT',
        headers: {'X-CSRF-Token': me.csrf_token, 'Content-Type': 'application/json'},
        body: JSON.stringify({name: '公司公海', rules: own.rules}),
    })
    return answer.status
}"""


async def a_phone(browser: Browser, demo: Demo, person: str) -> tuple[BrowserContext, Page]:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    page = await context.new_page()
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo")
    await page.locator('[data-test="sign-in"]').click()
    await page.get_by_role("link", name=person).click()
    await page.locator('[data-test="tab-customers"], [data-test="stop"]').first.wait_for()
    return context, page


def at(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]')


async def a_lead_grants_it_and_says_who_is_away(browser: Browser, demo: Demo, name: str) -> None:
    context, page = await a_phone(browser, demo, "王主管")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/me")
    await at(page, "team-waiting").click()
    asked = at(page, "waiting-extension").filter(has_text=name)
    await expect(asked).to_contain_text("老板出差，下周回来")
    await asked.locator('[data-test="answer-grant"]').click()
    await expect(asked).to_have_count(0)

    await page.go_back()
    await at(page, "team-pool/absences").click()
    await at(page, "away-member").filter(has_text="林涛").click()
    await at(page, "save-away").click()
    await expect(at(page, "absence")).to_contain_text("林涛")
    await at(page, "absence-back").click()
    await expect(at(page, "nobody-away")).to_be_visible()
    await context.close()


@pytest.mark.browser
async def test_a_rep_claims_sees_the_clock_and_releases(browser: Browser, demo: Demo) -> None:
    desk, admin = await a_phone(browser, demo, "宋小满")
    assert await admin.evaluate(SET_RULES) == 200
    await desk.close()

    context, page = await a_phone(browser, demo, "李雷")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(page, "scope-pool").click()
    row = at(page, "pool-row").first
    await expect(row).to_contain_text("****")
    await expect(at(page, "pool-limits")).to_contain_text("今天还能领 20 家")
    name = await row.locator("b").inner_text()
    await row.click()
    claim = at(page, "claim")
    await expect(claim).to_have_text(f"领取 {name}")
    box = await claim.bounding_box()
    assert box is not None and box["y"] > LOWEST_THIRD and box["height"] >= 44
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    await page.screenshot(path=demo.folder / "pool.png")
    await claim.click()

    clock = at(page, "clock")
    await expect(clock).to_contain_text("没有有效跟进")
    await expect(clock).to_contain_text("还有")
    await page.screenshot(path=demo.folder / "clock.png")
    await at(page, "ask-time").click()
    await at(page, "clock-reason").fill("老板出差，下周回来")
    await page.wait_for_timeout(400)
    await page.screenshot(path=demo.folder / "ask.png")
    await at(page, "clock-send").click()
    await expect(at(page, "clock-waits")).to_contain_text("老板出差")
    await a_lead_grants_it_and_says_who_is_away(browser, demo, name)
    await page.reload()
    await expect(at(page, "clock")).to_contain_text("还有")
    await expect(at(page, "clock-waits")).to_have_count(0)
    await at(page, "release").click()
    await at(page, "clock-reason").fill("已关店")
    await at(page, "clock-send").click()
    await expect(at(page, "customer-row").first).to_be_visible()
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/pool")
    await expect(at(page, "pool-limits")).to_contain_text("今天还能领 19 家")
    again = at(page, "pool-row").filter(has_text=name).first
    await again.click()
    await claim.click()
    await expect(page.get_by_role("alert")).to_contain_text("不久前还在您名下")
    await context.close()
