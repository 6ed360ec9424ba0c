"""A field of contacts: an administrator adds it, and a rep has it at the counter a moment later."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_contacts import at_customer
from tests.browser.test_pool import a_phone, at
from tests.browser.test_the_desk_console import ADMINS, sign_in

HERE = "红星副食商行"


@pytest.mark.browser
async def test_a_field_of_contacts_is_added_and_filled_in_and_keeps_its_past(
    browser: Browser, demo: Demo
) -> None:
    desk = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await page.goto(f"{demo.url}/admin/#/fields")
    await at(page, "of-contact").click()
    await expect(at(page, "not-personal")).to_be_visible()
    await at(page, "add-field").click()
    await at(page, "field-zh").fill("负责品类")
    await at(page, "field-key").fill("category")
    await at(page, "save-field").click()
    await expect(at(page, "field-category")).to_contain_text("负责品类")
    await page.screenshot(path=demo.folder / "fields.png", full_page=True)
    await at(page, "of-customer").click()
    await expect(at(page, "field-category")).to_have_count(0)
    await desk.close()

    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, HERE)
    await at(page, "add-contact").click()
    await at(page, "contact-name").fill("孙采购")
    await at(page, "input-category").locator("input").fill("饮料")
    await page.screenshot(path=demo.folder / "contact-form.png")
    await at(page, "save-contact").click()
    line = at(page, "contact").filter(has_text="孙采购")
    await line.locator('[data-test="open-contact"]').click()
    await expect(at(page, "own-category")).to_contain_text("饮料")
    await at(page, "edit-contact").click()
    await at(page, "input-category").locator("input").fill("饮料和乳品")
    await at(page, "save-contact").click()
    await expect(at(page, "own-category")).to_contain_text("饮料和乳品")
    await page.wait_for_timeout(400)
    await page.screenshot(path=demo.folder / "contact-sheet.png")
    await at(page, "own-history").click()
    past = at(page, "field-history")
    await expect(past).to_contain_text("「负责品类」的变更记录")
    await expect(past).to_contain_text("原为 饮料")
    await expect(past.get_by_text("李雷")).to_have_count(2)
    await page.wait_for_timeout(400)
    await page.screenshot(path=demo.folder / "contact-history.png")
    await context.close()
