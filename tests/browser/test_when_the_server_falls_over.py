"""The server loses power while somebody presses. The last of all: the worker that comes up again
leaves the company's jobs alone for a minute, as long as its predecessor may be alive elsewhere.
"""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Demo
from tests.browser.test_bad_luck import UNREACHABLE, opened, press_twice
from tests.browser.test_pool import a_phone, at


@pytest.mark.browser
async def test_a_claim_is_made_once_when_the_server_is_back(browser: Browser, demo: Demo) -> None:
    context, page = await a_phone(browser, demo, "韩梅梅")
    await opened(page, demo, "/pool", "pool-row")
    row = at(page, "pool-row").nth(3)
    name = await row.locator("b").inner_text()
    await row.click()
    demo.fall_over()
    await at(page, "claim").click()
    await expect(page.get_by_role("alert")).to_contain_text(UNREACHABLE)
    demo.start()
    await press_twice(page, "claim")
    await expect(at(page, "customer-head")).to_contain_text(name)
    await expect(page.get_by_role("alert")).to_have_count(0)

    await page.go_back()
    await expect(at(page, "pool-row").filter(has_text=name)).to_have_count(0)
    await context.close()
