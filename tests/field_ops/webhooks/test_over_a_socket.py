"""A delivery over a real connection: to the address that was judged, by the name that was typed."""

import asyncio
from collections.abc import Sequence
from random import Random

import httpx
import pytest
from sqlalchemy import select

from field_ops.webhooks.courier import Courier
from field_ops.webhooks.models import WebhookDelivery
from field_ops.webhooks.targets import read_networks
from tests.field_ops.webhooks.conftest import Bench

ANSWERS = {
    "taken": (b"HTTP/1.1 204 No Content\r\n\r\n", "delivered", ""),
    "endless": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000, "queued", "too_long"),
    "rubbish": (b"SSH-2.0-OpenSSH_9.6\r\n", "queued", "not_connected RemoteProtocolError"),
    "cut off": (b"", "queued", "not_connected RemoteProtocolError"),
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("answer", "state", "error"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_what_a_server_does_with_it(
    bench: Bench, answer: bytes, state: str, error: str
) -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await bench.webhook(url=f"http://erp.intern:{port}/waiqin?from=crm")
    await bench.shop("华联", "13800138000")
    async with server, httpx.AsyncClient(trust_env=False) as http:
        await Courier(
            bench.database, http, bench.keys, bench.clock, "one", Random(1),
            read_networks("127.0.0.0/8"), resolve,
        ).pass_once()  # fmt: skip
    lines = heard[0].decode().lower().split("\r\n")
    assert lines[0] == "post /waiqin?from=crm http/1.1"
    assert [one for one in lines if one.startswith("host:")] == [f"host: erp.intern:{port}"]
    async with bench.database.reading() as session:
        (row,) = (await session.scalars(select(WebhookDelivery))).all()
    assert row.state == state and row.error.startswith(error), row.error
