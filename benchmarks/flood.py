"""Many requests at once from a process of their own, so that the client's work is not measured.

Requests are ready bytes on connections that stay open: the client is as cheap as it can be, and the
processor time of this process is the server's alone.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit


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


async def _send_all(address: str, requests: list[bytes], clients: int) -> dict[str, object]:
    parts = urlsplit(address)
    waiting, took = iter(requests), []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            took.append(time.perf_counter() - began)
            assert head.split(b" ", 2)[1].startswith(b"2"), head
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return {"took": took, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    with open(sys.argv[2]) as asked:  # noqa: PTH123
        texts = [text.encode("latin-1") for text in json.load(asked)]
    print(json.dumps(asyncio.run(_send_all(sys.argv[1], texts, int(sys.argv[3])))))
