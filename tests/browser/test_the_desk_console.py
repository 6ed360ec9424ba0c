"""The desk console in a real browser: who may come in, what is wrong, and what mends it."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from field_ops.demo.world import build_world
from field_ops.keys import Keys, secret_in
from tests.browser.conftest import Demo

ADMINS = {"wecom": "宋小满", "dingtalk": "杜若"}
REJECTED = "UPDATE host_connection SET paused_at = ?, paused_reason = 'rejected' WHERE host = ?"


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    yield context
    await context.close()


def at(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]').first


async def sign_in(desk: BrowserContext, demo: Demo, host: str, who: str) -> Page:
    page = await desk.new_page()
    await page.goto(f"{demo.url}/admin/?host={host}&connection=demo")
    await at(page, "sign-in").click()
    await page.get_by_role("link", name=who).click()
    await expect(at(page, "me-name")).to_have_text(who)
    return page


@pytest.mark.browser
async def test_who_may_not_is_told_so_and_may_sign_in_as_another(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await sign_in(desk, demo, "wecom", "李雷")
    await expect(at(page, "denied")).to_contain_text("您没有管理连接的权限")
    await at(page, "switch-account").click()
    await at(page, "sign-in").click()
    await page.get_by_role("link", name=ADMINS["wecom"]).click()
    await expect(at(page, "connection-wecom")).to_have_attribute("data-state", "active")


@pytest.mark.browser
async def test_who_breaks_off_at_the_host_comes_back_to_the_desk(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await desk.new_page()
    await page.goto(f"{demo.url}/admin/?host=dingtalk&connection=demo")
    await at(page, "sign-in").click()
    await page.get_by_role("link", name="取消").click()
    await expect(at(page, "sign-in-sentence")).to_contain_text("登录没有完成")
    assert "/admin/" in page.url


@pytest.mark.browser
async def test_another_system_gets_a_token_and_is_told_what_happens(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await at(page, "nav-integrations").click()
    await at(page, "add-token").click()
    await at(page, "token-name").fill("ERP")
    await at(page, "make-token").click()
    await expect(at(page, "secret")).to_contain_text("wq_")
    await at(page, "close").click()
    await expect(at(page, "token")).to_contain_text("ERP")
    await at(page, "add-webhook").click()
    await at(page, "webhook-name").fill("ERP")
    await at(page, "webhook-url").fill("https://127.0.0.1:9/inside")
    await at(page, "make-webhook").click()
    await expect(at(page, "secret")).to_contain_text("whsec_")
    await at(page, "close").click()
    await at(page, "ping").click()
    await at(page, "deliveries").click()
    told = at(page, "delivery")
    await expect(told).to_contain_text("测试", timeout=20_000)
    await told.click()
    await expect(told).to_contain_text("127.0.0.1 不是公网地址", timeout=20_000)


@pytest.mark.browser
@pytest.mark.parametrize("host", ADMINS)
async def test_a_paused_connection_is_seen_and_resumed(
    desk: BrowserContext, demo: Demo, host: str
) -> None:
    with closing(sqlite3.connect(demo.folder / "waiqin.sqlite3", timeout=20)) as database:
        paused_at = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime())
        database.execute(REJECTED, (paused_at, host))
        database.commit()
    page = await sign_in(desk, demo, host, ADMINS[host])
    card = at(page, f"connection-{host}")
    await expect(card).to_have_attribute("data-state", "paused")
    await expect(at(page, "state")).to_have_text("已暂停")
    await at(page, "do-resume").click()
    await expect(card).to_have_attribute("data-state", "active")


@pytest.mark.browser
@pytest.mark.parametrize("host", ADMINS)
async def test_a_secret_is_replaced_only_when_the_host_accepts_it(
    desk: BrowserContext, demo: Demo, host: str
) -> None:
    world = build_world(time.time, public_url=demo.url, keys=Keys(secret_in(demo.folder)))
    field = {"wecom": "field-secret", "dingtalk": "field-client_secret"}[host]
    page = await sign_in(desk, demo, host, ADMINS[host])
    await at(page, "do-credentials").click()
    await at(page, field).fill("mistyped")
    await at(page, "save").click()
    await expect(at(page, "not-replaced")).to_contain_text("没有改动任何设置")
    await at(page, field).fill(world.companies[host].app.secret)
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-test="drawer"]')).to_have_count(0)
    await expect(at(page, f"connection-{host}")).to_have_attribute("data-state", "active")


@pytest.mark.browser
async def test_a_check_and_the_details_need_no_mouse(desk: BrowserContext, demo: Demo) -> None:
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await at(page, "do-check").focus()
    await page.keyboard.press("Enter")
    await expect(at(page, "finding")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator('[data-test="drawer"]')).to_have_count(0)
    await at(page, "details").focus()
    await page.keyboard.press("Enter")
    callback = f"{demo.url}/hosts/wecom/demo/callback"
    await expect(at(page, "address-callback")).to_have_text(callback)


@pytest.mark.browser
async def test_a_sync_that_was_asked_for_is_done_within_seconds(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await sign_in(desk, demo, "dingtalk", ADMINS["dingtalk"])
    await at(page, "do-sync").click()
    await expect(at(page, "last-sync")).to_have_text("等待同步…")
    await expect(at(page, "last-sync")).to_have_text("刚刚")


@pytest.mark.browser
async def test_on_a_phone_and_in_english_nothing_is_cut_off(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await page.set_viewport_size({"width": 390, "height": 844})
    await at(page, "language").click()
    await expect(page.get_by_role("heading", name="WeCom")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await at(page, "language").click()
    await expect(page.get_by_role("heading", name="企业微信")).to_be_visible()


@pytest.mark.browser
async def test_rules_of_grading_are_tried_out_and_then_saved(
    desk: BrowserContext, demo: Demo
) -> None:
    page = await sign_in(desk, demo, "wecom", ADMINS["wecom"])
    await at(page, "nav-grading").click()
    await at(page, "least-known").fill("0")
    await at(page, "try-rules").click()
    await expect(at(page, "trial")).to_contain_text("0 家信息不够")
    await expect(at(page, "trial-move")).to_contain_text("→")
    await at(page, "least-known").fill("50")
    await expect(at(page, "trial")).to_have_count(0)
    await at(page, "weight-payment").fill("11")
    await at(page, "save-rules").click()
    await expect(page.get_by_text("下次评级起生效")).to_be_visible()
    await page.reload()
    await expect(at(page, "weight-payment")).to_have_value("11")
