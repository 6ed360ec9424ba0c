"""A rep sees at his phone who else opened the phones of his customer."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_contacts import at_customer
from tests.browser.test_merging import nothing_is_cut
from tests.browser.test_pool import a_phone, at

SHOP = "新华书店"


@pytest.mark.browser
async def test_the_owner_sees_that_his_lead_opened_the_phones(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "李雷")
    await at_customer(page, demo, SHOP)
    shop = page.url

    leads, lead = await a_phone(browser, demo, "王主管")
    await lead.goto(shop)
    await expect(at(lead, "customer-head")).to_contain_text(SHOP)
    await expect(at(lead, "openings")).to_have_count(0)
    await leads.close()

    await at(page, "openings").click()
    await expect(at(page, "opening").first).to_contain_text("王主管")
    await nothing_is_cut(page)
    await page.wait_for_timeout(350)
    await page.screenshot(path=demo.folder / "openings.png")
    await context.close()
