"""Whether an app may call at all, and how often ("钉钉服务端API限流", "调用次数")."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

UNCOUNTED = (  # tokens, sign-in, contacts and roles are free; answers in a conversation are no API
    "/gettoken",
    "/get_jsapi_ticket",
    "/auth/scopes",
    "/topapi/v2/user/",
    "/topapi/v2/department/",
    "/topapi/user/",
    "/topapi/role/",
    "/v1.0/oauth2/",
    "/v1.0/gateway/",
    "/v1.0/contact/",
    "/robot/sendBySession",
)
BUSY = "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了"
DENIED = "Forbidden.AccessDenied."


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway itself says no with: `code` in the old envelope, the others in the new."""

    code: int
    status: int
    name: str
    text: str
    scope: str = ""


class Guard:
    """Everything that can be switched on is off at first: 0, None, or an empty collection.

    `trusted_ips` is the app's list of server addresses; `missing` the permissions that it was not
    given, by a part of the paths that need them; `per_second` its calls of one API, of which the
    standard edition has 20; `left` its calls of the month, of which that has 5 000 for the whole
    company. `counted` is how many of these were made.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lately: dict[str, deque[float]] = defaultdict(deque)
        self.trusted_ips: list[str] = []
        self.missing: dict[str, str] = {}
        self.per_second = 0
        self.left: int | None = None
        self.counted = 0
        self.quota_status = 403  # the documentation does not say

    def why_not(self, request: Request, path: str) -> Refusal | None:
        """Why this call is refused, before anybody looks at it; one that is not is counted."""
        ip = request.client.host if request.client else "?"
        if self.trusted_ips and ip not in self.trusted_ips:
            text = f"访问ip不在白名单之中,request ip={ip}"
            return Refusal(60020, 403, DENIED + "IpNotInWhiteList", text)
        if scope := next((scope for part, scope in self.missing.items() if part in path), ""):
            text = f"应用尚未开通所需的权限：[{scope}]"
            return Refusal(60011, 403, DENIED + "AccessTokenPermissionDenied", text, scope)
        if self.per_second and self._is_too_fast(path):
            return Refusal(90018, 403, DENIED + "QpsLimitForAppkeyAndApi", BUSY)
        if path.startswith(UNCOUNTED):
            return None
        if self.left is not None and self.counted >= self.left:
            name, text = DENIED + "ApiCountLimitForOrg", "本月的API调用次数已用完"
            return Refusal(90020, self.quota_status, name, text)
        self.counted += 1
        return None

    def _is_too_fast(self, path: str) -> bool:
        now, lately = self._clock(), self._lately[path]
        while lately and lately[0] <= now - 1:
            lately.popleft()
        if len(lately) >= self.per_second:
            return True
        lately.append(now)
        return False
