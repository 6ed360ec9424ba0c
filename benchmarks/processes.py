"""Servers in processes of their own, and how long a process has worked."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

WAITS_S = 60
SERVE = "import sys; from field_ops.cli import main; main()"


def worked_ms(pids: Iterable[int]) -> float:
    """Milliseconds that these processes have run, with all of their threads; Linux only.

    The first number of each `schedstat` is nanoseconds on a processor.
    """
    files = [file for pid in pids for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(file.read_text().split()[0]) for file in files) / 1e6


@asynccontextmanager
async def web_processes(
    count: int, database_url: str, folder: Path, secret: str
) -> AsyncIterator[tuple[list[str], list[int]]]:
    """`waiqin web`, so many times: their addresses and process ids."""
    ports = [_free_port() for _ in range(count)]
    environment = {
        **os.environ,
        "WAIQIN_DATABASE_URL": database_url,
        "WAIQIN_DATA_DIR": str(folder),
        "WAIQIN_SECRET_KEY": secret,
        "WAIQIN_LOG_LEVEL": "warning",
    }
    servers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, "web", "--port", str(port), env=environment
        )
        for port in ports
    ]
    try:
        await asyncio.wait_for(asyncio.gather(*map(_answers, ports)), WAITS_S)
        yield [f"http://127.0.0.1:{port}" for port in ports], [one.pid for one in servers]
    finally:
        for server in servers:
            server.terminate()
        await asyncio.gather(*(server.wait() for server in servers))


async def _answers(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
