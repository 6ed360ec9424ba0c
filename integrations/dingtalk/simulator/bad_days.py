"""A bad day in DingTalk's words: what each fault of the sandbox is at its two gateways.

"服务端API错误码", "钉钉服务端API限流"; opensource.dingtalk.com for a gateway that gives up.
"""

import secrets
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from integrations.sandbox.faults import DONE_ALL_THE_SAME

from .guard import BUSY, DENIED

# Faults that say something about a token or about the work done would make no sense at the calls
# that hand out tokens, so these leave them waiting for the next call.
NOT_FOR_TOKENS = frozenset(
    {"token_expired", "token_unknown", "refused", "no_permission", "quota", "dropped"}
    | DONE_ALL_THE_SAME
)
NOT_FOR_SESSIONS = frozenset({"token_expired", "token_unknown", "credentials"})
# What depends on permissions, on the client's age, or on what members have filled in.
OPTIONAL = frozenset(
    {"mobile", "state_code", "email", "org_email", "title", "avatar", "request_id", "order"}
    | {"hide_mobile", "real_authed", "admin", "boss", "senior", "active", "dept_order"}
    | {"dept_order_list", "associated_unionid", "device_id", "sys", "sys_level", "errmsg"}
)

PER_MINUTE = "您的服务器每分钟调用次数超过限制"
EVERYBODY = "当前接口的总调用量超过限制,限制将在1分钟内结束"
NO_SCOPE = "应用尚未开通所需的权限"
NOT_TRUSTED = "访问ip不在白名单之中"
OLD_FAULTS: dict[str, tuple[int, str, bool]] = {  # code, text, whether the gateway says it
    "busy": (90018, BUSY, True),
    "busy_minute": (90005, PER_MINUTE, True),
    "busy_hour": (45009, "接口调用超过限制", True),
    "busy_day": (45009, "接口调用超过限制", True),
    "busy_everywhere": (90002, EVERYBODY, True),
    "quota": (90020, "本月的API调用次数已用完", True),
    "system_busy": (-1, "系统繁忙", False),
    "token_expired": (42001, "access_token超时", True),
    "token_unknown": (40014, "不合法的access_token", True),
    "credentials": (40096, "不合法的appKey或appSecret", False),
    "refused": (33012, "无效的USERID", False),
    "no_permission": (60011, NO_SCOPE, True),
    "untrusted_address": (60020, NOT_TRUSTED, True),
}
NEW_FAULTS: dict[str, tuple[int, str, str]] = {
    "busy": (403, DENIED + "QpsLimitForAppkeyAndApi", BUSY),
    "busy_minute": (403, DENIED + "QpmLimitForAppkeyAndApi", PER_MINUTE),
    "busy_hour": (429, "system.busy", "系统繁忙"),
    "busy_day": (429, "system.busy", "系统繁忙"),
    "busy_everywhere": (403, DENIED + "QpsLimitForApi", EVERYBODY),
    "quota": (403, DENIED + "ApiCountLimitForOrg", "本月的API调用次数已用完"),
    "system_busy": (500, "system.busy", "系统繁忙"),
    "token_expired": (400, "InvalidAuthentication", "不合法的access_token"),
    "token_unknown": (400, "InvalidAuthentication", "不合法的access_token"),
    "credentials": (400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret"),
    "refused": (400, "staffId.notExisted", "员工不存在"),
    "no_permission": (403, DENIED + "AccessTokenPermissionDenied", NO_SCOPE),
    "untrusted_address": (403, DENIED + "IpNotInWhiteList", NOT_TRUSTED),
}
BANNED = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "0"}
BANNED_PAGE = "<!doctype html><html><body>亲，访问被拒绝。</body></html>"


def broken(fault: str) -> Response | None:
    """What comes instead of an answer of the gateway's."""
    if fault == "down":
        return Response(status_code=502)
    if fault == "banned":
        return JSONResponse(BANNED)
    return HTMLResponse(BANNED_PAGE) if fault == "banned_page" else None


def gave_up(with_88: bool) -> dict[str, Any]:
    """The gateway waits for three seconds, whatever becomes of the work."""
    code, sub = (88, "") if with_88 else (15, "isp.top-remote-connection-timeout")
    return {
        "errcode": code,
        "sub_code": sub,
        "errmsg": "Remote service error",
        "request_id": secrets.token_hex(6),
    }
