"""What our server signs, handed to the hosts by their own scripts for pages.

The page is really opened at `waiqin.test`, the vendors' npm packages pass our signature on by
`dd.config` and `ww.register`, and the app around the page asks the pretend host if it is right.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from starlette.applications import Starlette
from starlette.routing import Mount

from field_ops.http.sessions import COOKIE
from field_ops.migrations import upgrade
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.wecom.simulator import WecomSimulator
from tests.browser import native_bridges
from tests.needs import chromium
from tests.scenarios.stage import HOME, Stage, open_stage

pytestmark = pytest.mark.browser

H5 = Path(__file__).parents[2] / "h5"
WECOM_SCRIPT = H5 / "node_modules" / "@wecom" / "jssdk" / "dist" / "wecom.global.prod.js"
# DingTalk's package is for bundlers alone.
BUNDLE = """
import { build } from 'vite'
const lib = { entry: 'node_modules/dingtalk-jsapi/entry/union.js', formats: ['iife'], name: 'dd' }
const output = { entryFileNames: 'dingtalk.js' }
await build({
  configFile: false, logLevel: 'error',
  build: { lib, outDir: process.argv[1], minify: false, rollupOptions: { output } },
})
"""
PLAIN, WITH_QUERY = f"{HOME}/readyz", f"{HOME}/readyz?a=%E5%8D%8E%E8%81%94&b=1%2B1#/today"
SIGN = """
async function signed(change) {
  const asked = new URLSearchParams({ url: window.elsewhere ?? location.href.split('#')[0] })
  const answer = await fetch(`/api/v1/page-signature?${asked}`)
  if (!answer.ok) throw new Error(await answer.text())
  return change(await answer.json())
}
"""
AS_IT_IS = "signed => signed"
# How a signature goes wrong, and what DingTalk and WeCom say to it.
WRONG = {
    "nonce": ("s => ({ ...s, config: { ...s.config, nonceStr: 'stale' } })", "52013"),
    "time": ("s => ({ ...s, config: { ...s.config, timeStamp: '1', timestamp: 1 } })", "52013"),
    "agent": ("s => ({ ...s, config: { ...s.config, agentId: '7' } })", "52019"),
    "company": ("s => ({ ...s, config: { ...s.config, corpId: 'ding7' } })", "52011"),
}
BY_DINGTALK = """
change => signed(eval(change)).then(({ config }) => new Promise((accepted) => {
  dd.config({ ...config, type: 0, jsApiList: ['getLocation', 'biz.map.view'] })
  dd.ready(() => accepted('ready'))
  dd.error(refused => accepted(String(refused.errorCode)))
}))
"""
# `kind` is which of the two signatures WeCom's script asks us for.
BY_WECOM = """
([change, kind]) => new Promise((accepted) => {
  const say = refused => accepted(String(refused?.errMsg ?? refused))
  const part = kind === 'config' ? 'config' : 'agent_config'
  const changed = s => ({ config: s[part], ...s, ...eval(change)({ config: s[part] }) }).config
  const sign = async () => changed(await signed(s => s))
  const both = signed(s => s).then(({ config, agent_config }) => ww.register({
    corpId: config.appId, agentId: agent_config.agentid, jsApiList: ['getLocation'],
    ...(kind === 'config' ? { getConfigSignature: sign } : { getAgentConfigSignature: sign }),
    onConfigSuccess: () => accepted('ready'), onConfigFail: say,
    onAgentConfigSuccess: () => accepted('ready'), onAgentConfigFail: say,
  }))
  both.catch(say)
})
"""


@pytest.fixture(scope="module")
def dingtalk_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package as one file."""
    folder = tmp_path_factory.mktemp("dingtalk-jsapi")
    node = Path(sys.executable).parent / "node"
    command = [node, "--input-type=module", "-e", BUNDLE, folder]
    subprocess.run(command, cwd=H5, check=True, timeout=120)
    return folder / "dingtalk.js"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    url = f"sqlite+aiosqlite:///{tmp_path}/waiqin.sqlite3"
    await upgrade(url)
    async with open_stage(url, tmp_path / "data") as opened:
        for simulator in opened.simulators.values():
            simulator.company.app.trusted_hosts = ["waiqin.test"]
        yield opened


@dataclass(frozen=True, slots=True)
class Hosts:
    """A browser, and by host the session of somebody who has signed in."""

    browser: Browser
    sessions: Mapping[str, str]


@pytest.fixture
async def hosts(stage: Stage) -> AsyncIterator[Hosts]:
    """A browser that finds our app and the pretend hosts at `waiqin.test`."""
    mounts = [Mount(f"/sandbox/{host}", app=each.app) for host, each in stage.simulators.items()]
    app = Starlette(routes=[*mounts, Mount("/", app=stage.app)])
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    found = f"MAP waiqin.test 127.0.0.1:{listening.getsockname()[1]}"
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={found}"],
        )
        people = {host: await stage.somebody(host, "lilei") for host in stage.simulators}
        yield Hosts(
            opened, {host: each.page.client.cookies[COOKIE] for host, each in people.items()}
        )
        await opened.close()
    server.should_exit = True
    await serving


