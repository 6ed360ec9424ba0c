"""What DingTalk's refusals mean for us: which of the port's errors each code becomes.

Codes from "服务端API错误码" and "钉钉服务端API限流"; the figures are how long a caller should wait.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from field_ops.host.errors import (
    CredentialsRejected,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)

from . import lenient

BANNED = "1111"  # {"status":1111,"wait":5,…}, or an HTML page
BAN_S = 300.0  # more than 10 000 calls in 20 s from one address close every API for five minutes
QUOTA_S = 3600.0  # the monthly quota: look again every hour, an administrator may buy more

TOKEN_OVER = frozenset({"40014", "42001", "InvalidAuthentication"})
BUSY_FOR_S: Mapping[str, float] = {
    "90018": 1.0,  # this app and API, 20 calls a second
    "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi": 1.0,
    "Forbidden.AccessDenied.QpsLimitForApi": 30.0,
    "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi": 60.0,
    "90020": QUOTA_S,
    "Forbidden.AccessDenied.ApiCountLimitForOrg": QUOTA_S,
    "45009": 60.0,
    "send.too.fast": 60.0,
    "toomuch.msg": 60.0,  # 6 000 DINGs a minute
    "todo.taskCreate.flowControlError": 60.0,
    BANNED: BAN_S,
    **{str(code): 30.0 for code in range(90001, 90018)},
}
CREDENTIALS = frozenset(
    {
        "40089",
        "40096",  # wrong app key or secret
        "40056",  # wrong agent id
        "50003",  # the app was switched off
        "60020",  # our address is not in the app's list of server addresses
        "authFailed",
        "invalidClientIdOrSecret",
        "invalid.client",
        "unauthorized.client",
        "Forbidden.AccessDenied.IpNotInWhiteList",
        "invalidParameter.robotCode.auth",  # the robot of another app
    }
)
PERMISSION = frozenset(
    {
        "60011",
        "Forbidden.AccessDenied.AccessTokenPermissionDenied",
        "ding.serverquota.insufficient",  # not the edition, or what was bought is used up
    }
)
LATER = frozenset(
    {
        *("-1", "400001", "system.busy", "systemBusy", "system.error", "server.error"),
        "todo.taskCreate.lockError",
    }
)


class TokenOver(HostUnavailable):
    """The access token is not accepted any more. The client renews it once before it says so."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A code and a text in which DingTalk says no. `sub` codes of the old gateway come first."""

    code: str
    text: str
    needs: str = ""  # missing permissions, for the administrator


def old_complaint(values: Mapping[str, Any]) -> Complaint | None:
    """What is wrong in an answer of oapi.dingtalk.com (HTTP 200 whatever happens), or None."""
    if lenient.text(values, "status") == BANNED:
        return Complaint(BANNED, "this address is banned for five minutes")
    code = lenient.text(values, "errcode")
    if code in ("", "0"):
        return None
    # 88 is the gateway's wrapper, and 15 its time-out; what happened stands in the sub code.
    if code == "88":
        code = lenient.text(values, "sub_code") or code
    return Complaint(code, lenient.text(values, "sub_msg", "errmsg"))


def new_complaint(values: Mapping[str, Any]) -> Complaint:
    """What a non-2xx answer of api.dingtalk.com complains about."""
    if lenient.text(values, "status") == BANNED:
        return Complaint(BANNED, "this address is banned for five minutes")
    scopes = lenient.mapping(values, "accessdenieddetail").get("requiredScopes")
    return Complaint(
        lenient.text(values, "code"),
        lenient.text(values, "message"),
        needs=", ".join(map(str, scopes)) if isinstance(scopes, list) else "",
    )


def failure(complaint: Complaint, status: int, *, changes: bool) -> SendError:
    """The port's error for a complaint. `changes`: the call did something, not only read."""
    code, reason = complaint.code, redacted(complaint.text)
    if complaint.needs:
        reason = f"{reason} (missing permissions: {complaint.needs})"
    if code in TOKEN_OVER or (status == 401 and not code):
        return TokenOver(reason, code=code)
    if wait_s := BUSY_FOR_S.get(code):
        return HostBusy(reason, code=code, retry_after_s=wait_s)
    if status == 429:
        return HostBusy(reason, code=code or "429", retry_after_s=5.0)
    if code in CREDENTIALS:
        return CredentialsRejected(reason, code=code)
    # The gateway gives up after three seconds while the service behind it may still do the work.
    if code in ("15", "88") or status == 504:
        return HostUnavailable(reason, code=code or "504", maybe_done=changes)
    if code in LATER or status >= 500:
        return HostUnavailable(reason, code=code or str(status))
    if code in PERMISSION:
        return PermissionMissing(reason, code=code)
    return HostRefused(reason, code=code or str(status))


def redacted(text: str) -> str:
    """`text` without the tokens, tickets and session ids that DingTalk's messages may repeat."""
    return SECRET.sub(r"\1=***", text)[:500]


SECRET = re.compile(
    r"(access_token|accessToken|appsecret|appSecret|client_secret|ticket|session)[\"']?\s*[=:]\s*[\"']?[^&\s\"',}]+",
    re.IGNORECASE,
)
