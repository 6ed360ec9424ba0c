"""What goes wrong in a rep's hand: no network, an app that was killed, two presses, back.

Nothing typed is lost, one sentence says what is the matter, and what was pressed twice
happened once.
"""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import Demo
from tests.browser.test_pool import a_phone, at

UNREACHABLE = "连不上服务器"
H5 = "/h5/?host=wecom&connection=demo"


async def opened(page: Page, demo: Demo, hash_: str, name: str) -> None:
    await page.goto(f"{demo.url}{H5}#{hash_}")
    await at(page, name).first.wait_for()


async def first_customer(page: Page, demo: Demo) -> None:
    """The page of one of my customers."""
    await opened(page, demo, "/customers", "customer-row")
    await at(page, "customer-link").first.click()
    await at(page, "timeline").wait_for()


async def lose_answers(context: BrowserContext, path: str) -> None:
    """The server hears it, and the answer never comes back."""

    async def drop(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await context.route(f"**{path}", drop)


async def press_twice(page: Page, name: str) -> None:
    """A thumb that taps again before the page has changed, though the answer may be there."""
    press = "button => { button.click(); setTimeout(() => button.click(), 150) }"
    await at(page, name).evaluate(press)


async def count_of(page: Page, path: str, key: str) -> int:
    rows = await page.evaluate("path => fetch(path).then(answer => answer.json())", path)
    return len(rows[key])


@pytest.mark.browser
async def test_a_new_customer_survives_lost_answers_and_a_killed_app(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "韩梅梅")
    await opened(page, demo, "/customers/new", "new-name")
    await at(page, "new-name").fill("雨天百货")
    await at(page, "new-phone").fill("13871234501")

    await context.set_offline(True)
    await at(page, "new-save").click()
    await expect(at(page, "new-failed")).to_contain_text(UNREACHABLE)
    await expect(at(page, "new-name")).to_have_value("雨天百货")
    await context.set_offline(False)

    await lose_answers(context, "/api/v1/customers")
    await at(page, "new-save").click()
    await expect(at(page, "new-failed")).to_contain_text(UNREACHABLE)
    await page.close()
    await context.unroute("**/api/v1/customers")

    page = await context.new_page()
    await opened(page, demo, "/customers/new", "new-failed")
    await expect(at(page, "new-name")).to_have_value("雨天百货")
    await expect(at(page, "new-failed")).to_contain_text("不会重复")
    await press_twice(page, "new-save")
    await expect(at(page, "customer-head")).to_contain_text("雨天百货")
    assert await count_of(page, "/api/v1/customers?q=雨天百货", "rows") == 1

    await page.go_back()
    await expect(at(page, "new-save")).to_have_count(0)
    await context.close()


@pytest.mark.browser
async def test_what_is_written_down_is_kept_once_however_often_it_is_pressed(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "韩梅梅")
    await first_customer(page, demo)

    await at(page, "write-follow-up").click()
    await at(page, "lasted-300").click()
    await at(page, "follow-up-summary").fill("老板说等下雨停")
    await lose_answers(context, "/follow-ups")
    await at(page, "keep-follow-up").click()
    await expect(at(page, "press-failed")).to_contain_text(UNREACHABLE)
    await page.reload()
    await context.unroute("**/follow-ups")
    await at(page, "write-follow-up").click()
    await expect(at(page, "lasted-300")).to_have_attribute("aria-checked", "true")
    await at(page, "keep-follow-up").click()
    await expect(at(page, "entry-follow_up").first).to_contain_text("老板说等下雨停")
    await expect(at(page, "follow-up-sheet")).to_have_count(0)

    await at(page, "write-follow-up").click()
    await at(page, "follow-up-summary").fill("雨停了")
    await press_twice(page, "keep-follow-up")
    await expect(at(page, "entry-follow_up").first).to_contain_text("雨停了")
    await expect(at(page, "follow-up-sheet")).to_have_count(0)

    await at(page, "write-comment").click()
    await at(page, "comment-text").fill("刚刚断网了")
    await lose_answers(context, "/comments")
    await at(page, "say").click()
    await expect(at(page, "press-failed")).to_contain_text("不会重复")
    await context.unroute("**/comments")
    await press_twice(page, "say")
    await expect(at(page, "entry-comment").first).to_contain_text("刚刚断网了")
    await expect(at(page, "comment-sheet")).to_have_count(0)

    await page.reload()
    await expect(at(page, "entry-follow_up").filter(has_text="老板说等下雨停")).to_have_count(1)
    await expect(at(page, "entry-follow_up").filter(has_text="雨停了")).to_have_count(1)
    await expect(at(page, "entry-comment").filter(has_text="刚刚断网了")).to_have_count(1)
    await context.close()


@pytest.mark.browser
async def test_what_the_network_was_to_blame_for_vanishes_when_it_is_back(
    browser: Browser, demo: Demo
) -> None:
    context, page = await a_phone(browser, demo, "韩梅梅")
    await first_customer(page, demo)
    await context.set_offline(True)
    await at(page, "write-comment").click()
    await at(page, "comment-text").fill("电梯里写的")
    await at(page, "say").click()
    await expect(at(page, "press-failed")).to_contain_text(UNREACHABLE)
    await context.set_offline(False)
    await expect(at(page, "press-failed")).to_have_text("网络恢复了，再按一次即可，不会重复。")
    await at(page, "say").click()
    await expect(at(page, "entry-comment").first).to_contain_text("电梯里写的")

    for path in ("/api/v1/visits*", "/healthz"):
        await context.route(f"**{path}", lambda route: route.abort())
    await page.goto(f"{demo.url}{H5}#/visits")
    await expect(at(page, "failed")).to_contain_text(UNREACHABLE)
    for path in ("/api/v1/visits*", "/healthz"):
        await context.unroute(f"**{path}")
    await expect(at(page, "failed")).to_have_count(0)
    await expect(at(page, "visit-row").or_(at(page, "empty")).first).to_be_visible()
    await context.close()
