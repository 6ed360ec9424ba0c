"""People at a customer: a rep adds one, puts him right, and goes along when he changes his job."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_pool import a_phone, at

HERE, THERE = "红星副食商行", "新华书店"


async def at_customer(page: Page, demo: Demo, name: str) -> None:
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(page, "search").fill(name)
    await at(page, "customer-link").filter(has_text=name).first.click()
    await expect(at(page, "customer-head")).to_contain_text(name)


@pytest.mark.browser
async def test_a_contact_is_added_put_right_and_goes_to_another_shop(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, HERE)
    await at(page, "add-contact").click()
    await at(page, "contact-name").fill("小钱")
    await at(page, "contact-phone").fill("13871234577")
    await at(page, "save-contact").click()
    line = at(page, "contact").filter(has_text="小钱")
    await expect(line).to_contain_text("13871234577")

    await line.locator('[data-test="open-contact"]').click()
    await at(page, "edit-contact").click()
    await at(page, "contact-name").fill("钱采购")
    await at(page, "contact-title").fill("采购")
    await at(page, "save-contact").click()
    await expect(at(page, "contact").filter(has_text="钱采购")).to_contain_text("采购")

    await at(page, "move-contact").click()
    await at(page, "move-title").fill("店长")
    await at(page, "picker-search").fill("没有这一家")
    await expect(page.get_by_text("没有找到「没有这一家」")).to_be_visible()
    await at(page, "picker-search").fill(THERE)
    await at(page, "picker-choice").filter(has_text=THERE).first.click()
    former = at(page, "former").filter(has_text="钱采购")
    await expect(former).to_contain_text(f"去了 {THERE}")
    await expect(at(page, "contact").filter(has_text="钱采购")).to_have_count(0)

    await former.click()
    await expect(at(page, "customer-head")).to_contain_text(THERE)
    await expect(at(page, "contact").filter(has_text="钱采购")).to_contain_text("店长")
    await (
        at(page, "contact").filter(has_text="钱采购").locator('[data-test="open-contact"]').click()
    )
    await expect(at(page, "person")).to_contain_text(HERE)
    await at(page, "edit-contact").click()
    await at(page, "remove-contact").click()
    await page.get_by_role("button", name="删除联系人").last.click()
    await expect(at(page, "contact").filter(has_text="钱采购")).to_have_count(0)
    await context.close()


@pytest.mark.browser
async def test_who_reports_to_whom_and_who_of_us_knows_him_is_one_picture(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, THERE)
    for name in ("周总", "吴采购"):
        await at(page, "add-contact").click()
        await at(page, "contact-name").fill(name)
        await at(page, "save-contact").click()
        await expect(at(page, "contact").filter(has_text=name)).to_have_count(1)
    await (
        at(page, "contact").filter(has_text="吴采购").locator('[data-test="open-contact"]').click()
    )
    await at(page, "reports-to").select_option(label="周总")
    await expect(at(page, "reports-to")).to_have_value(re.compile("."))
    await at(page, "attitude-1").click()
    await expect(at(page, "attitude-1")).to_have_attribute("aria-checked", "true")
    await at(page, "close-sheet").click()
    await at(page, "open-map").click()
    chart = at(page, "relationship-map")
    await expect(chart).to_contain_text(f"{THERE}的关系图")
    await expect(at(page, "charted").filter(has_text="吴采购")).to_contain_text("偏支持")
    names = [await one.locator("b").inner_text() for one in await at(page, "charted").all()]
    assert names.index("吴采购") == names.index("周总") + 1
    await expect(page.locator('[data-test^="gap-"]').first).to_be_visible()
    await page.wait_for_timeout(400)
    await page.screenshot(path=demo.folder / "map.png")
    await context.close()
