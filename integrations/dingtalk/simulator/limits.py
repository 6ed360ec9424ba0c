"""How often an app may call ("钉钉服务端API限流", "调用次数"): by the second, and by the month."""

from collections import defaultdict, deque
from collections.abc import Callable

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


class Limits:
    """`counted` is how many calls of this month count against the edition's share."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lately: dict[str, deque[float]] = defaultdict(deque)
        self.per_second = 0
        self.left: int | None = None
        self.counted = 0

    def too_fast(self, path: str) -> bool:
        """Whether this is one call too many of this API in this second; it is not counted then."""
        if not self.per_second:
            return False
        now, lately = self._clock(), self._lately[path]
        while lately and lately[0] <= now - 1:
            lately.popleft()
        if len(lately) >= self.per_second:
            return True
        lately.append(now)
        return False

    def used_up(self, path: str) -> bool:
        """Whether the month's share is gone; a call that is allowed is counted."""
        if path.startswith(UNCOUNTED):
            return False
        if self.left is not None and self.counted >= self.left:
            return True
        self.counted += 1
        return False
