"""Programs made with DingTalk's own packages, each in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[2] / "vendors" / "dingtalk"
NODE = str(Path(sys.executable).parent / "node")
PATIENCE_S = 60


class Program:
    """`told` is everything that it has told so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.told: list[dict[str, Any]] = []

    async def tells(self, what: str) -> dict[str, Any]:
        """The next thing of that name that it tells. What comes before is passed over."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._process.stdout.readline():
                self.told.append(json.loads(line))
                if self.told[-1]["what"] == what:
                    return self.told[-1]
        raise AssertionError(f"it ended without {what!r}, after {self.told}")


@asynccontextmanager
async def running(script: str, *arguments: str, **environment: str) -> AsyncIterator[Program]:
    """Runs until the end of the block."""
    by = NODE if script.endswith(".mjs") else sys.executable
    process = await asyncio.create_subprocess_exec(
        by, str(SCRIPTS / script), *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment, "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert process.stdin is not None
    try:
        yield Program(process)
    finally:
        # Not killed: `node` is a process that starts another one.
        process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            await process.communicate()
