"""The console's page in a real browser, with an empty page in place of the H5."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Frame, Page, Route, async_playwright, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount
from starlette.routing import Route as Path

from integrations.sandbox.app import create_sandbox
from integrations.sandbox.journal import Journal
from integrations.sandbox.stage import Noted
from integrations.sandbox.world import World
from tests.needs import chromium

from .conftest import NOON, PLACES, ToldHost

pytestmark = pytest.mark.browser

HOSTILE = "「华联」\"'<script>hacked = true</script><img src=x onerror='hacked = true'>&amp;😀"
ASK = """({call, args}) => new Promise(resolve => {
    addEventListener('message', ({data}) => data.id === 7 && resolve(data))
    parent.postMessage({waiqin: 'call', id: 7, call, args}, location.origin)
})"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def address(world: World, wecom: ToldHost, dingtalk: ToldHost) -> AsyncIterator[str]:
    """The sandbox below `/sandbox/` beside an H5 that is an empty page, on a real socket."""
    hosts = {"wecom": wecom, "dingtalk": dingtalk}
    sandbox = create_sandbox(
        world,
        hosts,
        clock=lambda: NOON,
        places=[*PLACES, {"name": HOSTILE, "lat": 31.2354, "lng": 121.4757}],
        h5_urls={host: f"/h5/?host={host}&connection=demo" for host in hosts},
    )
    app = Starlette(
        routes=[
            Path("/h5/", lambda _: HTMLResponse("<!doctype html><p>H5</p>")),
            Path("/api/v1/{rest:path}", lambda _: JSONResponse({})),
            Mount("/sandbox", app=sandbox),
        ]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/sandbox/console/"
    server.should_exit = True
    await serving


@pytest.fixture
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The console as it opens, after which nothing may have been refused by its policy."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda failure: complaints.append(str(failure)))
    opened.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    await opened.goto(address)
    await opened.wait_for_selector("body[data-ready]")
    yield opened
    await context.close()
    assert not complaints


async def h5(page: Page) -> Frame:
    element = await page.wait_for_selector("[data-test=h5-frame]")
    frame = await element.content_frame() if element else None
    assert frame is not None
    await frame.wait_for_selector("text=H5")
    return frame


async def ask(page: Page, call: str, **args: object) -> dict[str, Any]:
    answer: dict[str, Any] = await (await h5(page)).evaluate(ASK, {"call": call, "args": args})
    return answer


async def test_hostile_names_are_shown_as_text(page: Page, world: World, wecom: ToldHost) -> None:
    wecom.company.people["wang"].name = HOSTILE
    await page.reload()
    for person, kind in (("lilei", "card"), ("wang", "text"), ("lilei", "markdown")):
        world.hear(
            "wecom",
            person,
            kind=kind,
            title=HOSTILE,
            text=HOSTILE,
            fields=[(HOSTILE, HOSTILE)],
            buttons=[{"text": HOSTILE, "url": "", "key": "k"}],
        )
    await page.click("[data-test=screen-chat]")
    await expect(page.locator("[data-test=card] h3")).to_have_text(HOSTILE)
    await expect(page.locator("[data-test=card-button]")).to_have_text(HOSTILE)
    await expect(page.locator(".lines .markdown")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-test=feed]")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-test=person-wang]")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-test=place-2]")).to_contain_text(HOSTILE)
    assert await page.evaluate("typeof hacked") == "undefined"


async def test_another_person_gets_a_fresh_h5_in_his_own_name(page: Page) -> None:
    await page.click("[data-test=person-hanmeimei]")
    await expect(page.locator("[data-test=person-hanmeimei]")).to_have_attribute(
        "aria-current", "true"
    )
    assert (await h5(page)).url.endswith("?host=wecom&connection=demo&sign_in=fresh")
    cookies = {each["name"]: each["value"] for each in await page.context.cookies()}
    assert cookies["waiqin_sandbox_wecom_user"] == "hanmeimei"


@pytest.mark.parametrize(
    ("host", "datum", "lat", "lng", "is_mock"),
    [
        ("wecom", "WGS84", 31.2404, 121.4837, None),
        ("dingtalk", "GCJ02", 31.23839, 121.48816, True),
    ],
)
async def test_the_phone_says_where_it_stands_as_its_host_does(
    page: Page, host: str, datum: str, lat: float, lng: float, is_mock: bool | None
) -> None:
    await page.click(f"[data-test=host-{host}]")
    await page.click("[data-test=place-1]")
    await page.check("[data-test=mock-switch]")
    await expect(page.locator("#where-now")).to_contain_text("红星")
    value = (await ask(page, "position"))["value"]
    assert (value["datum"], value["is_mock"], value["accuracy_m"]) == (datum, is_mock, 20)
    assert value["lat"] == pytest.approx(lat, abs=0.0001)
    assert value["lng"] == pytest.approx(lng, abs=0.0001)


