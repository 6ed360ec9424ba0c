"""How often a company may call one path ("访问频率限制", page 90312), where it is switched on."""

from collections import defaultdict, deque
from collections.abc import Callable

from .answers import Failed
from .switches import Switches

MINUTE_S, HOUR_S = 60, 3600
TICKETS = ("get_jsapi_ticket", "ticket/get")
# Messages have limits of their own, and a valid code of a sign-in costs nothing.
NOT_COUNTED = frozenset({"message/send", "auth/getuserinfo"})


class Limits:
    """Counts the calls that were let through, path by path."""

    def __init__(self, clock: Callable[[], float], switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._lately: defaultdict[str, deque[float]] = defaultdict(deque)

    def count(self, path: str) -> None:
        """Raise `Failed` when the path was called too often within the minute or the hour."""
        a_minute, an_hour = self._switches.calls_a_minute, self._switches.calls_an_hour
        if path in TICKETS and self._switches.tickets_an_hour:
            an_hour = self._switches.tickets_an_hour
        if path in NOT_COUNTED or not (a_minute or an_hour):
            return
        now, lately = self._clock(), self._lately[path]
        while lately and lately[0] <= now - HOUR_S:
            lately.popleft()
        if an_hour and len(lately) >= an_hour:
            raise Failed(45009, "by hour")
        if a_minute and len(lately) >= a_minute and lately[-a_minute] > now - MINUTE_S:
            raise Failed(45009, "by minute")
        lately.append(now)
