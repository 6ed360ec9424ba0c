"""What every call to the API passes: faults on demand, the token, who may call, and its body."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from integrations.sandbox.disguise import disguised
from integrations.sandbox.faults import DONE_ALL_THE_SAME, Faults

from .answers import Failed, failure
from .limits import Limits
from .office import Call, File
from .switches import Switches

Answer = Callable[[Call], dict[str, Any] | Response]
ERRCODE_OF_FAULT = {
    **dict.fromkeys(("busy", "busy_minute", "busy_hour", "busy_day", "quota", "banned"), 45009),
    **{"busy_everywhere": 45033, "system_busy": -1, "token_expired": 42001, "token_unknown": 40014},
    **{"refused": 60011, "no_permission": 48002, "untrusted_address": 60020, "credentials": 40001},
}
NOT_WITHOUT_TOKEN = frozenset({"token_expired", "token_unknown"})
# What depends on the age of the app, on permissions, or on what members have filled in.
OPTIONAL = frozenset(
    {"mobile", "email", "biz_mail", "avatar", "thumb_avatar", "gender", "telephone", "alias"}
    | {"position", "address", "qr_code", "extattr", "english_name", "name_en", "unlicenseduser"}
    | {"invalidparty", "invalidtag", "order"}
)
PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"


class Gate:
    """`check_token` raises `Failed` unless the call has a living token that may ask this path."""

    def __init__(
        self,
        faults: Faults,
        switches: Switches,
        limits: Limits,
        check_token: Callable[[Call, str], None],
    ) -> None:
        self._faults = faults
        self._limits = limits
        self._switches = switches
        self._check_token = check_token

    def path(
        self, answer: Answer, *, token: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        """The handler of an API path; some need no token."""

        async def serve(request: Request) -> Response:
            fault = await self._faults.next(request.url.path, () if token else NOT_WITHOUT_TOKEN)
            if fault == "down":
                return Response(status_code=502)
            if fault == "banned_page":
                return HTMLResponse(PAGE, 502)
            call, readable = await _call(request, arrives=fault != "dropped")
            path = request.url.path.partition("/cgi-bin/")[2]
            try:
                if token:
                    self._check_token(call, path)
                    self._check_caller(request)
                self._limits.count(path)
                if code := ERRCODE_OF_FAULT.get(fault):
                    raise Failed(code)
                said = answer(call)
            except Failed as failed:
                if not readable:
                    failed.detail = "Warning: wrong json format."
                said = failure(failed, _caller(request))
            if fault in DONE_ALL_THE_SAME:
                return Response(status_code=504)
            if isinstance(said, Response):
                return said
            return JSONResponse(disguised(said, fault, OPTIONAL))

        return serve

    def _check_caller(self, request: Request) -> None:
        trusted = self._switches.trusted_ips
        if trusted and _caller(request) not in trusted:
            raise Failed(60020)


def plainly(answer: Callable[[Call], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    """A path of the sandbox itself: neither token nor faults."""

    async def serve(request: Request) -> Response:
        return JSONResponse(answer(Call(dict(request.query_params), {})))

    return serve


async def _call(request: Request, *, arrives: bool) -> tuple[Call, bool]:
    """The request's data, and whether its body could be read."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    home = str(request.url).partition("/cgi-bin/")[0]
    if headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            files = {
                name: File(part.filename or "", part.content_type or "", await part.read())
                for name, part in form.items()
                if isinstance(part, UploadFile)
            }
        return Call(dict(request.query_params), {}, arrives, headers, files), True
    body: Any = {}
    readable = True
    if request.method == "POST":
        try:
            body = json.loads(await request.body())
        except ValueError:
            readable = False
    if not isinstance(body, dict):
        body, readable = {}, False
    return Call(dict(request.query_params), body, arrives, headers, home=home), readable


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""
