"""A rep's WeChat friend among the contacts of his customer, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Console, Demo

SHOP = "华联商厦"  # 吴采购 is a friend of 李雷's in the demo, and no other test looks there
PHONE = {"width": 390, "height": 844}


async def opened(page: Page, demo: Demo, person: str) -> None:
    """The customer's page, in this person's own WeCom."""
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo")
    await page.locator('[data-test="sign-in"]').click()
    await page.get_by_role("link", name=person).click()
    await page.locator('[data-test="tab-customers"]').click()
    await page.locator('[data-test="scope-all"]').click()
    await page.locator('[data-test="search"]').fill(SHOP)
    row = page.locator('[data-test="customer-row"]').filter(has_text=SHOP).first
    await row.locator('[data-test="customer-link"]').first.click()
    await expect(page.locator('[data-test="customer-head"]')).to_contain_text(SHOP)


@pytest.mark.browser
async def test_a_friend_is_confirmed_agreed_to_and_forgotten(browser, demo: Demo) -> None:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await opened(page, demo, "李雷")
    proposal = page.locator('[data-test="chat-proposal"]')
    await until_read(page, proposal)
    await expect(proposal).to_contain_text("企业微信好友「华联商厦 吴采购」是这位联系人吗？")
    await proposal.locator('[data-test="chat-yes"]').click()
    await expect(page.locator('[data-test="chat-mark"]')).to_have_text("企微")
    await expect(proposal).to_have_count(0)

    lead_context = await browser.new_context(viewport=PHONE, locale="zh-CN")
    lead = await lead_context.new_page()
    await opened(lead, demo, "王主管")
    await expect(lead.locator('[data-test="contact"]').first).to_be_visible()
    await expect(lead.locator('[data-test="chat-mark"]')).to_have_count(0)

    await page.locator('[data-test="open-contact"]').click()
    await expect(page.locator('[data-test="chat-link"]')).to_contain_text("我的好友")
    await page.locator('[data-test="how-written"]').click()
    await page.locator('[data-test="consent"]').click()
    await expect(page.locator('[data-test="consent-about"]')).to_contain_text("书面 · 李雷")

    await lead.reload()
    await lead.locator('[data-test="open-contact"]').click()
    await expect(lead.locator('[data-test="chat-link"]')).to_contain_text("李雷 的好友")
    await expect(lead.locator('[data-test="unlink"]')).to_have_count(0)

    await page.locator('[data-test="consent"]').click()
    await page.get_by_role("button", name="撤回同意").click()
    await expect(page.locator('[data-test="contact-sheet"]')).to_have_count(0)
    await expect(page.locator('[data-test="chat-mark"]')).to_have_count(0)
    await page.reload()
    await expect(page.locator('[data-test="contact"]').first).to_be_visible()
    await expect(proposal).to_have_count(0)
    await context.close()
    await lead_context.close()


@pytest.mark.browser
async def test_the_question_is_asked_in_english_too(console: Console) -> None:
    await console.be("wecom", "hanmeimei")
    await console.on_phone("tab-me").click()
    await console.on_phone("language-en").click()
    await console.on_phone("tab-customers").click()
    await console.on_phone("search").fill("华联生鲜")
    row = console.on_phone("customer-row").filter(has_text="华联生鲜").first
    await row.locator('[data-test="customer-link"]').first.click()
    proposal = console.on_phone("chat-proposal")
    await expect(proposal).to_contain_text("Is your WeCom friend")
    await proposal.locator('[data-test="chat-no"]').click()
    await expect(proposal).to_have_count(0)
    await console.on_phone("back").click()
    await console.on_phone("tab-me").click()
    await console.on_phone("language-zh").click()


async def until_read(page: Page, what) -> None:
    """The worker compares within half a minute of the start; the page asks when it is opened."""
    for _ in range(20):
        await page.locator('[data-test="contact"]').first.wait_for()
        await page.wait_for_timeout(500)
        if await what.count():
            return
        await page.reload()
