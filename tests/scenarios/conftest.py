"""What a story plays on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from field_ops.db import Database
from tests.scenarios.stage import HOSTS, Phone, Stage, open_stage


@pytest.fixture
async def stage(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Both hosts and our app, on an empty database."""
    async with open_stage(database_url, tmp_path / "data") as opened:
        yield opened


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> str:
    """Each story is told on both hosts."""
    return str(request.param)


@pytest.fixture
async def lilei(stage: Stage, host: str) -> Phone:
    """李雷, a rep, signed in."""
    return await stage.somebody(host, "lilei")
