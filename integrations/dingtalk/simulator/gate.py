"""DingTalk's two gateways: where the token goes, what an error looks like, what a fault does.

Old-style paths (`oapi.dingtalk.com`) answer HTTP 200 with an `errcode`; new-style paths
(`api.dingtalk.com`) answer with HTTP classes. "服务端API错误码" lists the codes.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.sandbox.disguise import disguised
from integrations.sandbox.faults import DONE_ALL_THE_SAME, Faults
from integrations.sandbox.world import Purse

from .bad_days import NEW_FAULTS, NOT_FOR_SESSIONS, OLD_FAULTS, OPTIONAL, broken, gave_up
from .guard import Guard

ACCESS = "access"  # what tokens are lent as
ACCESS_HEADER = "x-acs-dingtalk-access-token"


@dataclass(frozen=True, slots=True)
class Call:
    """One request that came through the gate. `dropped`: say yes and do nothing."""

    query: Mapping[str, str]
    place: Mapping[str, str]  # what stands in the braces of the path
    body: Mapping[str, Any]
    headers: Mapping[str, str]  # names in small letters
    dropped: bool = False


class OldNo(Exception):
    """A refusal in the old envelope; `gateway` ones are wrapped in errcode 88 under /topapi/."""

    def __init__(self, code: int, text: str, *, gateway: bool = False) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
        self.gateway = gateway


class NewNo(Exception):
    """A refusal in the new envelope."""

    def __init__(self, status: int, code: str, text: str, scope: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.scope = scope
        self.status = status
        self.code = code
        self.text = text


Verb = Callable[[Call], dict[str, Any]]
Keep = Callable[[str, UploadFile, bytes], dict[str, Any]]


class Gate:
    """Turns a verb of the pretend host into a route that behaves like the real gateway."""

    def __init__(self, faults: Faults, purse: Purse, guard: Guard) -> None:
        self._faults = faults
        self._purse = purse
        self.guard = guard
        self.wraps_every_error = False
        self.one_token_for_both = True
        self.gives_up_with_88 = False  # and no sub code, instead of 15 with one

    def old(
        self,
        path: str,
        verb: Verb,
        *,
        method: str = "POST",
        needs_token: bool = True,
        immune: frozenset[str] = frozenset(),
    ) -> Route:
        async def answer(request: Request) -> Response:
            fault = await self._faults.next(request.url.path, immune)
            wrapped = path.startswith("/topapi/") or self.wraps_every_error
            if (instead := broken(fault)) is not None:
                return instead
            try:
                if fault in OLD_FAULTS:
                    code, text, by_gateway = OLD_FAULTS[fault]
                    raise OldNo(code, text, gateway=by_gateway)
                if no := self.guard.why_not(request, path):
                    raise OldNo(no.code, no.text, gateway=True)
                body = await _old_body(request)
                if needs_token:
                    self._check_old_token(request, body)
                result = verb(_call(request, body, fault))
            except OldNo as no:
                return JSONResponse(_old_error(no, wrapped))
            if fault == "lost_answer":
                return Response(status_code=504)
            if fault == "gateway_timeout":
                return JSONResponse(gave_up(self.gives_up_with_88))
            said = {"errcode": 0, "errmsg": "ok", **result, "request_id": secrets.token_hex(6)}
            return JSONResponse(disguised(said, fault, OPTIONAL))

        return Route(path, answer, methods=[method])

    def upload(self, path: str, keep: Keep) -> Route:
        """A route for one file in the field `media`, with its kind in the query or the form."""

        async def answer(request: Request) -> Response:
            try:
                if await self._faults.next(request.url.path, NOT_FOR_SESSIONS):
                    return Response(status_code=502)
                self._check_old_token(request, {})
                async with request.form() as form:
                    file = form.get("media")
                    if not isinstance(file, UploadFile):
                        raise OldNo(43008, "需要multipart类型的media")
                    kind = request.query_params.get("type") or str(form.get("type", ""))
                    kept = keep(kind, file, await file.read())
            except OldNo as no:
                return JSONResponse(_old_error(no, self.wraps_every_error))
            return JSONResponse({"errcode": 0, "errmsg": "ok", **kept})

        return Route(path, answer, methods=["POST"])

    def new(
        self,
        path: str,
        verb: Verb,
        *,
        method: str = "POST",
        needs_token: bool = True,
        immune: frozenset[str] = frozenset(),
    ) -> Route:
        async def answer(request: Request) -> Response:
            fault = await self._faults.next(request.url.path, immune)
            if (instead := broken(fault)) is not None:
                return instead
            try:
                if fault in NEW_FAULTS:
                    raise NewNo(*NEW_FAULTS[fault])
                if no := self.guard.why_not(request, path):
                    raise NewNo(no.status, no.name, no.text, no.scope)
                if needs_token:
                    self._check_new_token(request)
                result = verb(_call(request, await _new_body(request), fault))
            except NewNo as no:
                return JSONResponse(_new_error(no), no.status)
            if fault in DONE_ALL_THE_SAME:
                return Response(status_code=504)
            return JSONResponse(disguised(result, fault, OPTIONAL))

        return Route(path, answer, methods=[method])

    def _check_old_token(self, request: Request, body: Mapping[str, Any]) -> None:
        token = request.query_params.get("access_token") or body.get("access_token")
        if not token:
            raise OldNo(40000, "access_token is blank", gateway=True)
        if not self._accepts(str(token), "old"):
            raise OldNo(40014, "不合法的access_token", gateway=True)

    def _check_new_token(self, request: Request) -> None:
        token = request.headers.get(ACCESS_HEADER)
        if not token:
            raise NewNo(400, "AuthenticationFailed.MissingParameter", f"缺少参数：{ACCESS_HEADER}")
        if not self._accepts(token, "new"):
            raise NewNo(400, "InvalidAuthentication", "不合法的access_token")

    def _accepts(self, token: str, server: str) -> bool:
        lent = self._purse.find(token, ACCESS)
        if lent is None or not self._purse.is_alive(lent):
            return False
        return self.one_token_for_both or lent.whose.endswith(server)


async def unknown_old_path(request: Request) -> Response:
    name = request.path_params["path"].replace("/", ".")
    return JSONResponse(
        {
            "errcode": 22,
            "sub_msg": f"不合法ApiName:{name}",
            "errmsg": f"Invalid method[submsg=不合法ApiName:{name}]",
            "request_id": secrets.token_hex(6),
        }
    )


async def unknown_new_path(request: Request) -> Response:
    return JSONResponse({"errcode": 404, "errmsg": "请求的URI地址不存在"})


def mandatory(call: Call, *names: str) -> None:
    """The gateway's own check of the new-style calls, which comes before the business one."""
    for name in names:
        if call.body.get(name) is None:
            raise NewNo(400, f"Missing{name}", f"{name} is mandatory for this action.")


