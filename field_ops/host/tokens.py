"""A value that a host lends us for a while: fetched once for many callers, renewed early."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class LentValue:
    """Caches what `fetch` returns: `(value, lifetime in seconds)`.

    Many callers at once cause one fetch. A failed fetch is raised to those who waited for it and is
    tried again by the next caller. `early_s` is how long before its end a value is renewed.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[str, float]]],
        *,
        early_s: float = 300,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._early_s = early_s
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value = ""
        self._until = 0.0

    async def get(self) -> str:
        if self._value and self._clock() < self._until:
            return self._value
        async with self._lock:
            if self._value and self._clock() < self._until:
                return self._value
            value, lifetime_s = await self._fetch()
            self._value = value
            self._until = self._clock() + max(lifetime_s - self._early_s, lifetime_s / 2)
            return value

    def forget(self, value: str) -> None:
        """Drop `value` because the host refused it. A newer value that another caller fetched
        in the meantime stays."""
        if value == self._value:
            self._until = 0.0