async def test_gcj02_lies_where_the_published_points_lie(page: Page) -> None:
    shifted = await page.evaluate(
        """async () => {
            const { toGcj02 } = await import('./position.js')
            const points = [[39.908823, 116.397470], [31.239702, 121.499718], [40.7128, -74.006]]
            return points.map(([lat, lng]) => toGcj02({ lat, lng })).flatMap(p => [p.lat, p.lng])
        }"""
    )
    expected = [39.910226, 116.403714, 31.237688, 121.504151, 40.7128, -74.006]
    assert shifted == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("refusal", ["denied", "timeout"])
async def test_a_position_that_is_refused_says_why(page: Page, refusal: str) -> None:
    await page.select_option("[data-test=position]", refusal)
    await page.wait_for_timeout(150)
    answer = await ask(page, "position")
    assert (answer["ok"], answer["error"]) == (False, refusal)


async def test_the_camera_takes_a_picture_that_is_new_each_time(page: Page) -> None:
    frame = await h5(page)
    taken = []
    for _ in range(2):
        asked = asyncio.create_task(
            frame.evaluate(
                f"""async () => {{
                    const {{ value }} = await ({ASK})({{ call: 'photo' }})
                    const bytes = new Uint8Array(await value.blob.arrayBuffer())
                    return [value.blob.type, bytes.length, bytes.slice(-4000).join()]
                }}"""
            )
        )
        await page.click("[data-test=shutter]")
        taken.append(await asked)
    assert {kind for kind, _, _ in taken} == {"image/jpeg"}
    assert taken[0] != taken[1]


async def test_without_network_the_h5_reaches_nothing_even_after_it_is_reloaded(
    page: Page,
) -> None:
    frame = await h5(page)
    reach = "fetch('/api/v1/me').then(answer => answer.status, failure => failure.name)"
    assert await frame.evaluate(reach) == 200
    await frame.evaluate("addEventListener('offline', () => window.went = 'offline')")
    await page.uncheck("[data-test=network-switch]")
    await frame.wait_for_function("window.went === 'offline' && !navigator.onLine")
    assert await frame.evaluate(reach) == "TypeError"
    await page.click("[aria-label=重新打开]")
    frame = await h5(page)
    await frame.wait_for_function("!navigator.onLine")
    assert await frame.evaluate(reach) == "TypeError"


async def test_what_arrives_while_the_page_reads_is_not_lost(page: Page, world: World) -> None:
    async def hear_meanwhile(route: Route) -> None:
        answer = await route.fetch()  # what was heard until now
        world.hear("wecom", "lilei", kind="text", text="正好这时到的一句")
        await page.wait_for_timeout(200)  # for the line to come through the stream first
        await route.fulfill(response=answer)

    await page.route("**/console/api/lines", hear_meanwhile, times=1)
    await page.evaluate("import('/sandbox/console/store.js').then(store => store.loadLines())")
    await page.click("[data-test=screen-chat]")
    await expect(page.locator("[data-line]", has_text="正好这时到的一句")).to_be_visible()


async def test_what_is_changed_while_the_page_reads_stays_changed(page: Page) -> None:
    async def change_meanwhile(route: Route) -> None:
        answer = await route.fetch()
        await page.click("[data-test=host-dingtalk]")
        await page.wait_for_selector("[data-test=host-dingtalk][aria-selected=true]")
        await route.fulfill(response=answer)

    await page.route("**/console/api/state", change_meanwhile, times=1)
    await page.evaluate("import('/sandbox/console/store.js').then(store => store.refreshHosts())")
    await expect(page.locator("[data-test=host-dingtalk]")).to_have_attribute(
        "aria-selected", "true"
    )


async def test_a_link_of_a_card_opens_in_the_phone(page: Page, world: World) -> None:
    link = "https://waiqin.example/h5/?host=wecom&connection=demo#/visits/1"
    buttons = [{"text": "看拜访", "url": link, "key": ""}]
    world.hear("wecom", "lilei", kind="card", title="已签到", text="", buttons=buttons)
    await page.click("[data-test=screen-chat]")
    await page.click("[data-test=card-button]")
    frame = await h5(page)
    await frame.wait_for_url("**/h5/?host=wecom&connection=demo&sign_in=fresh#/visits/1")
    await expect(page.locator("[data-test=h5-frame]")).to_be_visible()


async def test_a_sentence_is_said_and_a_button_pressed(
    page: Page, world: World, dingtalk: ToldHost
) -> None:
    await page.click("[data-test=host-dingtalk]")
    buttons = [{"text": "最近拜访", "url": "", "key": "最近 华联"}]
    line = world.hear("dingtalk", "lilei", kind="card", title="", text="### 华联", buttons=buttons)
    await page.click("[data-test=screen-chat]")
    await page.fill("[data-test=chat-input]", "查 华联")
    await page.click("[data-test=chat-send]")
    await expect(page.locator(".mine .bubble")).to_have_text("查 华联")
    await page.click("[data-test=card-button]")
    await expect(page.locator("[data-test=step-lookUp]")).to_have_class("done")
    assert ("say", "lilei", "查 华联", "") in dingtalk.done
    assert ("press", line.id, "最近 华联", "lilei") in dingtalk.done


