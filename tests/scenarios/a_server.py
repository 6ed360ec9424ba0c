"""`waiqin serve` as a process of its own, that can be killed and started again."""

import asyncio
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.commands import Started, start
from tests.pages import SECRET


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """Serves the data folder; `kill` is a power cut, `start` waits until it answers."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    process: Started | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._launch()
        await self._until_it_answers()

    def kill(self) -> None:
        """SIGKILL, as when the power goes."""
        assert self.process is not None
        assert self.process.poll() is None, "it ended before it could be killed"
        self.process.kill()
        self.process.wait()
        assert self.process.returncode == -signal.SIGKILL

    def stop(self) -> None:
        """End it in any case."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _launch(self) -> None:
        settings = {
            "WAIQIN_DATA_DIR": str(self.data_dir),
            "WAIQIN_SECRET_KEY": SECRET,
            "WAIQIN_PUBLIC_URL": self.address,
            "WAIQIN_LOG_LEVEL": "error",
        }
        self.process = start("serve", "--port", str(self.port), settings=settings)

    async def _until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        async with httpx.AsyncClient(base_url=self.address, trust_env=False) as client:
            while True:
                assert self.process is not None and self.process.poll() is None, "it ended"
                assert time.monotonic() < deadline, "it does not answer"
                try:
                    if (await client.get("/healthz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
