"""The token and the errors. The far end is a function, so that it can say anything."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from field_ops.host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from integrations.wecom.client import WecomClient

SECRET = "a-secret-that-nobody-may-see"
LIVING = {"errcode": 0, "access_token": "living-token", "expires_in": 7200}
OVER = {"errcode": 42001, "errmsg": "access_token expired"}


class FarEnd:
    """Answers gettoken with a new token each time, and other paths with what is given."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.lent = 0
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.url.path == "/cgi-bin/gettoken":
            self.lent += 1
            return httpx.Response(200, json={**LIVING, "access_token": f"token-{self.lent}"})
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else {"errcode": 0}
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def tokens(self) -> list[str]:
        return [request.url.params["access_token"] for request in self.asked]


def client_of(far_end: Callable[..., Any]) -> WecomClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(far_end))
    return WecomClient(http, "https://qyapi.test", corp_id="ww1", secret=SECRET)


async def test_twenty_callers_at_once_borrow_one_token():
    far_end = FarEnd()
    client = client_of(far_end)
    await asyncio.gather(*(client.get("user/get", userid=str(n)) for n in range(20)))
    assert (far_end.lent, len(far_end.asked)) == (1, 20)


async def test_twenty_callers_at_once_survive_the_end_of_the_token():
    far_end = FarEnd()
    client = client_of(far_end)
    await client.get("user/get")
    far_end.answers = [OVER] * 20
    await asyncio.gather(*(client.get("user/get") for _ in range(20)))
    assert far_end.lent == 2


@pytest.mark.parametrize("code", [40014, 42001])
async def test_an_ended_token_is_renewed_once_and_the_call_succeeds(code):
    far_end = FarEnd({"errcode": code, "errmsg": "over"}, {"errcode": 0, "name": "李雷"})
    assert (await client_of(far_end).get("user/get"))["name"] == "李雷"
    assert far_end.tokens == ["token-1", "token-2"]


async def test_a_token_is_never_renewed_twice_for_one_call():
    far_end = FarEnd(*[OVER] * 9)
    with pytest.raises(HostUnavailable):
        await client_of(far_end).post("message/send", {})
    assert (far_end.lent, len(far_end.asked)) == (2, 2)


async def test_success_may_leave_out_its_code():
    assert await client_of(FarEnd({"ticket": "T"})).get("get_jsapi_ticket") == {"ticket": "T"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-1, HostUnavailable),
        (6000, HostUnavailable),
        (45035, HostUnavailable),
        (45009, HostBusy),
        (45033, HostBusy),
        (40001, CredentialsRejected),
        (40013, CredentialsRejected),
        (43012, CredentialsRejected),
        (48002, CredentialsRejected),
        (50003, CredentialsRejected),
        (60020, CredentialsRejected),
        (301002, CredentialsRejected),
        (40003, HostRefused),
        (42033, HostRefused),
        (45002, HostRefused),
        (60011, HostRefused),
        (60140, HostRefused),
        (81013, HostRefused),
        (999999, HostRefused),
    ],
)
async def test_an_error_says_what_to_do_next(code, expected):
    far_end = FarEnd({"errcode": code, "errmsg": "why, from ip: 203.0.113.9"})
    with pytest.raises(expected) as failure:
        await client_of(far_end).post("message/send", {})
    assert type(failure.value) is expected
    assert failure.value.code == str(code)
    assert "203.0.113.9" in failure.value.reason
    assert len(far_end.asked) == 1


@pytest.mark.parametrize(
    ("accident", "maybe_done"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (httpx.ReadTimeout("x"), True),
        (httpx.WriteTimeout("x"), True),
        (httpx.ReadError("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (httpx.Response(502), True),
        (httpx.Response(504, text="<html>Gateway Time-out</html>"), True),
        (httpx.Response(200, text="[]"), True),
        (httpx.Response(200, content=b"\xff\xfe"), True),
    ],
    ids=repr,
)
async def test_an_accident_says_whether_the_message_may_have_arrived(accident, maybe_done):
    with pytest.raises(HostUnavailable) as failure:
        await client_of(FarEnd(accident)).post("message/send", {})
    assert failure.value.maybe_done is maybe_done


async def test_an_accident_while_reading_has_done_nothing():
    with pytest.raises(HostUnavailable) as failure:
        await client_of(FarEnd(httpx.ReadTimeout("x"))).get("user/get")
    assert not failure.value.maybe_done


async def test_a_wrong_secret_is_not_repeated_in_the_error():
    def far_end(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"errcode": 40001, "errmsg": f"bad {SECRET}"})

    with pytest.raises(CredentialsRejected) as failure:
        await client_of(far_end).get("user/get")
    assert SECRET not in str(failure.value)


async def test_neither_secret_nor_token_is_logged(caplog):
    with caplog.at_level(logging.INFO):
        await client_of(FarEnd()).get("user/get")
    assert "/cgi-bin/gettoken" in caplog.text
    assert SECRET not in caplog.text
    assert "token-1" not in caplog.text


async def test_a_host_out_of_reach_is_neither_an_empty_company_nor_a_bad_code(host, simulator):
    simulator.faults.down = True
    with pytest.raises(HostUnavailable):
        await host.directory.departments()
    with pytest.raises(HostUnavailable):
        await host.sign_in.who("x")
