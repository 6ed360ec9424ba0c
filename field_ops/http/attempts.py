"""How often one address may fail: a sliding window in the memory of this process."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from ..errors import TooManyRequests

MANY_ADDRESSES = 10_000


class Attempts:
    """At most `limit` attempts that did not succeed in `window`, for each address.

    Successes are given back, because a whole office may sit behind one address.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        limit: int = 30,
        window: timedelta = timedelta(minutes=1),
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._by_address: dict[str, deque[datetime]] = {}

    def begin(self, address: str) -> None:
        """Count an attempt. Raises `TooManyRequests` when the address has used up its share."""
        now = self._clock()
        if len(self._by_address) >= MANY_ADDRESSES:
            self._forget_the_quiet(now)
        attempts = self._by_address.setdefault(address, deque())
        while attempts and now - attempts[0] >= self._window:
            attempts.popleft()
        if len(attempts) >= self._limit:
            wait = self._window - (now - attempts[0])
            raise TooManyRequests(retry_after_s=max(1, round(wait.total_seconds())))
        attempts.append(now)

    def succeeded(self, address: str) -> None:
        """The last attempt was somebody who may come in."""
        attempts = self._by_address.get(address)
        if attempts:
            attempts.pop()

    def _forget_the_quiet(self, now: datetime) -> None:
        self._by_address = {
            address: attempts
            for address, attempts in self._by_address.items()
            if attempts and now - attempts[-1] < self._window
        }