def whole(call: Call, name: str, default: int | None = None) -> int:
    """A number of an old-style call, which may also come as a string."""
    value = call.body.get(name, default)
    if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
        raise OldNo(40035, f"不合法的参数 {name}")
    return int(str(value))


def _call(request: Request, body: Mapping[str, Any], fault: str) -> Call:
    return Call(
        dict(request.query_params),
        request.path_params,
        body,
        dict(request.headers),
        dropped=fault == "dropped",
    )


async def _old_body(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {name: str(value) for name, value in (await request.form()).items()}
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise OldNo(47001, "解析JSON/XML内容错误")
    return body


async def _new_body(request: Request) -> Mapping[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise NewNo(400, "invalidParameter", "请求体不是JSON对象")
    return body


def _old_error(no: OldNo, wrapped: bool) -> dict[str, Any]:
    request_id = secrets.token_hex(6)
    if not (wrapped and no.gateway):
        return {"errcode": no.code, "errmsg": no.text, "request_id": request_id}
    return {
        "errcode": 88,
        "sub_code": str(no.code),
        "sub_msg": no.text,
        "errmsg": f"ding talk error[subcode={no.code},submsg={no.text}]",
        "request_id": request_id,
    }


def _new_error(no: NewNo) -> dict[str, Any]:
    needs = {"accessdenieddetail": {"requiredScopes": [no.scope]}} if no.scope else {}
    return {
        "code": no.code,
        "requestid": secrets.token_hex(16),
        "message": no.text,
        **needs,
    }
