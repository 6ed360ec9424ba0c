"""Calls to DingTalk's two API servers: tokens, both envelopes, errors in the port's words.

`oapi.dingtalk.com` takes the token in the query and answers HTTP 200 with an `errcode`;
`api.dingtalk.com` takes it in a header and answers with HTTP classes ("服务端API错误码").
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import httpx
import orjson

from field_ops.host.errors import HostBusy, HostUnavailable
from field_ops.host.tokens import LentValue

from . import lenient
from .failures import BAN_S, BANNED, Complaint, TokenOver, failure, new_complaint, old_complaint

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
TOKEN_EARLY_S = 600.0
SESSION_OVER = "300001"
LONGEST_SESSION_URL = 2_000
Answer = TypeVar("Answer")


class SessionOver(Exception):
    """The reply address of a conversation has expired: answer through the robot API instead."""


class DingtalkClient:
    """One app's calls. `clock` gives seconds and only measures how long tokens and bans last."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        client_id: str,
        client_secret: str,
        api_base_url: str,
        oapi_base_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._api = api_base_url.rstrip("/")
        self._oapi = oapi_base_url.rstrip("/")
        self._clock = clock
        self._banned_until = 0.0
        self._token = LentValue(self._fetch_token, early_s=TOKEN_EARLY_S, clock=clock)
        self._own_token = LentValue(self._fetch_own_token, early_s=TOKEN_EARLY_S, clock=clock)
        self._oapi_token = self._token

    async def oapi(
        self, path: str, body: Mapping[str, Any] | None = None, *, changes: bool = False
    ) -> Mapping[str, Any]:
        """Call an old-style API and give its whole answer. GET without a body, else POST.

        `changes` says that the call does something, so that a lost answer means "perhaps done".
        """

        async def call(token: str) -> Mapping[str, Any]:
            url = f"{self._oapi}/{path}"
            method = "GET" if body is None else "POST"
            answer = await self._ask(
                method, url, body, params={"access_token": token}, changes=changes
            )
            return self._old(answer, changes)

        try:
            return await self._with_token(call, self._oapi_token)
        except TokenOver:
            if self._oapi_token is self._own_token:
                raise
        # Everybody uses one token for both servers, but no page promises that it is good at both.
        values = await self._with_token(call, self._own_token)
        self._oapi_token = self._own_token
        return values

    async def api(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        method: str = "POST",
        changes: bool = False,
        once: str = "",
    ) -> Mapping[str, Any]:
        """Call a new-style API and give its answer.

        `once`: where the API knows the header `x-client-token`, the same value is the same call.
        """

        async def call(token: str) -> Mapping[str, Any]:
            headers = {"x-acs-dingtalk-access-token": token}
            if once:
                headers["x-client-token"] = once
            url = f"{self._api}/{path}"
            answer = await self._ask(method, url, body, headers=headers, changes=changes)
            return self._new(answer, changes)

        return await self._with_token(call, self._token)

    async def open_stream(self, subscriptions: Sequence[Mapping[str, str]]) -> tuple[str, str]:
        """The address of a Stream gateway, and the ticket that opens it once within 90 seconds.

        "建立 Stream 连接": the credentials stand in the body, and no token is needed.
        """
        body = {
            "clientId": self._client_id,
            "clientSecret": self._client_secret,
            "subscriptions": list(subscriptions),
            "ua": "waiqin",
        }
        url = f"{self._api}/v1.0/gateway/connections/open"
        # Without this header the answer is XML.
        headers = {"accept": "application/json"}
        values = self._new(await self._ask("POST", url, body, headers=headers), changes=False)
        endpoint, ticket = lenient.text(values, "endpoint"), lenient.text(values, "ticket")
        # Our ticket must not travel in the open, unless the sandbox on this machine hands it out.
        if not ticket or not endpoint.startswith(self._stream_schemes()):
            raise HostUnavailable("an answer without an address for Stream mode")
        return endpoint, ticket

    def _stream_schemes(self) -> tuple[str, ...]:
        return ("wss://",) if self._api.startswith("https://") else ("wss://", "ws://")

    async def union_id_of(self, login_code: str) -> str:
        """Who came back from the web sign-in page with this code, which is good once.

        "获取用户token" and "获取用户通讯录个人信息": the person's own token is used once.
        """
        body = {
            "clientId": self._client_id,
            "clientSecret": self._client_secret,
            "code": login_code,
            "grantType": "authorization_code",
        }
        url = f"{self._api}/v1.0/oauth2/userAccessToken"
        granted = self._new(await self._ask("POST", url, body, changes=True), changes=True)
        headers = {"x-acs-dingtalk-access-token": lenient.text(granted, "accessToken")}
        url = f"{self._api}/v1.0/contact/users/me"
        person = self._new(await self._ask("GET", url, None, headers=headers), changes=False)
        if union_id := lenient.text(person, "unionId"):
            return union_id
        raise HostUnavailable("an answer without a union id")

    def is_session(self, url: str) -> bool:
        """Whether `url` is a reply address of the DingTalk that we are connected to.

        The address comes out of a request body that DingTalk's signature does not cover, so
        posting to whatever stands there would let anybody aim our server at any address.
        """
        return (
            url.startswith(f"{self._oapi}/robot/sendBySession?")
            and url.isascii()
            and url.isprintable()
            and len(url) <= LONGEST_SESSION_URL
        )

    async def reply(self, session_url: str, body: Mapping[str, Any]) -> None:
        """Answer in a conversation. Raises `SessionOver` when the address has expired."""
        answer = await self._ask("POST", session_url, body, changes=True)
        complaint = old_complaint(self._values(answer, changes=True))
        if complaint and complaint.code == SESSION_OVER:
            raise SessionOver
        if complaint:
            raise self._noted(failure(complaint, answer.status_code, changes=True))

    async def _fetch_token(self) -> tuple[str, float]:
        credentials = {"appKey": self._client_id, "appSecret": self._client_secret}
        url = f"{self._api}/v1.0/oauth2/accessToken"
        values = self._new(await self._ask("POST", url, credentials), changes=False)
        return _lent(lenient.text(values, "accessToken"), values, "expireIn")

    async def _fetch_own_token(self) -> tuple[str, float]:
        """The token of oapi.dingtalk.com itself. The secret stands in the address, so it is only
        asked when the other token is not accepted there."""
        credentials = {"appkey": self._client_id, "appsecret": self._client_secret}
        answer = await self._ask("GET", f"{self._oapi}/gettoken", None, params=credentials)
        values = self._old(answer, changes=False)
        return _lent(lenient.text(values, "access_token"), values, "expires_in")

    async def _with_token(
        self, call: Callable[[str], Awaitable[Answer]], lent: LentValue
    ) -> Answer:
        token = await lent.get()
        try:
            return await call(token)
        except TokenOver:
            lent.forget(token)
        return await call(await lent.get())

    async def _ask(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        changes: bool = False,
    ) -> httpx.Response:
        if self._clock() < self._banned_until:
            wait_s = self._banned_until - self._clock()
            raise HostBusy("this address is banned for a while", code=BANNED, retry_after_s=wait_s)
        content = None if body is None else orjson.dumps(body)
        typed = {"content-type": "application/json"} if content else {}
        try:
            return await self._http.request(
                method,
                url,
                params=params,
                content=content,
                headers={**(headers or {}), **typed},
                timeout=TIMEOUT,
                follow_redirects=False,
            )
        # `from None`: the failed request, with the token in its address, must not reach a log.
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as lost:
            raise HostUnavailable(type(lost).__name__) from None
        except (httpx.TransportError, httpx.InvalidURL) as lost:
            raise HostUnavailable(type(lost).__name__, maybe_done=changes) from None

    def _old(self, answer: httpx.Response, changes: bool) -> Mapping[str, Any]:
        values = self._values(answer, changes)
        if complaint := old_complaint(values):
            raise self._noted(failure(complaint, answer.status_code, changes=changes))
        return values

    def _new(self, answer: httpx.Response, changes: bool) -> Mapping[str, Any]:
        values = self._values(answer, changes)
        if not answer.is_success:
            raise self._noted(failure(new_complaint(values), answer.status_code, changes=changes))
        # An unknown path on the new server is answered in the old envelope; so is a ban.
        if complaint := old_complaint(values) if _is_old(values) else None:
            raise self._noted(failure(complaint, answer.status_code, changes=changes))
        return values

    def _values(self, answer: httpx.Response, changes: bool) -> Mapping[str, Any]:
        try:
            values = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            values = None
        if isinstance(values, dict):
            return values
        # A page instead of JSON is how DingTalk shows that our address is banned.
        if answer.status_code < 500 and answer.content.lstrip().startswith(b"<"):
            raise self._noted(HostBusy("a page instead of an answer", retry_after_s=BAN_S))
        if answer.is_success:
            raise HostUnavailable("an answer that is not JSON", maybe_done=changes)
        raise failure(Complaint("", ""), answer.status_code, changes=changes)

    def _noted(self, trouble: Exception) -> Exception:
        """Remember a ban, which stops every call; every other error passes through."""
        if isinstance(trouble, HostBusy) and trouble.retry_after_s == BAN_S:
            self._banned_until = self._clock() + BAN_S
        return trouble


def _lent(token: str, values: Mapping[str, Any], lifetime: str) -> tuple[str, float]:
    if not token:
        raise HostUnavailable("an answer without an access token")
    return token, float(lenient.whole(values, lifetime, 7200))


def _is_old(values: Mapping[str, Any]) -> bool:
    return "errcode" in values or lenient.text(values, "status") == BANNED
