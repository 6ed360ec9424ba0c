"""An administrator makes a role at his desk, gives it, and what it hides is hidden."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_the_desk_console import ADMINS, at, sign_in


@pytest.mark.browser
async def test_a_role_is_made_given_taken_and_removed(browser: Browser, demo: Demo) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = await sign_in(context, demo, "wecom", ADMINS["wecom"])
    await at(page, "nav-roles").click()
    await at(page, "role-rep").locator('[data-test="open-role"]').click()
    await expect(at(page, "may-customers.view")).to_be_disabled()
    await expect(page.get_by_text("内置角色，只能看")).to_be_visible()
    await at(page, "close").click()

    await at(page, "add-role").click()
    await at(page, "role-title").fill("华东督导")
    await at(page, "role-code").fill("east_supervisor")
    await at(page, "may-visits.view").check()
    await at(page, "scope-of-customers").select_option("CUSTOM_DEPTS")
    await at(page, "drawer").locator('[data-test="people-search"]').fill("组")
    await at(page, "people-found").click()
    await expect(at(page, "role-department")).to_be_visible()
    await at(page, "level-phone-owned").select_option("MASKED")
    await page.wait_for_timeout(300)
    await page.screenshot(path=demo.folder / "role.png")
    await at(page, "save-role").click()
    made = at(page, "role-east_supervisor")
    await expect(made).to_contain_text("0 人 · 2 项权限")

    await at(page, "people-search").fill("林涛")
    await at(page, "people-found").click()
    await at(page, "give-east_supervisor").click()
    await expect(at(page, "give-east_supervisor")).to_have_attribute("aria-pressed", "true")
    await expect(made).to_contain_text("1 人")
    await page.screenshot(path=demo.folder / "roles.png", full_page=True)
    await made.locator('[data-test="open-role"]').click()
    await expect(at(page, "level-phone-owned")).to_have_value("MASKED")
    await at(page, "remove-role").click()
    await page.get_by_role("button", name="确认").click()
    await expect(page.get_by_role("alert")).to_contain_text("还有 1 人是「华东督导」")
    await at(page, "close").click()
    await at(page, "give-east_supervisor").click()
    await expect(made).to_contain_text("0 人")
    await made.locator('[data-test="open-role"]').click()
    await at(page, "remove-role").click()
    await page.get_by_role("button", name="确认").click()
    await expect(made).to_have_count(0)
    await context.close()


@pytest.mark.browser
async def test_at_a_phone_nothing_of_the_roles_is_cut(browser: Browser, demo: Demo) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = await sign_in(context, demo, "wecom", ADMINS["wecom"])
    await page.goto(f"{demo.url}/admin/#/roles")
    await at(page, "role-lead").locator('[data-test="open-role"]').click()
    await expect(at(page, "level-note-pool")).to_be_visible()
    drawer = await at(page, "drawer").evaluate("one => one.scrollWidth - one.clientWidth")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert (drawer, width <= 390) == (0, True)
    await page.wait_for_timeout(300)
    await page.screenshot(path=demo.folder / "role-phone.png")
    await context.close()