async def opened(hosts: Hosts, host: str, url: str, script: Path, system: str = "") -> Page:
    """A page at this address with the host's script in it, in the host's app."""
    bridge, agent = {
        ("wecom", ""): (native_bridges.WECOM, native_bridges.WECOM_AGENT),
        ("dingtalk", "android"): (native_bridges.DINGTALK, native_bridges.DINGTALK_AGENT),
        ("dingtalk", "ios"): (native_bridges.DINGTALK_ON_IOS, native_bridges.DINGTALK_IOS_AGENT),
    }[host, system]
    context = await hosts.browser.new_context(user_agent=agent, bypass_csp=True)
    await context.add_cookies([{"name": COOKIE, "value": hosts.sessions[host], "url": HOME}])
    verifier = f"{HOME}/sandbox/{host}"
    await context.add_init_script(native_bridges.put_into(bridge, verifier=verifier))
    page = await context.new_page()
    await page.goto(url)
    await page.add_script_tag(content=SIGN)
    await page.add_script_tag(path=script)
    return page


async def in_dingtalk(hosts: Hosts, script: Path, **how: str) -> str:
    page = await opened(
        hosts, "dingtalk", how.get("url", PLAIN), script, how.get("system", "android")
    )
    await page.evaluate("elsewhere => { window.elsewhere = elsewhere }", how.get("elsewhere"))
    said: str = await page.evaluate(BY_DINGTALK, how.get("change", AS_IT_IS))
    return said


async def in_wecom(
    hosts: Hosts,
    kind: str,
    url: str = PLAIN,
    change: str = AS_IT_IS,
    elsewhere: str | None = None,
) -> str:
    page = await opened(hosts, "wecom", url, WECOM_SCRIPT)
    await page.evaluate("elsewhere => { window.elsewhere = elsewhere }", elsewhere)
    said: str = await page.evaluate(BY_WECOM, [change, kind])
    return said


@pytest.mark.parametrize("url", [PLAIN, WITH_QUERY])
async def test_dingtalk_accepts_what_we_sign(hosts: Hosts, dingtalk_script: Path, url: str) -> None:
    for system in ("android", "ios"):
        assert await in_dingtalk(hosts, dingtalk_script, url=url, system=system) == "ready"


async def test_dingtalk_refuses_what_is_wrong_in_its_own_words(
    hosts: Hosts, dingtalk_script: Path
) -> None:
    for change, code in WRONG.values():
        for system in ("android", "ios"):
            said = await in_dingtalk(hosts, dingtalk_script, change=change, system=system)
            assert said == code
    assert await in_dingtalk(hosts, dingtalk_script, elsewhere=WITH_QUERY) == "52013"


async def test_dingtalk_refuses_a_ticket_that_is_no_more(
    stage: Stage, hosts: Hosts, dingtalk_script: Path
) -> None:
    assert await in_dingtalk(hosts, dingtalk_script) == "ready"
    dingtalk = stage.simulators["dingtalk"]
    assert isinstance(dingtalk, DingtalkSimulator)
    dingtalk.revoke_tickets()
    assert await in_dingtalk(hosts, dingtalk_script) == "52011"


async def test_dingtalk_may_have_given_up_sha1_and_may_not(
    stage: Stage, hosts: Hosts, dingtalk_script: Path
) -> None:
    """What other programs still sign with; ours is accepted in either case."""
    dingtalk = stage.simulators["dingtalk"]
    assert isinstance(dingtalk, DingtalkSimulator)
    old = "s => ({ config: { ...s.config, signature: OLD } })"
    for accepts, said in ((True, "ready"), (False, "52013")):
        dingtalk.switches.accepts_sha1 = accepts
        assert await in_dingtalk(hosts, dingtalk_script) == "ready"
        signature = dingtalk.signed_by_sha1("n-1", "1767225600000", PLAIN)
        change = old.replace("OLD", f"'{signature}', nonceStr: 'n-1', timeStamp: '1767225600000'")
        assert await in_dingtalk(hosts, dingtalk_script, change=change) == said


@pytest.mark.parametrize("kind", ["config", "agent"])
async def test_wecom_accepts_both_signatures_that_we_make(hosts: Hosts, kind: str) -> None:
    for url in (PLAIN, WITH_QUERY):
        assert await in_wecom(hosts, kind, url) == "ready"


@pytest.mark.parametrize("kind", ["config", "agent"])
async def test_wecom_refuses_what_is_wrong_in_its_own_words(hosts: Hosts, kind: str) -> None:
    for name in ("nonce", "time"):
        said = await in_wecom(hosts, kind, change=WRONG[name][0])
        assert "invalid signature" in said, name
    assert "invalid signature" in await in_wecom(hosts, kind, elsewhere=WITH_QUERY)


async def test_wecom_tells_its_two_tickets_apart(stage: Stage, hosts: Hosts) -> None:
    swapped = "s => ({ config: { ...s.config, signature: OTHER } })"
    page = await opened(hosts, "wecom", PLAIN, WECOM_SCRIPT)
    for kind, other in (("config", "agent_config"), ("agent", "config")):
        signature = await page.evaluate(f"signed(s => s.{other}.signature)")
        said = await in_wecom(hosts, kind, change=swapped.replace("OTHER", f"'{signature}'"))
        assert "invalid signature" in said


@pytest.mark.parametrize("kind", ["config", "agent"])
async def test_wecom_refuses_a_ticket_that_is_no_more(
    stage: Stage, hosts: Hosts, kind: str
) -> None:
    assert await in_wecom(hosts, kind) == "ready"
    wecom = stage.simulators["wecom"]
    assert isinstance(wecom, WecomSimulator)
    wecom.revoke_tickets()
    assert "invalid signature" in await in_wecom(hosts, kind)
