"""One way to WeCom's API: the token, the errors said in our words, and nothing secret in a message.

Error codes are those of the page 90313, rules of the token those of 91039.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from field_ops.host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from field_ops.host.tokens import LentValue

REAL_BASE_URL = "https://qyapi.weixin.qq.com"
TIMEOUT = httpx.Timeout(10, connect=3)

TOKEN_OVER = {40014, 42001}
BUSY_S = {45009: 60, 45033: 5}  # what is limited, and how long to leave it alone
LATER = {-1, 6000, 45035, *TOKEN_OVER}
# Somebody has to change a setting, here or in WeCom's console, before any call can succeed.
# Codes about one member (60011, 60021, 50002, …) are not among them: they must not stop the rest.
SETTINGS_WRONG = {
    *(40001, 40013, 40056, 40091, 41002, 41004, 43012, 45031),
    *(48001, 48002, 48004, 48006, 48009, 48010, 48011),
    *(50001, 50003, 60020, 60031, 80001, 301002, 301042),
}
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


class WecomClient:
    """Calls `cgi-bin` paths with the token of one secret. Raises `SendError`s only."""

    def __init__(
        self, http: httpx.AsyncClient, base_url: str, *, corp_id: str, secret: str
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/") + "/cgi-bin/"
        self._corp_id = corp_id
        self._secret = secret
        self._token = LentValue(self._lend_token)

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        return await self._call("GET", path, params, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call("POST", path, {}, body)

    async def post_to(self, address: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post to an address that WeCom lent us for one answer, which needs no token.

        It is asked under our own base address, wherever it says it is: a relay is not left out, and
        nobody can send us elsewhere. Raises `HostRefused` when it is no address of WeCom's.
        """
        lent, own = urlsplit(address), urlsplit(self._base)
        _, found, path = lent.path.partition("/cgi-bin/")
        if not found or lent.hostname not in (own.hostname, urlsplit(REAL_BASE_URL).hostname):
            raise HostRefused("not an address of WeCom's", code="response_url")
        return self._checked(await self._ask("POST", path, dict(parse_qsl(lent.query)), body))

    async def _call(
        self, method: str, path: str, params: dict[str, str], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        token = await self._token.get()
        answer = await self._ask(method, path, {"access_token": token, **params}, body)
        if _code(answer) in TOKEN_OVER:
            # WeCom may end a token early. Once only: a secret that is gone would loop for ever.
            self._token.forget(token)
            token = await self._token.get()
            answer = await self._ask(method, path, {"access_token": token, **params}, body)
        return self._checked(answer, token)

    async def _lend_token(self) -> tuple[str, float]:
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer = self._checked(await self._ask("GET", "gettoken", params, None))
        token = answer.get("access_token")
        if not token:
            raise HostUnavailable("gettoken gave no token")
        return str(token), float(answer.get("expires_in") or 7200)

    async def _ask(
        self,
        method: str,
        path: str,
        params: dict[str, str],
        body: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        changes_something = method == "POST"
        try:
            answer = await self._http.request(
                method,
                self._base + path,
                params=params,
                json=body,
                timeout=TIMEOUT,
                follow_redirects=False,
            )
        except NEVER_SENT as failure:
            raise HostUnavailable(f"{path}: no connection") from failure
        except httpx.HTTPError as failure:
            reason = f"{path}: {type(failure).__name__}"
            raise HostUnavailable(reason, maybe_done=changes_something) from failure
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            # A proxy's page, usually with 502 or 504: WeCom itself always answers in JSON.
            reason = f"{path}: HTTP {answer.status_code} without JSON"
            raise HostUnavailable(reason, maybe_done=changes_something)
        return said

    def _checked(self, answer: dict[str, Any], token: str = "") -> dict[str, Any]:
        """`answer` when it is a success; its error in our words otherwise."""
        code = _code(answer)
        if code == 0:
            return answer
        reason = self._without_secrets(str(answer.get("errmsg") or ""), token)
        if code in BUSY_S:
            raise HostBusy(reason, code=str(code), retry_after_s=BUSY_S[code])
        if code in LATER:
            raise HostUnavailable(reason, code=str(code))
        if code in SETTINGS_WRONG:
            raise CredentialsRejected(reason, code=str(code))
        raise HostRefused(reason, code=str(code))

    def _without_secrets(self, text: str, token: str) -> str:
        for secret in (self._secret, token):
            text = text.replace(secret, "***") if secret else text
        return text


def _code(answer: Mapping[str, Any]) -> int:
    """0 for success, which WeCom also says by leaving it out. errmsg is no guide: it changes."""
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        return -1


class WithoutQueries(logging.Filter):
    """httpx logs every address that it asks, and WeCom wants secret and token in the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.copy_with(query=None) if isinstance(value, httpx.URL) else value
                for value in record.args
            )
        return True


logging.getLogger("httpx").addFilter(WithoutQueries("httpx"))