async def test_what_the_lead_received_is_one_press_away(page: Page, world: World) -> None:
    world.hear("dingtalk", "wang", kind="text", text="李雷 已在华联签到")
    await expect(page.locator("[data-test=feed-line]")).to_contain_text("李雷 已在华联签到")
    await page.click("[data-test=feed-line]")
    await expect(page.locator("[data-test=person-wang]")).to_have_attribute("aria-current", "true")
    await expect(page.locator(".lines")).to_contain_text("李雷 已在华联签到")


async def test_the_console_speaks_english(page: Page) -> None:
    await page.click("[data-test=language]")
    await expect(page.locator("#who-title")).to_have_text("Who am I")
    await page.reload()
    await expect(page.locator("#who-title")).to_have_text("Who am I")


async def test_lines_are_cut_and_a_bad_day_is_begun_and_ended(page: Page, wecom: ToldHost) -> None:
    done: list[str] = []

    async def do(deed: str) -> None:
        done.append(deed)

    wecom.faults.do = do
    await page.click("[data-test=tab-faults]")
    for deed in ("lines_cut", "lines_half_open", "lines_ending"):
        await page.click(f"[data-test=fault-{deed}]")
        await expect(page.locator(".toast").last).to_have_text("已执行")
    assert done == ["lines_cut", "lines_half_open", "lines_ending"]
    await page.click("[data-test=plan-chaos]")
    await expect(page.locator("[data-test=plan-state]")).to_contain_text("已发生 0 次")
    assert wecom.faults.schedule is not None
    await page.click("[data-test=plan-stop]")
    await expect(page.locator("[data-test=plan-chaos]")).to_be_visible()
    assert wecom.faults.schedule is None


async def test_a_plan_is_taken_from_a_file(page: Page, wecom: ToldHost) -> None:
    await page.click("[data-test=tab-faults]")
    plan = {"seed": 1, "faults": [{"kind": "busy", "at_s": 60, "for_s": 5}]}
    content = json.dumps(plan).encode()
    chosen = {"name": "plan.json", "mimeType": "application/json", "buffer": content}
    await page.set_input_files("[data-test=plan-file]", files=[chosen])  # type: ignore[list-item]
    await expect(page.locator("[data-test=plan-state]")).to_be_visible()
    assert wecom.faults.schedule is not None
    assert [planned.at_s for planned in wecom.faults.schedule.plan] == [60]


async def test_the_holders_calendar_and_todos_are_shown(page: Page, wecom: ToldHost) -> None:
    await page.click("[data-test=screen-agenda]")
    agenda = page.locator("[data-test=agenda]")
    await expect(agenda).to_contain_text("还没有日程")
    url = "/h5/?host=wecom&connection=demo#/plans"
    at = {"begins": NOON, "ends": NOON + 1800}
    wecom.noted["lilei"] = [
        Noted(kind="schedule", title=HOSTILE, text=HOSTILE, place="中山大道", **at),
        Noted(kind="todo", title="拜访 红星", url=url, **at),
        Noted(kind="todo", title="拜访 新华书店", done=True, **at),
    ]
    schedule, todos = (page.locator(f"[data-test=noted-{each}]") for each in ("schedule", "todo"))
    await expect(schedule.locator("strong")).to_have_text(HOSTILE)
    await expect(todos.nth(1)).to_contain_text("已完成")
    await todos.first.locator("button").click()
    await expect(page.locator("[data-test=screen-app]")).to_have_attribute("aria-pressed", "true")
    await page.click("[data-test=person-wang]")
    await page.click("[data-test=screen-agenda]")
    await expect(agenda).to_contain_text("还没有日程")
    assert await page.evaluate("typeof hacked") == "undefined"


async def test_what_a_host_was_asked_is_read_and_filtered(
    page: Page, address: str, wecom: ToldHost
) -> None:
    await page.click("[data-test=tab-requests]")
    await expect(page.locator("[data-test=requests]")).to_contain_text("还没有请求")
    journal = Journal(wecom.app, lambda: NOON)
    wecom.app = journal
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=journal)) as http:
        await http.get("http://host.test/ping?access_token=T0K3N")
        await http.get(f"http://host.test/message/{quote(HOSTILE)}")
    await page.click("[data-test=requests-refresh]")
    rows = page.locator("[data-test=request]")
    await expect(rows).to_have_count(2)
    await page.fill("[data-test=requests-filter]", "ping")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await rows.locator("summary").click()
    await expect(rows).to_contain_text("access_token=***")
    assert await page.evaluate("typeof hacked") == "undefined"
