"""Tokens, errors and what must never be told."""

import asyncio
import traceback
from collections.abc import Callable

import httpx
import pytest

from field_ops.host.errors import (
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)
from integrations.dingtalk.client import DingtalkClient, SessionOver

API, OAPI = "https://api.example", "https://oapi.example"
SECRET = "the-app-secret"
SESSION = f"{OAPI}/robot/sendBySession?session=s1"


Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Host:
    """Answers as it is told to, and counts how often a token was asked for."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.tokens = 0
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/accessToken"):
            self.tokens += 1
            await asyncio.sleep(0)
            return httpx.Response(200, json={"accessToken": f"T{self.tokens}", "expireIn": 7200})
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def client_of(host: Host, clock: Clock | None = None) -> DingtalkClient:
    return DingtalkClient(
        httpx.AsyncClient(transport=httpx.MockTransport(host)),
        client_id="ding",
        client_secret=SECRET,
        api_base_url=API,
        oapi_base_url=OAPI,
        clock=clock or Clock(),
    )


def ok(**values) -> httpx.Response:
    return httpx.Response(200, json={"errcode": 0, "errmsg": "ok", **values})


def old(code: int | str, sub: str | None = None, text: str = "不行") -> httpx.Response:
    if sub is None:
        return httpx.Response(200, json={"errcode": code, "errmsg": text})
    wrapped = {"errcode": code, "sub_code": sub, "sub_msg": text, "errmsg": "ding talk error"}
    return httpx.Response(200, json=wrapped)


def new(status: int, code: str, text: str = "不行", **more) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "requestid": "r", "message": text, **more})


async def test_twenty_callers_share_one_token():
    host = Host(ok())
    client = client_of(host)
    await asyncio.gather(*(client.oapi("topapi/v2/user/get", {}) for _ in range(20)))
    assert (host.tokens, len(host.asked)) == (1, 20)


async def test_a_token_is_renewed_before_it_ends():
    host, clock = Host(ok()), Clock()
    client = client_of(host, clock)
    await client.oapi("auth/scopes")
    clock.now = 6500.0
    await client.oapi("auth/scopes")
    clock.now = 6700.0
    await client.oapi("auth/scopes")
    assert host.tokens == 2


@pytest.mark.parametrize("over", [old(88, "40014"), old(40014), old(42001), old(88, "42001")])
async def test_an_old_call_with_an_expired_token_is_repeated_once(over):
    host = Host(over, ok(result={"userid": "lilei"}))
    answer = await client_of(host).oapi("topapi/v2/user/get", {"userid": "lilei"})
    assert answer["result"] == {"userid": "lilei"}
    assert [r.url.params["access_token"] for r in host.asked] == ["T1", "T2"]


@pytest.mark.parametrize("over", [new(400, "InvalidAuthentication"), httpx.Response(401)])
async def test_a_new_call_with_an_expired_token_is_repeated_once(over):
    host = Host(over, httpx.Response(200, json={"processQueryKey": "k"}))
    await client_of(host).api("v1.0/robot/oToMessages/batchSend", {})
    tokens = [r.headers["x-acs-dingtalk-access-token"] for r in host.asked]
    assert tokens == ["T1", "T2"]


async def test_many_callers_with_an_expired_token_renew_it_once():
    host = Host(lambda r: old(88, "40014") if r.url.params["access_token"] == "T1" else ok())
    client = client_of(host)
    await asyncio.gather(*(client.oapi("topapi/v2/user/get", {}) for _ in range(10)))
    assert host.tokens == 2


async def test_a_token_that_is_never_accepted_ends_in_an_error():
    host = Host(old(88, "40014"))
    with pytest.raises(HostUnavailable):
        await client_of(host).oapi("topapi/v2/user/get", {})
    # The last one asks for the token of that server itself, which is refused as well.
    assert (host.tokens, len(host.asked)) == (2, 3)


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (old(88, "90018"), HostBusy, "90018"),
        (old(88, "90002"), HostBusy, "90002"),
        (old(90006), HostBusy, "90006"),
        (old(88, "90020"), HostBusy, "90020"),
        (old(-1), HostUnavailable, "-1"),
        (old(15, "isp.top-remote-connection-timeout"), HostUnavailable, "15"),
        (old(88, ""), HostUnavailable, "88"),
        (old(40096), CredentialsRejected, "40096"),
        (old(88, "60020"), CredentialsRejected, "60020"),
        (old(88, "60011"), PermissionMissing, "60011"),
        (old(33012), HostRefused, "33012"),
        (old(22), HostRefused, "22"),
        (httpx.Response(502), HostUnavailable, "502"),
        (httpx.Response(504), HostUnavailable, "504"),
        (httpx.Response(404), HostRefused, "404"),
    ],
)
async def test_what_an_old_call_complains_about_says_what_to_do(answer, expected, code):
    with pytest.raises(SendError) as failure:
        await client_of(Host(answer)).oapi("topapi/v2/user/get", {})
    assert (type(failure.value), failure.value.code) == (expected, code)


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (
            new(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
            HostBusy,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
        ),
        (
            new(403, "Forbidden.AccessDenied.ApiCountLimitForOrg"),
            HostBusy,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
        ),
        (new(429, "systemBusy"), HostBusy, "systemBusy"),
        (new(500, "system.busy"), HostUnavailable, "system.busy"),
        (new(400, "system.busy"), HostUnavailable, "system.busy"),
        (httpx.Response(504), HostUnavailable, "504"),
        (
            new(403, "Forbidden.AccessDenied.IpNotInWhiteList"),
            CredentialsRejected,
            "Forbidden.AccessDenied.IpNotInWhiteList",
        ),
        (new(400, "invalidClientIdOrSecret"), CredentialsRejected, "invalidClientIdOrSecret"),
        (new(400, "invalidParameter.msgParam.invalid"), HostRefused, None),
        (httpx.Response(200, json={"errcode": 404, "errmsg": "不存在"}), HostRefused, "404"),
    ],
)
async def test_what_a_new_call_complains_about_says_what_to_do(answer, expected, code):
    with pytest.raises(SendError) as failure:
        await client_of(Host(answer)).api("v1.0/robot/oToMessages/batchSend", {})
    assert type(failure.value) is expected
    assert code in (None, failure.value.code)


async def test_a_missing_permission_is_named():
    scopes = {"requiredScopes": ["qyapi_robot_sendmsg"]}
    denied = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
    host = Host(new(403, denied, accessdenieddetail=scopes))
    with pytest.raises(HostRefused, match="qyapi_robot_sendmsg"):
        await client_of(host).api("v1.0/robot/oToMessages/batchSend", {})


@pytest.mark.parametrize(
    "ban",
    [
        httpx.Response(200, json={"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}),
        httpx.Response(200, html="<html>访问受限</html>"),
        httpx.Response(403, html="<html>访问受限</html>"),
    ],
)
async def test_a_ban_stops_every_call_for_five_minutes(ban):
    host, clock = Host(ban, ok()), Clock()
    client = client_of(host, clock)
    with pytest.raises(HostBusy) as failure:
        await client.oapi("auth/scopes")
    assert failure.value.retry_after_s == 300
    clock.now = 100.0
    with pytest.raises(HostBusy) as failure:
        await client.oapi("auth/scopes")
    assert (failure.value.retry_after_s, len(host.asked)) == (200, 1)
    clock.now = 301.0
    assert await client.oapi("auth/scopes")


@pytest.mark.parametrize(
    ("lost", "changes", "maybe_done"),
    [
        (httpx.ConnectError("refused"), True, False),
        (httpx.ConnectTimeout("late"), True, False),
        (httpx.ReadTimeout("late"), True, True),
        (httpx.ReadTimeout("late"), False, False),
        (httpx.RemoteProtocolError("cut"), True, True),
        (httpx.Response(504), True, True),
        (httpx.Response(504), False, False),
        (httpx.Response(503), True, False),
    ],
)
async def test_an_outage_says_whether_it_may_have_been_done(lost, changes, maybe_done):
    with pytest.raises(HostUnavailable) as failure:
        await client_of(Host(lost)).api("v1.0/x", {}, changes=changes)
    assert failure.value.maybe_done is maybe_done


async def test_no_error_tells_a_token_or_a_secret():
    told = f"access_token=T1 appSecret: {SECRET}, session=s1"
    client = client_of(Host(old(33012, text=told)))
    with pytest.raises(HostRefused) as failure:
        await client.oapi("topapi/v2/user/get", {})
    shown = "".join(traceback.format_exception(failure.value))
    assert not [secret for secret in ("T1", SECRET, "s1") if secret in failure.value.reason]
    assert SECRET not in shown


async def test_a_lost_call_does_not_carry_its_address():
    with pytest.raises(HostUnavailable) as failure:
        await client_of(Host(httpx.ReadTimeout("late"))).oapi("auth/scopes")
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


async def test_an_answer_needs_no_token():
    host = Host(ok())
    await client_of(host).reply(SESSION, {"msgtype": "empty"})
    assert (host.tokens, str(host.asked[0].url)) == (0, SESSION)


async def test_an_expired_conversation_is_told_apart():
    with pytest.raises(SessionOver):
        await client_of(Host(old(300001))).reply(SESSION, {"msgtype": "empty"})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://oapi.example/robot/sendBySession?session=s1",
        "https://oapi.example.evil.example/robot/sendBySession?session=s1",
        "https://oapi.example@evil.example/robot/sendBySession?session=s1",
        "https://oapi.example/robot/../admin?session=s1",
        "https://oapi.example/topapi/v2/user/get?session=s1",
        SESSION + "\r\nHost: evil.example",
        SESSION + "密",
        SESSION + "1" * 9000,
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
def test_only_the_hosts_own_reply_addresses_are_trusted(url):
    client = client_of(Host(ok()))
    assert client.is_session(SESSION)
    assert not client.is_session(url)


@pytest.mark.parametrize(
    ("endpoint", "ticket"),
    [
        ("ws://wss-open-connection.dingtalk.com/connect", "t"),  # in the open
        ("https://wss-open-connection.dingtalk.com/connect", "t"),
        ("", "t"),
        ("wss://wss-open-connection.dingtalk.com/connect", ""),
    ],
)
async def test_a_stream_without_a_ticket_or_a_safe_address_is_not_opened(endpoint, ticket):
    host = Host(httpx.Response(200, json={"endpoint": endpoint, "ticket": ticket}))
    with pytest.raises(HostUnavailable):
        await client_of(host).open_stream([])


async def test_a_stream_is_opened_with_the_apps_own_secret_and_no_token():
    endpoint = "wss://wss-open-connection.dingtalk.com:443/connect"
    host = Host(httpx.Response(200, json={"endpoint": endpoint, "ticket": "t"}))
    assert await client_of(host).open_stream([]) == (endpoint, "t")
    (asked,) = host.asked
    assert (host.tokens, asked.headers["accept"]) == (0, "application/json")
