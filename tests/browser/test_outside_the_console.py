"""The built pages without the console: at a desk, and with the hosts' own scripts around them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser import native_bridges
from tests.browser.conftest import Demo
from tests.field_ops.http.test_visits_api import a_photo

HOSTS = ("wecom", "dingtalk")
AGENTS = {"wecom": native_bridges.WECOM_AGENT, "dingtalk": native_bridges.DINGTALK_AGENT}
BRIDGES = {"wecom": native_bridges.WECOM, "dingtalk": native_bridges.DINGTALK}
# Which pair of a customer's coordinates the host's phones speak in.
SPOKEN = {"wecom": ("lat", "lng"), "dingtalk": ("gcj_lat", "gcj_lng")}
NOT_ACCEPTED = "页面没有得到定位授权"
SIGNING = {"wecom": "preVerifyJSAPI", "dingtalk": "runtime.permission.requestJsApis"}


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="zh-CN")
    yield context
    await context.close()


def at(page: Page, name: str) -> Any:
    return page.locator(f'[data-test="{name}"]').first


def pages_of(demo: Demo, host: str, hash_: str = "") -> str:
    return f"{demo.url}/h5/?host={host}&connection=demo{hash_}"


async def sign_in(desk: BrowserContext, demo: Demo, host: str, who: str = "李雷") -> Page:
    page = await desk.new_page()
    await page.goto(pages_of(demo, host))
    await at(page, "sign-in").click()
    await page.get_by_role("link", name=who).click()
    await at(page, "tab-customers").wait_for()
    return page


@pytest.mark.browser
@pytest.mark.parametrize(("host", "title"), [("wecom", "企业微信"), ("dingtalk", "钉钉")])
async def test_a_desk_is_told_where_to_go_and_may_scan(
    desk: BrowserContext, demo: Demo, host: str, title: str
) -> None:
    page = await desk.new_page()
    await page.goto(pages_of(demo, host, "#/customers"))
    await expect(at(page, "sign-in-sentence")).to_contain_text(f"请在{title}的工作台里打开外勤")
    await expect(at(page, "sign-in")).to_have_text(f"用{title}扫码登录")
    await at(page, "sign-in").click()
    await page.get_by_role("link", name="李雷").click()
    await at(page, "search").wait_for()
    assert page.url.endswith("#/customers")


@pytest.mark.browser
async def test_who_breaks_off_at_the_host_may_press_again(desk: BrowserContext, demo: Demo) -> None:
    page = await desk.new_page()
    await page.goto(pages_of(demo, "dingtalk"))
    await at(page, "sign-in").click()
    await page.get_by_role("link", name="取消").click()
    await expect(at(page, "sign-in-sentence")).to_contain_text("登录没有完成")
    await at(page, "sign-in").click()
    await page.get_by_role("link", name="李雷").click()
    await at(page, "tab-customers").wait_for()


async def as_the_real_host(route: Route) -> None:
    """The demo's answers, but for the word that its host is the sandbox."""
    answer = await route.fetch()
    body = {**await answer.json(), "sandbox": False}
    await route.fulfill(response=answer, body=json.dumps(body))


ITS_SHOPS = """async typed => {
  const read = path => fetch(path).then(answer => answer.json())
  const { rows } = await read(`/api/v1/customers?q=${typed}`)
  return Promise.all(rows.map(async row => [row, await read(`/api/v1/customers/${row.id}`)]))
}"""


async def a_shop(signed_in: Page, typed: str = "") -> dict[str, Any]:
    """A customer whom this member may visit, with a confirmed place."""
    found = await signed_in.evaluate(ITS_SHOPS, typed)
    return next(
        dict(row) for row, whole in found
        if row["place"] and (whole["location"] or {}).get("status") == "confirmed"
    )  # fmt: skip


async def a_phone_at(
    shop: dict[str, Any], browser: Browser, desk: BrowserContext, demo: Demo, host: str
) -> BrowserContext:
    """The host's app on a phone at the door of `shop`, signed in as at the desk."""
    lat, lng = (shop["place"][name] for name in SPOKEN[host])
    here = json.dumps({"latitude": lat, "longitude": lng, "accuracy": 20})
    phone = await browser.new_context(locale="zh-CN", user_agent=AGENTS[host])
    await phone.add_cookies(await desk.cookies())  # type: ignore[arg-type]
    verifier = f"{demo.url}/sandbox/{host}"
    await phone.add_init_script(
        native_bridges.put_into(BRIDGES[host], verifier=verifier, here=here)
    )
    for path in ("entry?*", "me"):
        await phone.route(f"**/api/v1/{path}", as_the_real_host)
    return phone


async def by_the_file_input(page: Page) -> None:
    async with page.expect_file_chooser() as chooser:
        await at(page, "take-photo").click()
    assert await (await chooser.value).element.get_attribute("capture") == "environment"


