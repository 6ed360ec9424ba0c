"""The demo's companies on their stage, and a database that has them."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from field_ops.demo.seed import SeedReport, seed
from field_ops.demo.world import build_world
from field_ops.runtime import Runtime, open_runtime
from field_ops.settings import Settings
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.sandbox.app import create_sandbox
from integrations.sandbox.faults import Faults
from integrations.wecom.simulator import WecomSimulator
from tests.conftest import SHANGHAI
from tests.databases import OPENED
from tests.fakes import Clock, Nobody

SECRET = "a secret for the tests of the demo"
PUBLIC_URL = "http://127.0.0.1:8000"
SUNDAY_MORNING = datetime(2026, 3, 29, 9, 30, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass
class Demo:
    """One installation; `load` is what a start does."""

    runtime: Runtime
    clock: Clock

    async def load(self) -> SeedReport:
        def seconds() -> float:
            return self.clock.now.timestamp()

        world = build_world(seconds, public_url=PUBLIC_URL, keys=self.runtime.keys)
        async with httpx.AsyncClient(transport=Nobody()) as nobody:
            simulators = {
                simulator.host: simulator
                for simulator in (
                    WecomSimulator(world, world.companies["wecom"], nobody, seconds, Faults()),
                    DingtalkSimulator(
                        world, world.companies["dingtalk"], nobody, seconds, Faults()
                    ),
                )
            }
            sandbox = create_sandbox(world, simulators, clock=seconds)
            return await seed(self.runtime, world, sandbox)


OpenDemo = Callable[[str], AbstractAsyncContextManager[Demo]]


@pytest.fixture(scope="session")
def open_demo(tmp_path_factory: pytest.TempPathFactory) -> OpenDemo:
    """`async with open_demo(database_url) as demo:`"""

    @asynccontextmanager
    async def open_at(database_url: str) -> AsyncIterator[Demo]:
        settings = Settings(
            database_url=database_url,
            data_dir=tmp_path_factory.mktemp("demo"),
            public_url=PUBLIC_URL,
            secret_key=SECRET,
            sqlite_synchronous="NORMAL",
        )
        clock = Clock(SUNDAY_MORNING)
        async with open_runtime(
            settings, clock=clock, transport=Nobody(), database=OPENED.get(database_url)
        ) as runtime:
            yield Demo(runtime, clock)

    return open_at


@pytest.fixture(scope="session")
async def loaded_file(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, open_demo: OpenDemo
) -> Path:
    """A SQLite file with the demo in it, loaded once for all tests that only look at it."""
    path = tmp_path_factory.mktemp("loaded") / "demo.sqlite3"
    shutil.copy(sqlite_template, path)
    async with open_demo(f"sqlite+aiosqlite:///{path}") as demo:
        await demo.load()
    return path


@pytest.fixture
async def loaded(loaded_file: Path, tmp_path: Path, open_demo: OpenDemo) -> AsyncIterator[Demo]:
    """An installation that was started once before, on a Sunday."""
    path = tmp_path / "demo.sqlite3"
    shutil.copy(loaded_file, path)
    async with open_demo(f"sqlite+aiosqlite:///{path}") as demo:
        yield demo
