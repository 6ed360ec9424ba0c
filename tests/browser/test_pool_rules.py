"""Sales-ops settles a pool at a desk: what the rules would take back is seen before they count."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_the_desk_console import ADMINS, at, sign_in


@pytest.mark.browser
async def test_rules_of_a_pool_are_tried_out_and_a_pool_is_made(
    browser: Browser, demo: Demo
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = await sign_in(context, demo, "dingtalk", ADMINS["dingtalk"])
    await at(page, "nav-pools").click()
    await expect(at(page, "pools")).to_contain_text("每天领 20 家，最多持有 200 家")
    await page.screenshot(path=demo.folder / "pools.png")
    await at(page, "pool").click()
    await expect(at(page, "pool-name")).to_have_value("公司公海")
    await at(page, "recycle-on").check()
    await at(page, "no_follow_up-A").fill("1")
    await at(page, "try-pool").click()
    await expect(at(page, "endings")).to_contain_text("8 天后会收回")
    await expect(at(page, "ending")).to_contain_text("没有有效跟进")
    await page.screenshot(path=demo.folder / "pool-rules.png", full_page=True)
    await at(page, "no_follow_up-A").fill("")
    await expect(at(page, "endings")).to_have_count(0)
    await at(page, "recycle-on").uncheck()
    await at(page, "claim-a_day").fill("19")
    await at(page, "save-pool").click()
    await expect(at(page, "pools")).to_contain_text("每天领 19 家")

    await at(page, "add-pool").click()
    await at(page, "pool-name").fill("重点客户公海")
    await at(page, "people-search").fill("部")
    await at(page, "people-found").click()
    await expect(at(page, "pool-member")).to_be_visible()
    await at(page, "save-pool").click()
    made = at(page, "pools").locator("li").filter(has_text="重点客户公海")
    await expect(made).to_contain_text("1 个部门或成员")

    await made.locator("[data-test=pool]").click()
    await at(page, "remove-pool").click()
    await page.screenshot(path=demo.folder / "pool-removal.png", full_page=True)
    await at(page, "remove-pool-sure").click()
    await expect(at(page, "removed-pools")).to_contain_text("重点客户公海")
    await expect(made).to_have_count(0)
    await at(page, "restore-pool").click()
    await expect(made).to_have_count(1)
    await context.close()


@pytest.mark.browser
async def test_a_new_pool_gives_out_by_territory_and_is_tried_before_it_is_saved(
    browser: Browser, demo: Demo
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = await sign_in(context, demo, "dingtalk", ADMINS["dingtalk"])
    await page.goto(f"{demo.url}/admin/#/territories")
    await at(page, "add-territory").click()
    await at(page, "territory-name").fill("武昌片区")
    await at(page, "people-search").fill("李")
    await at(page, "people-found").first.click()
    await at(page, "territory-divisions").fill("武汉市 洪山区\n鄂州市")
    await at(page, "territory-outline").fill("30.5, 114.2")
    await expect(at(page, "save-territory")).to_be_disabled()
    await at(page, "territory-outline").fill("30.5, 114.2\n30.7, 114.2\n30.7, 114.4")
    await page.screenshot(path=demo.folder / "territory.png")
    await at(page, "save-territory").click()
    await expect(at(page, "territories")).to_contain_text("武汉市 洪山区、鄂州市 · 边界 3 个点")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.screenshot(path=demo.folder / "territories.png")

    await page.goto(f"{demo.url}/admin/#/pools/new")
    await at(page, "pool-name").fill("片区公海")
    await at(page, "allocation-mode").select_option("territory")
    await at(page, "recycle-on").check()
    await at(page, "no_follow_up-A").fill("1")
    await at(page, "try-pool").click()
    await expect(at(page, "allocations")).to_contain_text("现在没有可以分的客户")
    await expect(at(page, "endings")).to_be_visible()
    await at(page, "allocation-mode").select_option("by_tag")
    await expect(at(page, "allocations")).to_have_count(0)
    await at(page, "add-tag-line").click()
    await expect(at(page, "tag-line")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.screenshot(path=demo.folder / "pool-new.png", full_page=True)
    await context.close()


@pytest.mark.browser
async def test_at_a_phone_nothing_of_a_pool_is_cut(browser: Browser, demo: Demo) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = await sign_in(context, demo, "dingtalk", ADMINS["dingtalk"])
    await page.goto(f"{demo.url}/admin/#/pools/default")
    await expect(at(page, "no_deal-D")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.screenshot(path=demo.folder / "pool-phone.png", full_page=True)
    await context.close()
