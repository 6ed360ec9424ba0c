"""A rep shares a customer at his phone; his colleague finds it, and leaves again."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_contacts import at_customer
from tests.browser.test_merging import nothing_is_cut
from tests.browser.test_pool import LOWEST_THIRD, a_phone, at

SHOP = "红星副食商行"


@pytest.mark.browser
async def test_a_customer_is_shared_read_then_edit_and_left(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, SHOP)
    card = at(page, "collaborators")
    await expect(card).to_contain_text("只有负责人和上级能看到")
    await at(page, "add-collaborator").click()
    await at(page, "colleague-search").fill("韩梅")
    colleague = at(page, "colleague").filter(has_text="韩梅梅")
    box = await colleague.bounding_box()
    assert box is not None and box["y"] > LOWEST_THIRD and box["height"] >= 44
    await page.wait_for_timeout(400)
    await page.screenshot(path=demo.folder / "share.png")
    await colleague.click()
    one = at(page, "collaborator").filter(has_text="韩梅梅")
    await expect(one.locator('[data-test="access-read"]')).to_have_attribute("aria-checked", "true")
    await one.locator('[data-test="access-edit"]').click()
    await expect(one.locator('[data-test="access-edit"]')).to_have_attribute("aria-checked", "true")
    await nothing_is_cut(page)
    await page.screenshot(path=demo.folder / "shared.png", full_page=True)

    hers, colleague_page = await a_phone(browser, demo, "韩梅梅")
    await colleague_page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(colleague_page, "scope-all").click()
    await at(colleague_page, "search").fill(SHOP)
    await at(colleague_page, "customer-link").filter(has_text=SHOP).first.click()
    await expect(at(colleague_page, "collaborator")).to_contain_text("可修改")
    await at(colleague_page, "end-sharing").click()
    await colleague_page.get_by_role("button", name="确认").click()
    await expect(colleague_page.get_by_text(f"没有找到「{SHOP}」")).to_be_visible()  # out of sight
    await hers.close()
    await page.reload()
    await expect(card).to_contain_text("只有负责人和上级能看到")
    await context.close()