async def by_dingtalks_camera(page: Page) -> None:
    await at(page, "take-photo").click()
    picture = at(page, "photo").locator("img")
    await expect(picture).to_have_attribute("src", "https://resource/1.image")
    asked = await page.evaluate("window.asked")
    (taken,) = (one["params"] for one in asked if one["name"] == "biz.util.chooseImage")
    assert taken["sourceType"] == ["camera"]


TAKES_A_PICTURE = {"wecom": by_the_file_input, "dingtalk": by_dingtalks_camera}


@pytest.mark.browser
@pytest.mark.parametrize("host", HOSTS)
async def test_a_check_in_asks_the_hosts_own_script(
    browser: Browser, desk: BrowserContext, demo: Demo, host: str
) -> None:
    """The official scripts as they are built into our pages, under our content security policy."""
    shop = await a_shop(await sign_in(desk, demo, host), "hlcs")
    phone = await a_phone_at(shop, browser, desk, demo, host)
    page = await phone.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda failure: broken.append(str(failure)))
    await page.goto(pages_of(demo, host, f"#/check-in/{shop['id']}"))

    await expect(at(page, "fix-state")).to_contain_text("已定位 ±20 米")
    await expect(at(page, "verdict")).to_have_attribute("data-verdict", "VERIFIED")
    asked = await page.evaluate("window.asked.map(({ name }) => name)")
    assert asked.count(SIGNING[host]) == 1
    await TAKES_A_PICTURE[host](page)
    assert broken == []
    await phone.close()


class App:
    """The native part of DingTalk's app, which sends files by itself: without a cookie of ours."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def sends(self, params: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(params)
        files = {params["fileName"]: ("1.jpg", a_photo("teal", (600, 400)), "image/jpeg")}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(params["url"], headers=params["header"], files=files)
        return {"statusCode": answer.status_code, "data": answer.text}


@pytest.mark.browser
async def test_what_dingtalks_app_photographs_and_sends_is_on_the_visit(
    browser: Browser, desk: BrowserContext, demo: Demo
) -> None:
    """The page asks, the app takes the picture and sends it by a pass, the page shows it."""
    shop = await a_shop(await sign_in(desk, demo, "dingtalk", "曹阳"))
    phone, app = await a_phone_at(shop, browser, desk, demo, "dingtalk"), App()
    page = await phone.new_page()
    await page.expose_function("appSends", app.sends)
    await page.goto(pages_of(demo, "dingtalk", f"#/check-in/{shop['id']}"))
    await expect(at(page, "verdict")).to_have_attribute("data-verdict", "VERIFIED")
    await at(page, "take-photo").click()
    await expect(at(page, "photo")).to_be_visible()
    await at(page, "check-in").click()
    await expect(page.locator('[data-test="uploaded-photo"]')).to_have_count(1)
    await expect(at(page, "photo-came")).to_contain_text("应用内相机")
    (sent,) = app.sent
    assert sent["filePath"] == "https://resource/1.image"
    assert sent["url"].startswith(f"{demo.url}/api/v1/visits/")
    assert "X-Waiqin-Pass" in sent["header"] and "Cookie" not in sent["header"]
    await phone.close()


async def signed_for_somebody_else(route: Route) -> None:
    answer = await route.fetch()
    body = await answer.json()
    body["config"]["nonceStr"] = "stale"
    await route.fulfill(response=answer, body=json.dumps(body))


@pytest.mark.browser
@pytest.mark.parametrize("host", HOSTS)
async def test_a_page_that_the_host_does_not_accept_says_so(
    browser: Browser, desk: BrowserContext, demo: Demo, host: str
) -> None:
    await sign_in(desk, demo, host)
    phone = await browser.new_context(locale="zh-CN", user_agent=AGENTS[host])
    await phone.add_cookies(await desk.cookies())  # type: ignore[arg-type]
    here = json.dumps({"latitude": 30.6, "longitude": 114.3, "accuracy": 20})
    await phone.add_init_script(
        native_bridges.put_into(BRIDGES[host], verifier=f"{demo.url}/sandbox/{host}", here=here)
    )
    for path in ("entry?*", "me"):
        await phone.route(f"**/api/v1/{path}", as_the_real_host)
    await phone.route("**/api/v1/page-signature?*", signed_for_somebody_else)
    page = await phone.new_page()
    await page.goto(pages_of(demo, host, "#/customers"))
    await at(page, "go-check-in").click()
    await expect(at(page, "fix-state")).to_contain_text(NOT_ACCEPTED)
    asked = await page.evaluate("window.asked.map(({ name }) => name)")
    assert SIGNING[host] in asked
    assert "device.geolocation.get" not in asked
    assert "geoLocation" not in asked
    await phone.close()
