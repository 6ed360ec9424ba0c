"""Many requests at once from a process of their own, so that the client's work is not measured.

Requests are ready bytes on connections that stay open: the client is as cheap as it can be, and the
processor time of this process is the server's alone.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import cast
from urllib.parse import urlsplit

from field_ops import loop


@dataclass(frozen=True, slots=True)
class Flood:
    """`took` are the seconds of each request; the rest is of the whole flood."""

    took: list[float]
    seconds: float
    server_cpu_s: float

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor time of this process for one request."""
        return self.server_cpu_s / len(self.took) * 1000


def raw(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "host: waiqin.test", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def flood(address: str, requests: Sequence[bytes], clients: int) -> Flood:
    """Send all requests by `clients` connections from another process. Every answer must be 2xx."""
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([request.decode("latin-1") for request in requests], file)
        file.flush()
        cpu = time.process_time()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, address, file.name, str(clients),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await process.communicate()
        cpu = time.process_time() - cpu
    assert process.returncode == 0
    answer = json.loads(told)
    return Flood(answer["took"], answer["seconds"], cpu)


class _Client(asyncio.Protocol):
    """One connection: the next request goes out as soon as the last one is answered."""

    def __init__(self, waiting: Iterator[bytes], took: list[float]) -> None:
        self._waiting, self._took = waiting, took
        self._heard, self._began = bytearray(), 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send_next()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self._took.append(time.perf_counter() - self._began)
        if head.split(b" ", 2)[1].startswith(b"2"):
            self._send_next()
        else:
            self.done.set_exception(AssertionError(bytes(head)))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("cut off"))

    def _send_next(self) -> None:
        self._heard.clear()
        request = next(self._waiting, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)


async def _send_all(address: str, requests: list[bytes], clients: int) -> dict[str, object]:
    parts, here = urlsplit(address), asyncio.get_running_loop()
    waiting, took = iter(requests), list[float]()
    began = time.perf_counter()
    opened = [
        await here.create_connection(lambda: _Client(waiting, took), parts.hostname, parts.port)
        for _ in range(min(clients, len(requests)))
    ]
    await asyncio.gather(*(client.done for _, client in opened))
    return {"took": took, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    with open(sys.argv[2]) as asked:  # noqa: PTH123
        texts = [text.encode("latin-1") for text in json.load(asked)]
    print(json.dumps(loop.run(_send_all(sys.argv[1], texts, int(sys.argv[3])))))
