"""`make screenshots`: the pictures in docs/, taken from a running demo.

    python -m tests.browser.take_screenshots http://127.0.0.1:8000

Each page of the H5 at 360 × 640 (as 李雷 in the WeCom company, standing at 华联超市), and the
console at desk and phone size.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.needs import chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
PHONE = {"width": 360, "height": 640}
H5 = "/h5/?host=wecom&connection=demo"


async def main(base: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        await _console(browser, base)
        await _pages(browser, base)
        await _desk(browser, base)
        await browser.close()


async def _console(browser: Browser, base: str) -> None:
    for name, width, height in (("console", 1440, 900), ("console-phone", 390, 844)):
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN"
        )
        page = await context.new_page()
        await page.goto(base)
        await page.wait_for_selector("body[data-ready]")
        frame = page.frame_locator('[data-test="h5-frame"]')
        if name == "console":
            await page.locator('[data-test="person-lilei"]').first.click()
        await frame.locator('[data-test="stop"]').first.wait_for()
        await _keep(page, name)
        await context.close()


async def _desk(browser: Browser, base: str) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 640}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{base}/admin/?host=wecom&connection=demo")
    await page.locator('[data-test="sign-in"]').click()
    await page.get_by_role("link", name="宋小满").click()
    await page.locator('[data-test="connection-wecom"]').wait_for()
    await _keep(page, "connections")
    await context.close()


async def _pages(browser: Browser, base: str) -> None:
    context = await _phone(browser, base)
    page = await context.new_page()
    await page.goto(base + H5)
    await page.locator('[data-test="sign-in"]').click()
    await page.get_by_role("link", name="李雷").click()
    await page.locator('[data-test="stop"]').first.wait_for()
    await _keep(page, "today")
    shop = (await _json(page, "/api/v1/customers?q=hlcs"))["rows"][0]
    place = shop["place"]
    await context.set_geolocation(
        {"latitude": place["lat"], "longitude": place["lng"], "accuracy": 20}
    )

    await page.goto(f"{base}{H5}#/customers")
    await page.locator('[data-test="search"]').fill("hlcs")
    await page.locator('[data-test="customer-row"]').first.wait_for()
    await _keep(page, "customers")
    await _show(page, base, f"#/customers/{shop['id']}", "customer-head", "customer")
    await _show(page, base, "#/customers/new", "new-name", "new-customer")
    await _show(page, base, f"#/check-in/{shop['id']}", "verdict", "check-in")
    await _show(page, base, "#/visits", "visit-row", "visits")
    visits = (await _json(page, "/api/v1/visits"))["rows"]
    logged = next(row for row in visits if row["log_result"])
    await _show(page, base, f"#/visits/{logged['id']}", "log", "visit")
    without = next((row for row in visits if not row["log_result"]), logged)
    await _show(page, base, f"#/visits/{without['id']}", "visit-customer", "log", foot=True)
    await _show(page, base, "#/me", "me-name", "me")
    await context.close()


async def _phone(browser: Browser, base: str) -> BrowserContext:
    return await browser.new_context(
        viewport=PHONE,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        permissions=["geolocation"],
        geolocation={"latitude": 30.6, "longitude": 114.3, "accuracy": 20},
    )


async def _show(
    page: Page, base: str, hash_: str, wait_for: str, name: str, *, foot: bool = False
) -> None:
    await page.goto(f"{base}{H5}{hash_}")
    await page.locator(f'[data-test="{wait_for}"]').first.wait_for()
    await page.wait_for_timeout(800)
    if foot:
        await page.mouse.wheel(0, 5000)
        await page.wait_for_timeout(300)
    await _keep(page, name)


async def _json(page: Page, path: str) -> dict[str, Any]:
    return await page.evaluate("path => fetch(path).then(answer => answer.json())", path)


async def _keep(page: Page, name: str) -> None:
    await page.wait_for_timeout(700)
    await page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"))
