"""Sheets at a phone: each has a cross, and closed, nothing of it stays in the page."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_contacts import at_customer
from tests.browser.test_pool import PHONE, a_phone, at

SHEETS = (
    ("edit", "edit-sheet"),
    ("add-contact", "contact-form"),
    ("open-contact", "contact-sheet"),
    ("add-relation", "relation-sheet"),
    ("add-collaborator", "collaborator-sheet"),
    ("write-follow-up", "follow-up-sheet"),
    ("write-comment", "comment-sheet"),
)


async def closed_by_its_cross(page: Page, sheet: str, folder: Demo) -> None:
    await expect(at(page, sheet)).to_be_visible()
    await page.wait_for_timeout(350)
    cross = at(page, "close-sheet").last
    box = await cross.bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 44
    assert box["x"] + box["width"] <= PHONE["width"]
    await page.screenshot(path=folder.folder / f"sheet-{sheet}.png")
    await cross.click()
    await expect(at(page, sheet)).to_have_count(0)


@pytest.mark.browser
async def test_every_sheet_of_a_customer_is_closed_by_its_cross(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, "红星副食商行")
    for opener, sheet in SHEETS:
        await at(page, opener).first.click()
        await closed_by_its_cross(page, sheet, demo)
    await context.close()


@pytest.mark.browser
async def test_no_filters_stay_behind_on_the_list(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await page.goto(f"{demo.url}/h5/?host=wecom&connection=demo#/customers")
    await at(page, "filter").click()
    await closed_by_its_cross(page, "filter-sheet", demo)
    await at(page, "filter").click()
    await at(page, "filter-level-A").click()
    await at(page, "show-filtered").click()
    await expect(at(page, "filter")).to_have_text("筛选 · 1")
    await expect(at(page, "filter-sheet")).to_have_count(0)
    await at(page, "customer-link").first.click()
    await expect(at(page, "customer-head")).to_be_visible()
    await expect(at(page, "filter-sheet")).to_have_count(0)
    await context.close()
