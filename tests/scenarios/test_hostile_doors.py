"""Hostile bodies at the hosts' doors are refused quickly, stored nowhere, and cost no memory."""

import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from starlette.types import Message

from integrations.dingtalk.simulator.seal import Envelope, robot_signature
from integrations.wecom.simulator.envelope import Seal
from tests.scenarios.stage import Stage

# What is refused here never reaches the database, so one is enough.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

DOORS = [
    ("wecom", "callback"),
    ("wecom", "robot"),
    ("dingtalk", "callback"),
    ("dingtalk", "robot"),
]
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "nothing": b"",
    "truncated XML": b"<xml><ToUserName><![CDATA[ww5",
    "truncated JSON": b'{"encrypt": "QUJD',
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><xml>&l11;</xml>'.encode(),
    "a file of ours": (
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>'
    ),
    "deep XML": b"<a>" * 60_000,
    "deep JSON": b"[" * 120_000,
    "a long number": b'{"encrypt": ' + b"9" * 120_000 + b"}",
    "a list": b"[1, 2, 3]",
    "not UTF-8": b"\xff\xfe<xml>\xc3\x28</xml>",
    "ten megabytes": b"<xml>" + b"A" * 10_000_000,
}
AT_MOST_S = 1.0  # of processor time, on a machine that does other things too
AT_MOST_BYTES = 6_000_000


def signed(stage: Stage, host: str, door: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body with the right signature, inside the envelope where the door wants one; and its
    query or headers."""
    company, now = stage.world.companies[host], int(stage.clock().timestamp())
    app, text = company.app, body.decode(errors="replace")
    if host == "wecom":
        seal = Seal(app.callback_token, app.callback_aes_key, company.corp_id)
        encrypted = seal.encrypt(text)
        return f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode(), seal.query(encrypted, now)
    if door == "robot":
        stamp = str(now * 1000)
        return body, {"timestamp": stamp, "sign": robot_signature(app.secret, stamp)}
    envelope = Envelope(app.callback_token, app.callback_aes_key, app.client_id)
    encrypted, nonce = envelope.close(text), "n1"
    signature = envelope.signature(str(now), nonce, encrypted)
    query = {"msg_signature": signature, "timestamp": str(now), "nonce": nonce}
    return f'{{"encrypt": "{encrypted}"}}'.encode(), query


async def knock(
    stage: Stage, host: str, door: str, body: bytes | AsyncIterator[bytes], more: dict[str, str]
) -> int:
    """What a POST is answered; `more` goes where that host's signature stands."""
    where = {"headers": more} if "sign" in more else {"params": more}
    async with stage.network.client() as client:
        answer = await client.post(f"/hosts/{host}/main/{door}", content=body, **where)
        return answer.status_code


@dataclass(frozen=True)
class Knock:
    """How a door answered: `took_s` of processor time, and the most bytes held at once."""

    where: str
    status: int
    took_s: float
    held_bytes: int


async def knock_everywhere(stage: Stage, body: bytes) -> list[Knock]:
    """Bring the body to each door, without a signature and with the right one."""
    answers = []
    for host, door in DOORS:
        for sent, more in ((body, {}), signed(stage, host, door, body)):
            began = time.process_time()
            status = await knock(stage, host, door, sent, more)
            took_s = time.process_time() - began
            tracemalloc.start()
            await knock(stage, host, door, sent, more)
            held = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            answers.append(Knock(f"{host}/{door}", status, took_s, held))
    return answers


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_body_is_refused_quickly_and_stored_nowhere(
    stage: Stage, body: bytes
) -> None:
    before = await stage.row_counts()
    answers = await knock_everywhere(stage, body)
    assert {answer.status for answer in answers} <= {400, 403, 413}, answers
    assert max(answer.took_s for answer in answers) < AT_MOST_S, answers
    assert max(answer.held_bytes for answer in answers) < AT_MOST_BYTES, answers
    assert await stage.row_counts() == before


@pytest.mark.parametrize(("host", "door"), DOORS)
async def test_a_body_without_end_is_cut_off(stage: Stage, host: str, door: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 65_536
            yield b"x" * 65_536

    assert await knock(stage, host, door, endless(), {}) == 413
    assert sent <= 512 * 1024


@pytest.mark.parametrize(("host", "door"), DOORS)
async def test_a_body_that_the_line_cuts_off_is_not_handled(
    stage: Stage, host: str, door: str
) -> None:
    scope = {
        "type": "http", "method": "POST", "path": f"/hosts/{host}/main/{door}",
        "headers": [], "query_string": b"", "client": ("127.0.0.1", 1),
    }  # fmt: skip
    arrives = iter(
        [{"type": "http.request", "body": b"<xml>", "more_body": True}, {"type": "http.disconnect"}]
    )
    answers: list[Message] = []

    async def receive() -> Message:
        return next(arrives)

    async def send(message: Message) -> None:
        answers.append(message)

    before = await stage.row_counts()
    await stage.app(scope, receive, send)
    assert (answers[0]["status"], await stage.row_counts()) == (400, before)


@pytest.mark.parametrize("path", ["wecom/other/callback", "feishu/main/callback", "wecom/main/x"])
async def test_a_door_that_is_not_ours_is_not_found(stage: Stage, path: str) -> None:
    async with stage.network.client() as client:
        assert (await client.post(f"/hosts/{path}", content=b"<xml/>")).status_code == 404
