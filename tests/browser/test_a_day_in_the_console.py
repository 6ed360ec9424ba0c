"""A rep's day by hand: the story of the README, in a real browser, on both hosts."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Console

HOSTS = ("wecom", "dingtalk")
PHONE = re.compile(r"1\d{2}[ -]?\d{4}[ -]?\d{4}|027[ -]?\d{4}[ -]?\d{4}")


@pytest.mark.browser
@pytest.mark.parametrize("host", HOSTS)
async def test_a_reps_day_from_signing_in_to_the_leads_message(console: Console, host: str) -> None:
    await console.be(host, "lilei")
    stops = console.on_phone("stop")
    await expect(stops).to_have_count(6)

    await console.on_phone("tab-customers").click()
    await console.on_phone("search").fill("hlcs")
    rows = console.on_phone("customer-row")
    await expect(rows.first).to_contain_text("华联超市")
    await rows.first.locator('[data-test="customer-link"]').first.click()
    await expect(console.on_phone("customer-head")).to_contain_text("华联超市")
    shown = await console.phone.locator("body").inner_text()
    tail = re.sub(r"\D", "", PHONE.findall(shown)[0])[-4:]

    await console.on_phone("back").click()
    await console.on_phone("search").fill(tail)
    await expect(rows.filter(has_text="华联超市").first).to_be_visible()

    await console.stand_at("华联超市")
    await console.on_phone("tab-today").click()
    await stops.first.locator('[data-test="go-check-in"]').click()
    await expect(console.on_phone("fix-state")).to_contain_text("已定位")
    await expect(console.on_phone("verdict")).to_have_attribute("data-verdict", "VERIFIED")
    await console.on_phone("take-photo").click()
    await console.at("shutter").click()
    await expect(console.on_phone("photo")).to_be_visible()
    await console.on_phone("check-in").dblclick()

    await expect(console.on_phone("visit-customer")).to_contain_text("华联超市")
    await expect(console.on_phone("checked-in")).to_contain_text("范围内")
    await expect(console.on_phone("uploaded-photo")).to_have_count(1)
    await console.on_phone("check-out").click()
    await expect(console.on_phone("checked-out")).to_contain_text("范围内")

    await console.on_phone("result-progress").click()
    await console.on_phone("log-summary").fill("谈了续约，对方要九折，下周三答复")
    await console.on_phone("log-submit").click()
    await expect(console.on_phone("log")).to_contain_text("对方要九折")

    message = console.at("feed").get_by_text("李雷 拜访了 华联超市（A 级）")
    await expect(message.first).to_be_visible()


@pytest.mark.browser
async def test_a_photo_that_arrives_while_its_visit_is_being_read_is_shown(
    console: Console,
) -> None:
    is_read, has_arrived = asyncio.Event(), asyncio.Event()

    async def read_before(route: Route) -> None:
        answer = await route.fetch()
        is_read.set()
        await has_arrived.wait()
        await asyncio.sleep(0.2)  # the phone has heard of its photo before it hears of its visit
        await route.fulfill(response=answer)

    async def upload_after(route: Route) -> None:
        await is_read.wait()
        answer = await route.fetch()
        await route.fulfill(response=answer)
        has_arrived.set()

    await console.page.route(re.compile(r"/api/v1/visits/[^/?]+$"), read_before)
    await console.page.route(re.compile(r"/api/v1/visits/[^/?]+/photos"), upload_after)
    await console.be("wecom", "hanmeimei")
    await console.on_phone("tab-customers").click()
    await console.on_phone("search").fill("店")
    await console.on_phone("customer-row").first.locator('[data-test="go-check-in"]').click()
    await expect(console.on_phone("verdict")).to_be_visible()
    if await console.on_phone("reason").count():
        await console.on_phone("reason").fill("客户换了仓库，在仓库见面")
    await console.on_phone("take-photo").click()
    await console.at("shutter").click()
    await expect(console.on_phone("photo")).to_be_visible()
    await console.on_phone("check-in").click()
    await expect(console.on_phone("uploaded-photo")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.parametrize("host", HOSTS)
async def test_the_bot_offers_a_choice_and_then_a_card(console: Console, host: str) -> None:
    await console.be(host, "lilei")
    await console.at("screen-chat").click()
    await console.at("chat-input").fill("查 华联")
    await console.at("chat-send").click()
    cards = console.page.locator('[data-test="card"]')
    await expect(cards.last).to_contain_text("「华联」有几家")
    await cards.last.locator('[data-test="card-button"]').filter(has_text="中山路店").click()
    card = cards.filter(has_text="上次拜访").last
    await expect(card).to_contain_text("华联超市（中山路店）")
    await card.locator('[data-test="card-button"]').filter(has_text="签到").click()
    await expect(console.on_phone("fix-state")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("host", HOSTS)
async def test_a_card_pressed_while_the_app_still_signs_in_opens_its_page(
    console: Console, host: str
) -> None:
    is_pressed = asyncio.Event()

    async def late(route: Route) -> None:
        await is_pressed.wait()
        await route.continue_()

    await console.page.route("**/api/v1/me", late)
    await console.be(host, "lilei")
    await console.at("screen-chat").click()
    await console.at("chat-input").fill("查 华联超市（中山路店）")
    await console.at("chat-send").click()
    card = console.page.locator('[data-test="card"]').filter(has_text="上次拜访").last
    await card.locator('[data-test="card-button"]').filter(has_text="签到").click()
    is_pressed.set()
    await expect(console.on_phone("fix-state")).to_be_visible()


@pytest.mark.browser
async def test_far_away_asks_for_a_reason(console: Console) -> None:
    await console.be("wecom", "hanmeimei")
    await console.on_phone("tab-customers").click()
    await console.on_phone("search").fill("店")
    await console.on_phone("customer-row").first.locator('[data-test="go-check-in"]').click()
    await expect(console.on_phone("fix-state")).to_contain_text("已定位")
    verdict = console.on_phone("verdict")
    await expect(verdict).to_have_attribute("data-verdict", re.compile("OUT_OF_RANGE|UNVERIFIED"))


@pytest.mark.browser
async def test_without_a_network_nothing_is_lost_and_it_says_so(console: Console) -> None:
    await console.be("dingtalk", "hanmeimei")
    await console.on_phone("tab-customers").click()
    await console.on_phone("search").fill("店")
    await console.on_phone("customer-row").first.locator('[data-test="go-check-in"]').click()
    await expect(console.on_phone("verdict")).to_be_visible()
    reason = console.on_phone("reason")
    if await reason.count():
        await reason.fill("客户换了仓库，在仓库见面")
    await console.at("network-switch").click()
    await console.on_phone("check-in").click()
    await expect(console.on_phone("unsent")).to_be_visible()
    await console.at("network-switch").click()
    await console.on_phone("check-in").click()
    await expect(console.on_phone("checked-in")).to_be_visible()


@pytest.mark.browser
async def test_the_page_speaks_english(console: Console) -> None:
    await console.be("wecom", "wangzhuguan")
    await console.on_phone("tab-me").click()
    await expect(console.on_phone("me-name")).to_contain_text("王主管")
    await console.on_phone("language-en").click()
    await expect(console.on_phone("tab-today")).to_contain_text("Today")
    await console.on_phone("language-zh").click()
    await expect(console.on_phone("tab-today")).to_contain_text("今日")
