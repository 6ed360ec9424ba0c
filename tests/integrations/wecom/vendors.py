"""The vendor's own JavaScript packages at work: questions to their cryptography, and a bot."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[2] / "vendors" / "wecom"
NODE = Path(sys.executable).parent / "node"


async def ask_crypto(*questions: dict[str, Any]) -> list[Any]:
    """What `@wecom/crypto` and the bot package's own cryptography say to each question."""
    process = await asyncio.create_subprocess_exec(
        NODE, SCRIPTS / "crypto.mjs",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        said, _ = await process.communicate(json.dumps(questions).encode())
    assert process.returncode == 0
    return list(json.loads(said))


class VendorsBot:
    """A bot made with `@wecom/aibot-node-sdk`, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tells(self, what: str) -> dict[str, Any]:
        """The next thing of that name that it tells. What comes before is passed over."""
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while line := await self._process.stdout.readline():
                told: dict[str, Any] = json.loads(line)
                if told["what"] == what:
                    return told
        raise AssertionError(f"it ended without {what!r}")

    def shall(self, order: str, **facts: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **facts}).encode() + b"\n")


@asynccontextmanager
async def a_bot(
    url: str, bot_id: str, secret: str, *, heartbeat_ms: int = 30_000, reconnects: int = 0
) -> AsyncIterator[VendorsBot]:
    """Connects to `url` and stays until the end of the block; -1 `reconnects` are any number."""
    process = await asyncio.create_subprocess_exec(
        NODE, SCRIPTS / "bot.mjs", url, bot_id, secret, str(heartbeat_ms), str(reconnects),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        yield VendorsBot(process)
    finally:
        process.stdin.close()
        async with asyncio.timeout(60):
            await process.wait()
