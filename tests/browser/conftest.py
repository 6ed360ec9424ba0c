"""The program as a person starts it (`waiqin demo`), and a real browser in front of its console."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, FrameLocator, Locator, Page, async_playwright, expect

from tests.needs import chromium

PATIENCE_MS = 30_000  # what a page may take on a busy machine; a person would have complained
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True)
class Demo:
    """A running demo: its address and its data folder."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin, or begin again with what is in the folder; returns when it is ready."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WAIQIN_")},
            "WAIQIN_DATA_DIR": str(self.folder),
            "WAIQIN_SQLITE_SYNCHRONOUS": "NORMAL",
        }
        command = [Path(sys.executable).with_name("waiqin"), "demo", "--port", str(self.port)]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._wait_until_ready(self.process)

    def fall_over(self) -> None:
        """As when the machine loses power: nothing is finished, nothing is said."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        for _ in range(900):
            if process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise RuntimeError("the demo did not become ready: " + (self.folder / "log").read_text())


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`waiqin demo` in a process of its own, on a free port and an empty folder."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    demo = Demo(port, folder)
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        await opened.close()


class Console:
    """The console in a browser window, driven by what a person would press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.phone: FrameLocator = page.frame_locator('[data-test="h5-frame"]')

    def at(self, name: str) -> Locator:
        """Something of the console."""
        return self.page.locator(f'[data-test="{name}"]').first

    def on_phone(self, name: str) -> Locator:
        """Something on the H5 page in the phone."""
        return self.phone.locator(f'[data-test="{name}"]')

    async def be(self, host: str, person: str) -> None:
        """Take the phone of this person in this company; returns with it in the hand."""
        await self.at(f"host-{host}").click()
        await expect(self.at(f"host-{host}")).to_have_attribute("aria-selected", "true")
        await self.at(f"person-{person}").click()
        await expect(self.at(f"person-{person}")).to_have_attribute("aria-current", "true")

    async def stand_at(self, place: str) -> None:
        """Walk to the door of a place by its name."""
        await self.at("place-search").fill(place)
        await self.at("place-0").click()
        await self.at("stand-0").click()


@pytest.fixture
async def console(browser: Browser, demo: Demo) -> AsyncIterator[Console]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda failure: broken.append(str(failure)))
    await page.goto(demo.url)
    await page.wait_for_selector("body[data-ready]")
    yield Console(page)
    await context.close()
    assert broken == [], "the pages raise no errors"
